using Postrider.Accounts.Providers;

namespace Postrider.Mail.Delivery;

/// <summary>What happens at one provider at the moment, on all nodes.</summary>
/// <param name="Fault">What holds its mail back on this one.</param>
/// <param name="Lanes">Connections in use or about to be.</param>
/// <param name="Limits">Its limits at the pace that it takes now, which is less than allowed after it said "too fast".</param>
/// <param name="SentInLastMinute">Messages that it answered with 250.</param>
public sealed record ProviderActivity(ProviderFault? Fault, int Lanes, SendingLimits Limits, int SentInLastMinute)
{
    /// <summary>When this node last sent through it; null when it has not since its start.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When another node last did, as far as it has told.</summary>
    public DateTimeOffset? SentElsewhereAt { get; init; }

    /// <summary>How long no mail has gone through, by whatever node, because of what holds it back here.</summary>
    /// <param name="patience">So long after its last try a fault is believed, when nobody tries again because nothing waits.</param>
    /// <returns>Null when nothing is known to hold it back.</returns>
    public TimeSpan? OutFor(DateTimeOffset now, TimeSpan patience) =>
        Fault is not { } fault || (Lanes == 0 && now >= fault.Until + patience) ? null
        : now - (SentElsewhereAt > fault.Since ? SentElsewhereAt.Value : fault.Since);
}

/// <summary>What delivery is doing, for those who ask why a message waits and how long it will.</summary>
public sealed class DeliveryActivity
{
    internal Func<string, ProviderActivity?> Source { get; set; } = _ => null;

    /// <returns>Null when nothing has been sent through it, or tried, since the start.</returns>
    public ProviderActivity? Of(string providerId) => Source(providerId);
}
