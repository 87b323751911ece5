namespace Postrider.Mail.Delivery;

/// <summary>What holds back a provider's mail at the moment, for those who ask why a message waits.</summary>
public sealed class ProviderFaults
{
    internal Func<string, ProviderFault?> Source { get; set; } = _ => null;

    public ProviderFault? Of(string providerId) => Source(providerId);
}
