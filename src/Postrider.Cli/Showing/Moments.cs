using System.Globalization;

namespace Postrider.Cli;

/// <summary>Moments as people write and read them, in the zone of this machine.</summary>
internal static class Moments
{
    /// <summary>A moment that has passed: a date, a date with time, or a length of time ago: 30m, 2h, 7d.</summary>
    public static DateTimeOffset? Past(string option, string? text, TimeProvider time) => Read(option, text, time, -1, "that long ago");

    /// <summary>A moment to come: a date, a date with time, or a length of time from now.</summary>
    public static DateTimeOffset? Coming(string option, string? text, TimeProvider time) => Read(option, text, time, 1, "that long from now");

    private static DateTimeOffset? Read(string option, string? text, TimeProvider time, int direction, string words)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (Length(text) is { } length)
            return time.GetUtcNow() + direction * length;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            return HasZone(text) ? moment : new DateTimeOffset(moment.DateTime, time.LocalTimeZone.GetUtcOffset(moment.DateTime));
        throw new UsageException($"{option}: '{text}' is no moment. Write 2026-05-01, 2026-05-01T08:30 or 2h (30m, 7d) for {words}.");
    }

    public static string Since(DateTimeOffset moment, TimeProvider time) => (time.GetUtcNow() - moment) switch
    {
        { TotalSeconds: < 0 } => At(moment, time),
        { TotalMinutes: < 1 } ago => $"{ago.TotalSeconds:0} s ago",
        { TotalHours: < 1 } ago => $"{ago.TotalMinutes:0} min ago",
        { TotalDays: < 1 } ago => $"{ago.TotalHours:0} h ago",
        { TotalDays: < 30 } ago => $"{ago.TotalDays:0} d ago",
        _ => Local(moment, time).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    public static string At(DateTimeOffset moment, TimeProvider time) =>
        Local(moment, time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset Local(DateTimeOffset moment, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(moment, time.LocalTimeZone);

    private static bool HasZone(string text) =>
        text.EndsWith('Z') || (text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && text.IndexOfAny(['+', '-'], colon) > 0);

    private static TimeSpan? Length(string text)
    {
        if (!double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || amount > 100_000)
            return null;
        return text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(amount),
            'h' => TimeSpan.FromHours(amount),
            'd' => TimeSpan.FromDays(amount),
            _ => null,
        };
    }
}
