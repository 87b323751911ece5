namespace Postrider.Mail.Delivery;

/// <summary>When the next message may leave, so that no sliding minute holds more than the limit and a long queue leaves evenly:
/// a few messages go at once, those behind them one after another. All times are milliseconds.</summary>
internal static class PaceRule
{
    public const long Minute = 60_000, Day = 24 * 60 * Minute;

    /// <summary>A message arrives later than it was permitted, and not always by as much: the window is held longer. With less, a busy machine
    /// let a thirty-first arrive within a minute.</summary>
    public const long Slack = 2_000;

    /// <summary>How much of a minute's limit may leave without a pause between two messages.</summary>
    private const int QuickShare = 4;

    /// <param name="sent">When the messages of the last minute were permitted, the oldest first.</param>
    /// <param name="perMinute">Zero: no limit.</param>
    /// <returns>The moment; not after <paramref name="now"/> when it may leave at once.</returns>
    public static long Next(IReadOnlyList<long> sent, int perMinute, long now)
    {
        if (perMinute <= 0 || sent.Count == 0)
            return now;
        var next = now;
        if (sent.Count >= perMinute)
            next = Math.Max(next, sent[^perMinute] + Minute + Slack);
        if (sent.Count >= Math.Max(1, perMinute / QuickShare))
            next = Math.Max(next, sent[^1] + Minute / perMinute);
        return next;
    }

    /// <param name="minutes">What was sent in the minutes of the last day, the oldest first.</param>
    /// <param name="perDay">Recipients in any 24 hours; zero: no limit.</param>
    /// <returns>When there is room for so many more recipients; not after <paramref name="now"/> when there is now.</returns>
    public static long Room(IReadOnlyList<SentMinute> minutes, int perDay, int recipients, long now)
    {
        if (perDay <= 0)
            return now;
        // What is larger than a whole day's limit goes out alone; the provider will say what it thinks of it.
        var over = minutes.Sum(minute => minute.Recipients) + Math.Min(recipients, perDay) - perDay;
        var room = now;
        foreach (var minute in minutes)
        {
            if (over <= 0)
                break;
            over -= minute.Recipients;
            room = minute.Minute + Minute + Day;
        }
        return room;
    }
}

internal sealed class SentMinute
{
    public long Minute { get; init; }
    public long Recipients { get; init; }
}
