using Ganss.Xss;
using MimeKit;

namespace Postrider.Server.Console.Reading;

/// <summary>A message's HTML made fit to be looked at: no script, no form, nothing fetched from anywhere, no link that leads away. Pictures
/// that came with the message stand in it. The page that shows it adds a frame without rights and a policy of its own; either would do alone.</summary>
internal sealed class SafeHtml
{
    /// <summary>More characters than that are offered as a file only.</summary>
    public const int Longest = 2 * 1024 * 1024;

    private const int MostPictureOctets = 8 * 1024 * 1024;
    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];

    public const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox";

    public string Text { get; }

    /// <summary>How many pictures and other things it would have fetched.</summary>
    public int Blocked { get; }

    private SafeHtml(string text, int blocked) => (Text, Blocked) = (text, blocked);

    public static SafeHtml Of(MimeMessage message)
    {
        var html = message.HtmlBody ?? "";
        var (blocked, budget) = (0, MostPictureOctets);
        var sanitizer = new HtmlSanitizer();
        foreach (var tag in new[] { "form", "input", "button", "select", "option", "optgroup", "textarea", "label", "fieldset", "legend", "datalist", "output", "keygen", "area", "map", "dialog", "menu", "menuitem" })
            sanitizer.AllowedTags.Remove(tag);
        sanitizer.AllowedTags.Add("style");
        foreach (var attribute in new[] { "srcset", "ping", "action", "usemap", "download", "target" })
            sanitizer.AllowedAttributes.Remove(attribute);
        sanitizer.AllowedAtRules.Remove(AngleSharp.Css.Dom.CssRuleType.Import);
        sanitizer.AllowedSchemes.Clear();
        sanitizer.AllowedSchemes.Add("data");
        sanitizer.FilterUrl += (_, url) =>
        {
            var original = url.OriginalUrl.Trim();
            if (url.Tag?.TagName is "A")
            {
                // It leads nowhere from here; where it would lead is told.
                if (original.StartsWith("http", StringComparison.OrdinalIgnoreCase) || original.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
                    url.Tag.SetAttribute("title", original.Length > 300 ? original[..300] : original);
                url.SanitizedUrl = null;
            }
            else if (url.Tag?.TagName is "IMG" && original.StartsWith("cid:", StringComparison.OrdinalIgnoreCase))
                url.SanitizedUrl = Picture(message, original[4..], ref budget);
            else if (url.Tag?.TagName is "IMG" && Pictures.Any(type => original.StartsWith($"data:{type};base64,", StringComparison.OrdinalIgnoreCase)))
                url.SanitizedUrl = original;
            else
            {
                blocked += original.Contains("//", StringComparison.Ordinal) ? 1 : 0;
                url.SanitizedUrl = null;
            }
        };
        return new(sanitizer.Sanitize(html.Length > Longest ? "" : html), blocked);
    }

    /// <summary>The whole document for the frame.</summary>
    public string Document => $"<!doctype html><html lang=\"\"><head><meta charset=\"utf-8\"><title>Preview</title><base target=\"_self\"><style>body{{margin:12px;background:#fff;color:#16202c;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}img{{max-width:100%}}</style></head><body>{Text}</body></html>";

    private static string? Picture(MimeMessage message, string id, ref int budget)
    {
        var part = message.BodyParts.OfType<MimePart>().FirstOrDefault(one => one.ContentId == Uri.UnescapeDataString(id) && Pictures.Contains(one.ContentType.MimeType.ToLowerInvariant()));
        if (part?.Content?.Stream is not { } stream || stream.Length > budget)
            return null;
        using var octets = new MemoryStream();
        part.Content.DecodeTo(octets);
        budget -= (int)octets.Length;
        return $"data:{part.ContentType.MimeType.ToLowerInvariant()};base64,{Convert.ToBase64String(octets.GetBuffer(), 0, (int)octets.Length)}";
    }
}
