namespace Postrider.Mail.Delivery;

/// <summary>Counts what happened in the last minute, to the second.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock gate = new();
    private readonly int[] counts = new int[Seconds];
    private long newest, last;

    /// <summary>When it was last counted; null when never.</summary>
    public DateTimeOffset? LastAt => Interlocked.Read(ref last) is > 0 and var second ? DateTimeOffset.FromUnixTimeSeconds(second) : null;

    public void Count()
    {
        lock (gate)
        {
            Forget();
            counts[newest % Seconds]++;
            last = newest;
        }
    }

    public int InLastMinute
    {
        get
        {
            lock (gate)
            {
                Forget();
                return counts.Sum();
            }
        }
    }

    private void Forget()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        for (var second = Math.Max(newest + 1, now - Seconds + 1); second <= now; second++)
            counts[second % Seconds] = 0;
        newest = Math.Max(newest, now);
    }
}
