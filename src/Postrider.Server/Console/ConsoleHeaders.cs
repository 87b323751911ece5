namespace Postrider.Server.Console;

/// <summary>What every page of the console tells the browser: nothing from elsewhere, nothing inline, in nobody's frame, kept by nobody.</summary>
internal static class ConsoleHeaders
{
    private static readonly string[] Others = ["/api", "/scalar", "/openapi", "/livez", "/readyz", "/assets"];

    /// <summary>What people look at, as opposed to what programs ask for.</summary>
    public static bool IsPage(HttpRequest request) => !Others.Any(other => request.Path.StartsWithSegments(other, StringComparison.OrdinalIgnoreCase));

    /// <param name="formTarget">Another origin that a form may end at: the identity platform's, on pages that start a sign-in.</param>
    public static string Policy(string formTarget = "") => "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        + $"frame-ancestors 'none'; base-uri 'none'; form-action 'self'{(formTarget.Length > 0 ? " " + formTarget : "")}";

    /// <summary>A browser follows a form's redirect only to where the page that holds it allows.</summary>
    public static void AllowFormTo(this HttpResponse response, string url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var target) && target.Scheme is "https" or "http")
            response.Headers.ContentSecurityPolicy = Policy(target!.GetLeftPart(UriPartial.Authority));
    }

    public static IApplicationBuilder UseConsoleHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (IsPage(context.Request))
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy();
            headers["Referrer-Policy"] = "same-origin";
            headers.CacheControl = "no-cache, no-store";
            headers.XFrameOptions = "DENY";
            headers.XContentTypeOptions = "nosniff";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
            if (context.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000";
        }
        return next();
    });
}
