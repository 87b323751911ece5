using System.Globalization;
using Postrider.Accounts.Watch;

namespace Postrider.Mail.Alerts;

/// <summary>Receivers that do not take what they are told. They are told of it by mail, and by the other receivers.</summary>
internal sealed class WebhookFindings(WebhookQueue webhooks, TimeProvider time) : IFindingSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Finding>>(
        [.. webhooks.Receivers.Select(Of).OfType<Finding>()]);

    private Finding? Of(Webhook webhook)
    {
        var why = webhook.DisabledReason ?? (webhook is { Enabled: true, FailingSince: { } since } && time.GetUtcNow() - since >= Patience
            ? string.Create(CultureInfo.InvariantCulture, $"No delivery has succeeded since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {webhook.LastError}") : null);
        return why is null ? null : new Finding($"webhook:{webhook.Id}", FindingKind.Webhook, FindingSeverity.Warning,
            $"The webhook {webhook.Name} does not arrive.", why,
            $"Mend the receiver at {webhook.Url.GetLeftPart(UriPartial.Path)}, and try it:\n    postrider webhook test {webhook.Name}\nWhat was missed can be sent again: postrider webhook deliveries {webhook.Name}");
    }
}
