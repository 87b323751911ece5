using Postrider.Accounts.Providers;

namespace Postrider.Mail.Delivery;

/// <summary>What happens at one provider at the moment.</summary>
/// <param name="Fault">What holds its mail back.</param>
/// <param name="Lanes">Connections in use or about to be.</param>
/// <param name="Limits">Its limits at the pace that it takes now, which is less than allowed after it said "too fast".</param>
/// <param name="SentInLastMinute">Messages that it answered with 250.</param>
public sealed record ProviderActivity(ProviderFault? Fault, int Lanes, SendingLimits Limits, int SentInLastMinute);

/// <summary>What delivery is doing, for those who ask why a message waits and how long it will.</summary>
public sealed class DeliveryActivity
{
    internal Func<string, ProviderActivity?> Source { get; set; } = _ => null;

    /// <returns>Null when nothing has been sent through it, or tried, since the start.</returns>
    public ProviderActivity? Of(string providerId) => Source(providerId);
}
