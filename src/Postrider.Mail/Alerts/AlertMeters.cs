using System.Diagnostics.Metrics;

namespace Postrider.Mail.Alerts;

/// <summary>Counters of alerting. The meter's name is documented: collectors subscribe to it.</summary>
internal static class AlertMeters
{
    public const string Name = "Postrider";

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> WebhookAttempts = Meter.CreateCounter<long>("postrider.webhook.attempts", "{attempt}", "Requests to receivers of webhooks");
}
