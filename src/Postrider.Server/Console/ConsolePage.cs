using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console;

/// <summary>What every page of the console has: the moment, the person, and a notice that survives one redirect.</summary>
internal abstract class ConsolePage : PageModel
{
    private TimeProvider? time;

    public DateTimeOffset Now => (time ??= HttpContext.RequestServices.GetRequiredService<TimeProvider>()).GetUtcNow();

    /// <summary>The zone that the person sees times in.</summary>
    public Zone Zone => Zone.Of(Request);

    public string Actor => User.Identity?.Name ?? "nobody";

    public string PersonId => User.FindFirst(System.Security.Claims.ClaimTypes.NameIdentifier)!.Value;

    /// <summary>What is wrong with what was typed, by the name of the field.</summary>
    public Dictionary<string, string[]> Errors { get; protected set; } = [];

    public string? Error(string member) => Errors.TryGetValue(member, out var texts) ? string.Join(' ', texts.Select(T.Told)) : null;

    public bool May(Right right) => User.May(right);

    /// <summary>What was typed into a field that takes several, with commas, blanks or lines between them.</summary>
    internal static string[] Several(string? text) => (text ?? "").Split([' ', ',', ';', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Shown once, on the page that the person sees next, in their language.</summary>
    protected void Say(string text, bool good = true)
    {
        TempData["notice"] = text;
        TempData["notice-kind"] = good ? "ok" : "bad";
    }

    /// <summary>Hands a secret to the next page, in a cookie that only this server can read; the page that takes it is the only one that shows it.</summary>
    protected void ShowOnce(string id, string secret) => TempData["once:" + id] = secret;

    protected string? TakeOnce(string id) => TempData["once:" + id] as string;

    /// <summary>Back to this page, so that a reload does not act again.</summary>
    protected IActionResult Again() => LocalRedirect(Url.Content("~" + Request.Path + Request.QueryString.RemoveHandler()));

    /// <summary>Where somebody wanted to go, as long as that is within the console.</summary>
    protected IActionResult Onwards(string? next) => next is { Length: > 0 } && Url.IsLocalUrl(next) ? LocalRedirect(next) : LocalRedirect("~/");

    /// <param name="what">Says the whole, such as "There is no such webhook".</param>
    protected IActionResult Missing(string what) => ConsoleErrors.Page(HttpContext, StatusCodes.Status404NotFound, what, T["It may have been removed, or the address is mistyped."]);
}

internal static class ConsoleErrors
{
    public static ContentResult Page(HttpContext context, int status, string title, string text)
    {
        Console.Page.SetHeaders(context.Response.Headers);
        return new ContentResult
        {
            StatusCode = status, ContentType = "text/html; charset=utf-8",
            Content = Console.Page.Write(title, $"<h1 class=\"bad\"><span aria-hidden=\"true\">▲</span>{Console.Page.Text(title)}</h1><p>{Console.Page.Text(text)}</p>", $"<a class=\"first\" href=\"{Console.Page.Text(context.Request.PathBase)}/\">{Console.Page.Text(T["Overview"])}</a>"),
        };
    }

    /// <summary>An answer without a body gets one: a page for a browser, a problem for everybody else.</summary>
    public static async Task StatusAsync(StatusCodeContext context)
    {
        var (http, status) = (context.HttpContext, context.HttpContext.Response.StatusCode);
        if (status == StatusCodes.Status404NotFound && HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.StartsWithSegments("/api")
            && http.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)))
        {
            var page = Page(http, status, T["There is no such page"], T["The address may be mistyped, or what it led to was removed."]);
            http.Response.ContentType = page.ContentType;
            await http.Response.WriteAsync(page.Content!);
        }
        else if (!await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new() { HttpContext = http, ProblemDetails = { Status = status } }))
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync($"{status} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status)}");
        }
    }

    public static QueryString RemoveHandler(this QueryString query)
    {
        var kept = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query.Value).Where(pair => pair.Key != "handler").SelectMany(pair => pair.Value, (pair, value) => new KeyValuePair<string, string?>(pair.Key, value));
        return QueryString.Create(kept);
    }
}
