using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Mail.Alerts;
using Postrider.Server.Console;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Api;

/// <summary>Where the link in an alert leads. Looking at the page uses nothing up, since mail scanners do that too; its one link does, and
/// leads on to the identity platform.</summary>
internal static class ReconnectPage
{
    public static void MapReconnect(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ReconnectLinks.Path + "/{token}", Show).ExcludeFromDescription();
        routes.MapGet(ReconnectLinks.Path + "/{token}/start", Start).ExcludeFromDescription();
    }

    private static async Task<IResult> Show(string token, HttpContext context, ReconnectLinks links, SignInRates rates, CancellationToken cancellation)
    {
        if (!rates.MayGuess(context))
            return Refused(context, TooMany, StatusCodes.Status429TooManyRequests);
        var (provider, why) = await links.FindAsync(token, cancellation);
        return provider is null ? Refused(context, rates, new(why!, ReconnectLinks.Otherwise)) : Write(context, T[$"Connect {provider.DisplayName}"], Body(provider),
            $"<a class=\"first\" rel=\"nofollow\" href=\"{Page.Text(context.Request.PathBase)}{ReconnectLinks.Path}/{Page.Text(token)}/start\">{Page.Text(T[$"Sign in as {provider.UserName}"])}</a>", StatusCodes.Status200OK);
    }

    private static async Task<IResult> Start(string token, HttpContext context, ReconnectLinks links, SignInRates rates, CancellationToken cancellation)
    {
        if (!rates.MayGuess(context))
            return Refused(context, TooMany, StatusCodes.Status429TooManyRequests);
        var started = await links.StartAsync(token, cancellation);
        if (started is not ConsentStart.Started { AuthorizeUrl: var authorize })
            return Refused(context, rates, ((ConsentStart.Refused)started).Why);
        Page.SetHeaders(context.Response.Headers);
        return TypedResults.Redirect(authorize.AbsoluteUri);
    }

    private static string Body(Provider provider) => $"""
        <h1 class="bad"><span aria-hidden="true">▲</span>{Page.Text(T[$"Connect {provider.DisplayName}"])}</h1>
        <p>{Page.Text(T.Told(provider.StateReason) ?? T["Somebody has to sign in as its mailbox again."])}</p>
        <p>{Page.Text(T[$"Sign in as {provider.UserName}. Mail that waits goes out by itself afterwards."])}</p>
        """;

    private static readonly ConsentFailure TooMany = new("Too many links that are not known here came from your address.", "Wait a minute, and open yours again.");

    private static ContentHttpResult Refused(HttpContext context, SignInRates rates, ConsentFailure why)
    {
        if (why.Cause == ReconnectLinks.Unknown)
            rates.Guessed(context);
        return Refused(context, why, StatusCodes.Status400BadRequest);
    }

    private static ContentHttpResult Refused(HttpContext context, ConsentFailure why, int status) => Write(context, T["Not connected"],
        $"<h1 class=\"bad\"><span aria-hidden=\"true\">▲</span>{Page.Text(T.Told(why.Cause))}</h1><p>{Page.Text(T.Told(why.Remedy))}</p>", "", status);

    private static ContentHttpResult Write(HttpContext context, string title, string body, string links, int status)
    {
        Page.SetHeaders(context.Response.Headers);
        return TypedResults.Content(Page.Write(title, body, links), "text/html; charset=utf-8", null, status);
    }
}
