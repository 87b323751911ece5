using System.Globalization;
using System.Text.RegularExpressions;
using Postrider.Server.Console.Languages;

namespace Postrider.Server.Console.Ui;

/// <summary>The time zone that a person sees times in. The script tells the browser's own in a cookie; without it, and where this machine
/// does not know the zone, times are in UTC and say so.</summary>
internal sealed partial record Zone(TimeZoneInfo Info)
{
    /// <summary>Written by console.js; it holds a name of the tz database, such as <c>Europe/Berlin</c>.</summary>
    public const string Cookie = "postrider-zone";

    /// <summary>The field that tells in which zone the times of a form were typed: the zone of the page that held it.</summary>
    public const string Field = "zone";

    public static readonly Zone Utc = new(TimeZoneInfo.Utc);

    public static Zone Of(HttpRequest request) => Named(request.Cookies[Cookie]);

    // A name becomes a path of the machine's zone files: nothing that leaves their directory is looked up.
    public static Zone Named(string? name) => name is not null && Known().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var info) ? new(info) : Utc;

    public string Name => Info.Id;

    public string Clock(DateTimeOffset at) => Say(at, "HH:mm:ss");

    public string Minute(DateTimeOffset at) => Say(at, Language.Current.Minute);

    public string Day(DateTimeOffset at) => Say(at, Language.Current.Day);

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Info);

    /// <summary>A moment of an address, as a field of the kind <c>datetime-local</c> takes it.</summary>
    public string? InField(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Local(at).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture) : text;

    /// <summary>What was typed into such a field, in UTC, so that the address means the same to everybody. What is no time stays as it is.</summary>
    public static string? Typed(HttpRequest request, string name)
    {
        var text = request.Query[name].ToString().Trim();
        if (text.Length == 0)
            return null;
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var local) || local.Kind != DateTimeKind.Unspecified || local.Year is < 2 or > 9998)
            return text;
        var at = new DateTimeOffset(local, Named(request.Query[Field]).Info.GetUtcOffset(local));
        return at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private string Say(DateTimeOffset at, string format) => Local(at).ToString(format, Language.Current.Culture) + (this == Utc ? " UTC" : "");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$")]
    private static partial Regex Known();
}
