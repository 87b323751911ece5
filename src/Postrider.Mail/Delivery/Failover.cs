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

    /// <summary>So long after its last try is a provider taken to be out still, when nothing waits for it that would try again.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(5);

    /// <summary>Moves what waits for providers that are out, as much as there is time for.</summary>
    public async Task RunAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        foreach (var provider in providers.All)
            if (provider.Failover.Length > 0 && StandIn(provider) is { } other && WhyOut(provider) is { } why)
                await MoveAsync(provider, other, why, until, cancellation);
    }

    /// <summary>Why a provider's mail is given to another at the moment; null when it is not.</summary>
    public string? WhyOut(Provider provider)
    {
        var (now, patience) = (time.GetUtcNow(), options.Value.FailoverAfter);
        if (provider.State == ProviderState.NeedsAttention)
            return provider.StateSince <= now - patience ? $"{provider.DisplayName} needs attention: {provider.StateReason}" : null;
        if (provider.State != ProviderState.Ready || activity.Of(provider.Id) is not { Fault: { } fault } doing)
            return null;
        var isOut = fault.DaySpent ? fault.Until > now || doing.Lanes > 0 : doing.OutFor(now, Believed) >= patience;
        return isOut ? $"{provider.DisplayName} cannot send: {fault.Cause}" : null;
    }

    /// <summary>Why mail for a provider would wait at the moment; null when it would not.</summary>
    public string? WhyWaiting(Provider provider) =>
        provider.State != ProviderState.Ready ? provider.StateReason ?? $"{provider.DisplayName} cannot send now."
        : activity.Of(provider.Id) is { Fault: { } fault } doing && doing.OutFor(time.GetUtcNow(), TimeSpan.Zero) is not null && !(doing.SentElsewhereAt > fault.Since) ? fault.Cause
        : null;

    /// <returns>The first provider down the line that can send; null when there is none.</returns>
    public Provider? StandIn(Provider provider)
    {
        var seen = new HashSet<string> { provider.Id };
        for (var next = providers.Find(provider.Failover); next is not null && seen.Add(next.Id); next = providers.Find(next.Failover))
            if (next.State == ProviderState.Ready && WhyOut(next) is null)
                return next;
        return null;
    }

    private async Task MoveAsync(Provider from, Provider to, string why, DateTimeOffset until, CancellationToken cancellation)
    {
        int moved, total = 0;
        do
            total += moved = await queue.MoveAsync(from.Id, to.Id, to.Limits.MessageBytes, MovedAtOnce, $"{why} It goes through {to.DisplayName} instead.", cancellation);
        while (moved == MovedAtOnce && time.GetUtcNow() < until);
        if (total > 0)
            DeliveryLog.FailedOver(log, total, from.Name, to.Name, why);
    }
}
