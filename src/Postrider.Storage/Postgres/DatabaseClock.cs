namespace Postrider.Storage.Postgres;

/// <summary>The database's clock, as this node knows it: what it said when it was last asked, and what a clock that nobody sets has
/// counted since then. A machine whose own clock is an hour off neither steals leases nor breaks limits.</summary>
internal sealed class DatabaseClock : TimeProvider
{
    /// <summary>An answer that took longer says too little about now.</summary>
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromMilliseconds(250);

    private sealed record Known(DateTimeOffset At, long Timestamp);

    private volatile Known? known;

    public override DateTimeOffset GetUtcNow() => known is { } last ? last.At + GetElapsedTime(last.Timestamp) : System.GetUtcNow();

    /// <summary>How much later it is here than by the machine's own clock.</summary>
    public TimeSpan AheadOfMachine => GetUtcNow() - System.GetUtcNow();

    /// <param name="asked">Timestamp when the question was sent.</param>
    /// <param name="said">The database's answer.</param>
    public void Learn(long asked, DateTimeOffset said)
    {
        var now = GetTimestamp();
        var took = GetElapsedTime(asked, now);
        if (known is null || took < SlowAnswer)
            known = new Known(said + took / 2, now);
    }
}
