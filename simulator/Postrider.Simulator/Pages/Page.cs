using System.Security.Cryptography;

namespace Postrider.Simulator;

/// <summary>The frame around every page.</summary>
internal static class Page
{
    public static IResult Show(string title, Html body, int status = 200, int refreshSeconds = 0, bool wide = false) =>
        Results.Content(Render(title, body, refreshSeconds, wide), "text/html; charset=utf-8", statusCode: status);

    private static string Render(string title, Html body, int refreshSeconds, bool wide) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        {(refreshSeconds > 0 ? Html.Of($"<meta http-equiv=\"refresh\" content=\"{refreshSeconds}\">\n") : Html.None)}<title>{title}</title>
        <link rel="stylesheet" href="/simulator.css">
        </head>
        <body>
        <header><a href="/">Postrider simulator</a> <span>pretends to be an identity platform and a mail provider; no password is ever asked</span></header>
        <main{(wide ? new Html(" class=\"wide\"") : Html.None)}>
        {body}
        </main>
        </body>
        </html>
        """).Value;
}

/// <summary>Headers for every answer, and the one place where the content security policy is written.</summary>
internal static class PageSecurity
{
    private const string NonceKey = "nonce";
    private const string FormTargetKey = "form-target";

    public static Task Apply(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            var script = context.Items[NonceKey] is string nonce ? $" script-src 'nonce-{nonce}';" : "";
            // Browsers apply form-action to the redirect after a form as well, so the application's address has to be in it.
            var target = context.Items[FormTargetKey] is string origin ? $" {origin}" : "";
            headers.ContentSecurityPolicy =
                $"default-src 'none'; style-src 'self';{script} form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'";
            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>Lets the page run the one script that carries the returned nonce.</summary>
    public static string AllowOneScript(HttpContext context)
    {
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        return nonce;
    }

    /// <summary>Lets forms on the page end at the application that asked. The address must have been checked before.</summary>
    public static void AllowFormTarget(HttpContext context, string redirectUri) =>
        context.Items[FormTargetKey] = new Uri(redirectUri).GetLeftPart(UriPartial.Authority);
}
