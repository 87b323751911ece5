using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail.Delivery;
using Postrider.Mail.Waiting;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Providers that need somebody, or whose server has failed for a while.</summary>
internal sealed class ProviderFindings(ProviderDirectory providers, DeliveryActivity activity, QueueCounts counts, Database database, TimeProvider time, IOptions<AlertOptions> options) : IFindingSource
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var waiting = (await counts.LatestAsync(cancellation)).Moving.Select(provider => provider.ProviderId).ToHashSet();
        return [.. providers.All.Select(provider => Of(provider, waiting.Contains(provider.Id))).OfType<Finding>()];
    }

    // One that nobody tries any more, as another node sends what there is, may long be over.
    private bool IsFailing(ProviderFault fault, ProviderActivity doing) =>
        time.GetUtcNow() - fault.Since >= options.Value.FailingFor && !(doing.SentElsewhereAt > fault.Until + options.Value.FailingFor);

    private Finding? Of(Provider provider, bool mailWaits)
    {
        // That the day's limit is spent is how it is meant to be; how long the mail waits is told all the same.
        if (provider.State == ProviderState.Ready && activity.Of(provider.Id) is { Fault: { DaySpent: false } fault } doing && IsFailing(fault, doing))
            return new Finding($"failing:{provider.Id}", FindingKind.ProviderFailing, FindingSeverity.Error,
                // Another node may well reach what this one does not.
                database.IsShared ? $"No mail gets through to {provider.DisplayName} from the node {Environment.MachineName}." : $"No mail gets through to {provider.DisplayName}.", $"{fault.Cause} It said: {fault.Reply}", fault.Remedy) { ProviderId = provider.Id, Local = true };
        return provider.State switch
        {
            ProviderState.NeedsAttention => new Finding($"provider:{provider.Id}", FindingKind.ProviderAttention, FindingSeverity.Error,
                $"{provider.DisplayName} needs you.", $"{provider.StateReason} Its mail waits; nothing is lost.", provider.Remedy ?? $"postrider doctor {provider.Name}") { ProviderId = provider.Id },
            // Nobody has to be told that a provider just added is not connected yet; when mail waits for it, somebody has.
            ProviderState.NeedsConsent when mailWaits => new Finding($"consent:{provider.Id}", FindingKind.ProviderConsent, FindingSeverity.Error,
                $"{provider.DisplayName} is not connected, and mail waits for it.", provider.StateReason ?? "Nobody has signed in yet.",
                $"{provider.Remedy}\n    postrider provider connect {provider.Name}") { ProviderId = provider.Id },
            _ => null,
        };
    }
}
