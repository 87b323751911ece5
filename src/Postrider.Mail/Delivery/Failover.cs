using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;

namespace Postrider.Mail.Delivery;

/// <summary>Gives the waiting mail of a provider that cannot send to the one that an administrator named for this case. Mail that comes
/// later is routed as always, and follows while the trouble lasts.</summary>
public sealed class Failover(MessageQueue queue, ProviderDirectory providers, DeliveryActivity activity, IOptions<MailOptions> options, TimeProvider time, ILogger<Failover> log)
{
    private const int MovedAtOnce = 500;

    /// <summary>Moves what waits for providers that are out.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var provider in providers.All)
            if (provider.Failover.Length > 0 && StandIn(provider) is { } other && WhyOut(provider) is { } why)
                await MoveAsync(provider, other, why, cancellation);
    }

    /// <summary>Why a provider's mail is given to another at the moment; null when it is not.</summary>
    public string? WhyOut(Provider provider)
    {
        var longAgo = time.GetUtcNow() - options.Value.FailoverAfter;
        if (provider.State == ProviderState.NeedsAttention)
            return provider.StateSince <= longAgo ? $"{provider.DisplayName} needs attention: {provider.StateReason}" : null;
        if (provider.State != ProviderState.Ready || activity.Of(provider.Id)?.Fault is not { } fault)
            return null;
        return fault.DaySpent || fault.Since <= longAgo ? $"{provider.DisplayName} cannot send: {fault.Cause}" : null;
    }

    /// <returns>The first provider down the line that can send; null when there is none.</returns>
    public Provider? StandIn(Provider provider)
    {
        var seen = new HashSet<string> { provider.Id };
        for (var next = providers.Find(provider.Failover); next is not null && seen.Add(next.Id); next = providers.Find(next.Failover))
            if (next.State == ProviderState.Ready && WhyOut(next) is null)
                return next;
        return null;
    }

    private async Task MoveAsync(Provider from, Provider to, string why, CancellationToken cancellation)
    {
        int moved, total = 0;
        do
            total += moved = await queue.MoveAsync(from.Id, to.Id, to.Limits.MessageBytes, MovedAtOnce, $"{why} It goes through {to.DisplayName} instead.", cancellation);
        while (moved == MovedAtOnce);
        if (total > 0)
            DeliveryLog.FailedOver(log, total, from.Name, to.Name, why);
    }
}
