using System.Globalization;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail.Waiting;

namespace Postrider.Mail.Alerts;

/// <summary>Mail that waits too long behind a provider that says nothing else is wrong. Where the provider itself needs somebody, that is
/// the cause and is told once; what a person paused waits as it should.</summary>
internal sealed class QueueFindings(ProviderDirectory providers, QueueCounts counts, TimeProvider time, IOptions<AlertOptions> options) : IFindingSource
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var old = time.GetUtcNow() - options.Value.QueueAge;
        return [.. (await counts.LatestAsync(cancellation)).Moving.Where(waiting => waiting.OldestMovingAt <= old)
            .Select(waiting => (Provider: providers.Find(waiting.ProviderId), Oldest: waiting.OldestMovingAt!.Value))
            .Where(waiting => waiting.Provider is { State: ProviderState.Ready or ProviderState.Disabled })
            .Select(waiting => Of(waiting.Provider!, waiting.Oldest))];
    }

    private static Finding Of(Provider provider, DateTimeOffset oldest) => new($"queue:{provider.Id}", FindingKind.QueueAge, FindingSeverity.Warning,
        $"Mail for {provider.DisplayName} waits longer than it should.",
        string.Create(CultureInfo.InvariantCulture, $"The oldest message waits since {oldest.UtcDateTime:yyyy-MM-dd HH:mm} UTC.{(provider.State == ProviderState.Disabled ? " The provider is switched off." : "")}"),
        provider.State == ProviderState.Disabled
            ? $"Switch it on, or cancel what waits:\n    postrider provider enable {provider.Name}"
            : $"See why each message waits, and test the provider:\n    postrider message list --state queued --provider {provider.Name}\n    postrider doctor {provider.Name}\nWhen the provider's pace is the limit, spread the mail over more mailboxes.")
    { ProviderId = provider.Id };
}
