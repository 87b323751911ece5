namespace Postrider.Mail.Delivery;

/// <summary>Holds the number of messages in any sliding minute to the provider's limit: a message leaves when the one that lies
/// that many before it left a minute ago.</summary>
internal sealed class Pacer(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly Queue<DateTimeOffset> sent = new();

    /// <summary>Waits for the next free place and takes it.</summary>
    /// <param name="perMinute">Zero: no limit.</param>
    /// <returns>The moment that counts for the place.</returns>
    public async Task<DateTimeOffset> TakeAsync(int perMinute, CancellationToken cancellation)
    {
        if (perMinute <= 0)
            return time.GetUtcNow();
        while (true)
        {
            if (Wait(perMinute, out var taken) is not { } wait)
                return taken;
            await Task.Delay(wait, time, cancellation);
        }
    }

    private TimeSpan? Wait(int perMinute, out DateTimeOffset now)
    {
        lock (gate)
        {
            now = time.GetUtcNow();
            while (sent.Count > 0 && sent.Peek() + Window <= now)
                sent.Dequeue();
            if (sent.Count >= perMinute)
                return sent.Peek() + Window - now + TimeSpan.FromMilliseconds(1);
            sent.Enqueue(now);
            return null;
        }
    }
}
