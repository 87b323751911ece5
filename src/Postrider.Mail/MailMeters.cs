using System.Diagnostics.Metrics;
using Postrider.Accounts;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;

namespace Postrider.Mail;

/// <summary>What happens to mail, as numbers. Labels are names of providers and codes, never addresses: a collector keeps one series for each
/// value.</summary>
internal static class MailMeters
{
    private static readonly Meter Meter = new(AccountsMeters.MeterName);

    private static readonly Counter<long> MessagesAccepted = Meter.CreateCounter<long>("postrider.message.accepted", "{message}", "Messages on disk");
    private static readonly Counter<long> MessagesRejected = Meter.CreateCounter<long>("postrider.message.rejected", "{message}", "Messages that were not taken");
    private static readonly Counter<long> DeliveryAttempts = Meter.CreateCounter<long>("postrider.delivery.attempts", "{attempt}", "Attempts to send a message");
    private static readonly Histogram<double> DeliveryDuration = Meter.CreateHistogram<double>("postrider.delivery.duration", "s", "From the first command of an attempt to its outcome");
    private static readonly Histogram<double> MessageLatency = Meter.CreateHistogram<double>("postrider.message.latency", "s", "From acceptance to the provider's 250",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400] });
    private static readonly Histogram<double> RateLimitWait = Meter.CreateHistogram<double>("postrider.ratelimit.wait", "s", "Waited for the pace of a provider",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    private static readonly Counter<long> LeasesLost = Meter.CreateCounter<long>("postrider.lease.lost", "{lease}", "Claims that ended before their message was sent");
    private static readonly Counter<long> DuplicatesSuspected = Meter.CreateCounter<long>("postrider.duplicate.suspected", "{message}", "Messages that may have been sent and are sent again");
    private static readonly Counter<long> BouncesReceived = Meter.CreateCounter<long>("postrider.bounce.received", "{report}", "Recipients that a provider reported as not reached");
    private static readonly Counter<long> WebhookAttempts = Meter.CreateCounter<long>("postrider.webhook.attempts", "{attempt}", "Requests to receivers of webhooks");

    public static void HandedIn(string source, IntakeResult result)
    {
        if (result is IntakeResult.Refused refused)
            MessagesRejected.Add(1, new KeyValuePair<string, object?>("reason", refused.Why.Enhanced));
        else if (result is IntakeResult.Accepted { Repeated: false })
            MessagesAccepted.Add(1, new KeyValuePair<string, object?>("source", source));
    }

    public static void Attempted(string provider, ClaimedMessage message, AttemptOutcome outcome, DateTimeOffset now)
    {
        var code = outcome.Reply is [>= '2' and <= '5' and var digit, >= '0' and <= '9', >= '0' and <= '9', ..] ? $"{digit}xx" : "none";
        DeliveryAttempts.Add(1, new("connection", provider), new("outcome", outcome.Summary), new KeyValuePair<string, object?>("smtp.code_class", code));
        DeliveryDuration.Record((now - outcome.StartedAt).TotalSeconds, new KeyValuePair<string, object?>("connection", provider));
        if (outcome.Summary == "sent")
            MessageLatency.Record((now - message.AcceptedAt).TotalSeconds, new KeyValuePair<string, object?>("connection", provider));
        if (outcome.Recipients.Any(recipient => recipient.Kind == OutcomeKind.Uncertain))
            DuplicatesSuspected.Add(1, new KeyValuePair<string, object?>("connection", provider));
    }

    public static void Paced(string provider, TimeSpan waited) => RateLimitWait.Record(waited.TotalSeconds, new KeyValuePair<string, object?>("connection", provider));

    public static void LeaseLost(string provider) => LeasesLost.Add(1, new KeyValuePair<string, object?>("connection", provider));

    public static void Returned(string kind, string? about)
    {
        if (kind == "bounce")
            BouncesReceived.Add(1, new KeyValuePair<string, object?>("class", about));
    }

    public static void WebhookTried(bool delivered) => WebhookAttempts.Add(1, new KeyValuePair<string, object?>("result", delivered ? "delivered" : "failed"));
}
