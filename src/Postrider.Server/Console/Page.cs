using System.Security.Cryptography;
using System.Text;

namespace Postrider.Server.Console;

/// <summary>A page by itself: one self-contained document, without script. Its only style is the one below, allowed by its hash.</summary>
internal static class Page
{
    private const string Style = """
        :root{color-scheme:light dark;--ground:#f6f7f9;--surface:#fff;--sunken:#eef1f4;--text:#16202c;--muted:#526170;--accent:#1d5fbf;--on:#fff;--ok:#19764a;--warn:#8a5300;--bad:#b3261e;--line:#d5dbe1}
        @media(prefers-color-scheme:dark){:root{--ground:#0f141a;--surface:#171e27;--sunken:#0b1015;--text:#e7ecf2;--muted:#9db0c2;--accent:#86b6ff;--on:#0f141a;--ok:#5fd39a;--warn:#f2b755;--bad:#ff9289;--line:#2a3542}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif}
        main{width:100%;max-width:640px;background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:32px;overflow-wrap:anywhere}
        .brand{margin:0 0 24px;color:var(--muted)}
        h1{margin:0 0 16px;font-size:22px;line-height:1.3}
        h1 span{margin-inline-end:8px}
        .ok span{color:var(--ok)}.bad span{color:var(--bad)}
        h2{margin:24px 0 4px;font-size:15px;color:var(--muted)}
        p{margin:0 0 8px}
        .note{border-inline-start:3px solid var(--warn);padding-inline-start:12px;margin-top:16px}
        pre{margin:4px 0 0;padding:12px;background:var(--sunken);border-radius:6px;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        nav{margin-top:32px;display:flex;flex-wrap:wrap;gap:12px}
        a{display:inline-block;padding:8px 16px;border-radius:6px;color:var(--accent);border:1px solid currentColor;text-decoration:none}
        a.first{background:var(--accent);color:var(--on);border-color:var(--accent)}
        a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        @media(max-width:480px){main{padding:24px 16px}nav a{width:100%;text-align:center}}
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>An address may hold a code: nothing on the page may carry it on, and nobody keeps it.</summary>
    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    /// <param name="body">HTML; what is not ours in it has gone through <see cref="Text"/>.</param>
    /// <param name="links">HTML of the links below.</param>
    public static string Write(string title, string body, string links) => $"""
        <!doctype html>
        <html lang="{Languages.Language.Current.Code}">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>{Text(title)} · Postrider</title><style>{Style}</style></head>
        <body><main><p class="brand">Postrider</p>{body}<nav>{links}</nav></main></body>
        </html>
        """;

    public static string Text(string text) => Ui.Part.Text(text);
}
