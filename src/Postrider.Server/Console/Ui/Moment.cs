using Microsoft.AspNetCore.Html;
using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>Times and lengths as a person says them.</summary>
internal static class Moment
{
    /// <summary>"3 min ago" or "in 2 h", with the absolute one in the title.</summary>
    public static IHtmlContent Of(DateTimeOffset at, DateTimeOffset now) => new HtmlString(
        $"""<time datetime="{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" title="{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC">{InWords(at, now)}</time>""");

    public static IHtmlContent Of(long milliseconds, DateTimeOffset now) => Of(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), now);

    public static IHtmlContent OrNever(long? milliseconds, DateTimeOffset now) => milliseconds is { } at ? Of(at, now) : new HtmlString(Part.Text(T["never"]));

    public static string InWords(DateTimeOffset at, DateTimeOffset now) =>
        (now - at).Duration() is var length && length < TimeSpan.FromSeconds(5) ? T["now"]
        // German says the days of a length otherwise than those that have passed.
        : length.TotalHours >= 48 ? at <= now ? T["{0:0} days ago", length.TotalDays] : T["in {0:0} days", length.TotalDays]
        : at <= now ? T["{0} ago", Length(length)] : T["in {0}", Length(length)];

    public static string Length(TimeSpan length) => length switch
    {
        { TotalSeconds: < 60 } => T["{0:0} s", length.TotalSeconds],
        { TotalMinutes: < 60 } => T["{0:0} min", length.TotalMinutes],
        { TotalHours: < 48 } => T["{0:0} h", length.TotalHours],
        _ => T["{0:0} days", length.TotalDays],
    };

    public static string Size(long octets) => octets switch
    {
        < 1024 => string.Create(Language.Current.Culture, $"{octets} B"),
        < 1024 * 1024 => string.Create(Language.Current.Culture, $"{octets / 1024.0:0.#} KB"),
        _ => string.Create(Language.Current.Culture, $"{octets / 1024.0 / 1024.0:0.#} MB"),
    };

    public static string Number(long count) => count.ToString("#,0", Language.Current.Culture);
}
