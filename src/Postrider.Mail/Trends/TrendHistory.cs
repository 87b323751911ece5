using Postrider.Storage;

namespace Postrider.Mail.Trends;

/// <summary>What happened to mail in each stretch of time. A stretch that is not there was not watched: nothing is known of it, which is
/// not the same as nothing happened.</summary>
public sealed class TrendHistory(Database database)
{
    /// <summary>In the place of a provider: all of them together.</summary>
    public const string All = "";

    /// <summary>How long a stretch is, in minutes; those of each length reach back for <see cref="KeepFiveMinutes"/> and <see cref="KeepHours"/>.</summary>
    public const int FiveMinutes = 5, Hour = 60;

    public static readonly TimeSpan KeepFiveMinutes = TimeSpan.FromHours(25), KeepHours = TimeSpan.FromDays(8);

    private const string Select = "select * from trends where provider_id = @provider and minutes = @minutes and at >= @since order by at";
    private const string SelectTimes = "select at, step, messages from trend_times where provider_id = @provider and minutes = @minutes and at >= @since order by at, step";

    /// <param name="minutes"><see cref="FiveMinutes"/> or <see cref="Hour"/>.</param>
    /// <returns>The oldest first.</returns>
    public Task<IReadOnlyList<Trend>> OfAsync(string provider, int minutes, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<Trend>(Select, new { provider, minutes, since = since.ToUnixTimeMilliseconds() }), cancellation);

    /// <summary>How long the messages took that were sent.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public Task<IReadOnlyList<TrendTime>> TimesAsync(string provider, int minutes, DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<TrendTime>(SelectTimes, new { provider, minutes, since = since.ToUnixTimeMilliseconds() }), cancellation);

    /// <returns>The first millisecond of the stretch that a moment is in.</returns>
    public static long StretchOf(DateTimeOffset moment, int minutes) => StretchOf(moment.ToUnixTimeMilliseconds(), minutes);

    internal static long StretchOf(long moment, int minutes) => moment - moment % (minutes * 60_000L);
}

public sealed class Trend
{
    public long At { get; init; }

    /// <summary>Messages that their provider took for all who were left.</summary>
    public long Sent { get; init; }

    /// <summary>Messages of which a recipient was given up.</summary>
    public long Failed { get; init; }

    /// <summary>Attempts that are made again later.</summary>
    public long Delayed { get; init; }

    /// <summary>The most that waited at a look; what is held or not due yet does not count.</summary>
    public long Waiting { get; init; }

    /// <summary>The longest that one of them had waited, in milliseconds.</summary>
    public long Oldest { get; init; }

    /// <summary>The worst of the stretch.</summary>
    public Health Health { get; init; }
}

/// <summary>Whether mail flows through a provider; the larger, the worse.</summary>
public enum Health
{
    Flows,

    /// <summary>Paused or off: somebody wanted it so.</summary>
    Stopped,

    /// <summary>It does not take mail at the moment, and is tried again by itself.</summary>
    Faulty,

    NeedsSomebody,
}

/// <summary>As many messages took about as long.</summary>
public sealed class TrendTime
{
    private const int Largest = 80;

    public long At { get; init; }
    public int Step { get; init; }
    public long Messages { get; init; }

    internal static int StepOf(TimeSpan took) => took.TotalMilliseconds <= 1 ? 0 : Math.Min(Largest, (int)Math.Round(2 * Math.Log2(took.TotalMilliseconds)));

    private static TimeSpan LengthOf(int step) => TimeSpan.FromMilliseconds(Math.Pow(2, step / 2.0));

    /// <summary>How long the fastest so many in a hundred took at the most, to a fifth of it.</summary>
    /// <returns>Null when there are none.</returns>
    public static TimeSpan? Percentile(IEnumerable<TrendTime> times, int percent)
    {
        var steps = times.GroupBy(time => time.Step).OrderBy(step => step.Key).Select(step => (step.Key, Messages: step.Sum(time => time.Messages))).ToList();
        var (wanted, seen) = (steps.Sum(step => step.Messages) * percent / 100.0, 0L);
        foreach (var (step, messages) in steps)
            if ((seen += messages) >= wanted)
                return LengthOf(step);
        return null;
    }
}
