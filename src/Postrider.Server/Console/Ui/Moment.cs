using System.Globalization;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>Times and lengths as a person says them.</summary>
internal static class Moment
{
    /// <summary>"3 min ago" or "in 2 h", with the absolute one in the title.</summary>
    public static IHtmlContent Of(DateTimeOffset at, DateTimeOffset now) => new HtmlString(
        $"""<time datetime="{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" title="{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC">{InWords(at, now)}</time>""");

    public static IHtmlContent Of(long milliseconds, DateTimeOffset now) => Of(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), now);

    public static IHtmlContent OrNever(long? milliseconds, DateTimeOffset now) => milliseconds is { } at ? Of(at, now) : new HtmlString("never");

    public static string InWords(DateTimeOffset at, DateTimeOffset now) =>
        (now - at).Duration() < TimeSpan.FromSeconds(5) ? "now" : at <= now ? $"{Length(now - at)} ago" : $"in {Length(at - now)}";

    public static string Length(TimeSpan length) => length switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{length.TotalMinutes:0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{length.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{length.TotalDays:0} days"),
    };

    public static string Size(long octets) => octets switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{octets} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1024.0 / 1024.0:0.#} MB"),
    };

    public static string Number(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
