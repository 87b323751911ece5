using Microsoft.Extensions.Options;

namespace Postrider.Mail.Queue;

/// <summary>When a message that could not be delivered is tried again: soon at first, then hourly, with some chance in it so that
/// what failed together does not come back together (RFC 5321 section 4.5.4.1).</summary>
public sealed class RetrySchedule(TimeProvider time, IOptions<MailOptions> options, Random chance)
{
    private const double Jitter = 0.2;

    /// <param name="attempts">How many attempts have failed, this one included.</param>
    public DateTimeOffset After(int attempts)
    {
        var delays = options.Value.RetryDelays is { Count: > 0 } configured ? configured.AsReadOnly() : MailOptions.DefaultRetryDelays;
        var delay = delays[Math.Clamp(attempts - 1, 0, delays.Count - 1)];
        return time.GetUtcNow() + delay * (1 + Jitter * (2 * chance.NextDouble() - 1));
    }
}
