using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Postrider.Server.Console.People;

/// <summary>Reads the session's cookie. It stands for the console's pages alone: the HTTP interface takes keys and no cookies.</summary>
internal sealed class ConsoleAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, Sessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "Console", SessionClaim = "session", ProvedClaim = "proved";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Request) is not { } token)
            return AuthenticateResult.NoResult();
        if (await sessions.FindAsync(token, isSeen: !IsPartial, Context.RequestAborted) is not { } session)
            return AuthenticateResult.Fail("The session has ended.");
        var identity = new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, session.PersonId), new(ClaimTypes.Name, session.Name), new(ClaimTypes.Role, session.Role), new(SessionClaim, session.Id),
            new(ProvedClaim, session.ProvedAt.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ], SchemeName);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var back = HttpMethods.IsGet(Request.Method) && !IsPartial ? $"?next={UrlEncoder.Encode(Request.Path + Request.QueryString)}" : "";
        var target = $"{Request.PathBase}/sign-in{back}";
        if (!IsPartial)
            Response.Redirect(target);
        else
        {
            // A part that refreshes itself leads the whole page to the sign-in.
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            Response.Headers["HX-Redirect"] = target;
        }
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private bool IsPartial => Request.Headers.ContainsKey("HX-Request");
}

/// <summary>The cookie that carries a session. Over https its name says that no other host or path has set it.</summary>
internal static class SessionCookie
{
    private const string Plain = "postrider-session", Secure = "__Host-" + Plain;

    public static string? Read(HttpRequest request) => request.Cookies[IsSecure(request) ? Secure : Plain] is { Length: > 0 } token ? token : null;

    public static void Set(HttpContext context, string token) => context.Response.Cookies.Append(IsSecure(context.Request) ? Secure : Plain, token, Options(context.Request));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(IsSecure(context.Request) ? Secure : Plain, Options(context.Request));

    private static CookieOptions Options(HttpRequest request) =>
        new() { HttpOnly = true, Secure = IsSecure(request), SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };

    // Of a proxy that is not known, the header only ever makes the cookie stricter.
    public static bool IsSecure(HttpRequest request) => request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https";
}
