using System.Security.Claims;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console.Auditing;

/// <summary>The one place where acts are written down: every request that may change something and succeeded, whichever door it came
/// through. What an act adds to its row, it notes with <see cref="Note"/>.</summary>
internal static class AuditTrail
{
    private static readonly object Key = new();

    private sealed record Noted(string? Actor, string Action, string Target, string Detail);

    /// <summary>Names the act of this request in the words of the log. A look at a body is noted as well, though it changes nothing.</summary>
    public static void Note(this HttpContext context, string action, string target, string detail = "", string? actor = null) =>
        context.Items[Key] = new Noted(actor, action, target, detail);

    /// <summary>Names the acts of an address of the interface, whose target stands in its path.</summary>
    public static RouteHandlerBuilder Audited(this RouteHandlerBuilder route, string action) => route.WithMetadata(new AuditedAs(action));

    private sealed record AuditedAs(string Action);

    /// <summary>Says that this request changes nothing, though it is sent like one that does.</summary>
    public static void NoteNothing(this HttpContext context) => context.Items[Key] = Nothing;

    private static readonly object Nothing = new();

    public static IApplicationBuilder UseAuditTrail(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next();
        var noted = context.Items[Key] as Noted;
        // Mail that is handed in has its own history.
        var isChange = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && context.Response.StatusCode < 400
            && context.User.Identity?.IsAuthenticated == true && !(context.Request.Path == "/api/v1/messages" && HttpMethods.IsPost(context.Request.Method));
        // What was refused was not done; only a sign-in is written down either way, and names its actor.
        if (context.Items[Key] == Nothing || (noted is null ? !isChange : noted.Actor is null && context.Response.StatusCode >= 400))
            return;
        var console = context.User.Identity?.AuthenticationType == ConsoleAuthentication.SchemeName || !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);
        await context.RequestServices.GetRequiredService<AuditLog>().WriteAsync(
            noted?.Actor ?? context.User.FindFirstValue(ClaimTypes.Name) ?? "nobody", console ? "console" : "api",
            noted?.Action ?? context.GetEndpoint()?.Metadata.GetMetadata<AuditedAs>()?.Action ?? $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path}",
            noted?.Target ?? string.Join(" ", context.Request.RouteValues.Where(value => value.Key is not ("page" or "handler" or "token")).Select(value => value.Value)),
            noted?.Detail ?? "", context.Connection.RemoteIpAddress?.ToString() ?? "");
    });
}
