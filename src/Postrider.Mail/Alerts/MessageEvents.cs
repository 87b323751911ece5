using System.Text.Json.Nodes;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Tells of messages that came to their end. Failures always; what was sent only while somebody asks for it, since a row for
/// each message would cost as much as the message.</summary>
internal sealed class MessageEvents(EventFeed feed, WebhookQueue webhooks, ProviderDirectory providers)
{
    private const string Select = """
        select m.id, m.provider_id, m.client_id, m.source, m.state, m.header_id,
               (select count(*) from recipients where message_id = m.id) as recipients,
               (select count(*) from recipients where message_id = m.id and state in ('failed', 'bounced')) as failed
        from messages m where m.id = @id
        """;
    private const string Why = "select reply, cause, remedy from recipients where message_id = @id and state in ('failed', 'bounced') order by number limit 1";

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string ProviderId { get; init; } = "";
        public string? ClientId { get; init; }
        public string Source { get; init; } = "";
        public string State { get; init; } = "";
        public string HeaderId { get; init; } = "";
        public long Recipients { get; init; }
        public long Failed { get; init; }
    }

    private sealed class WhyRow
    {
        public string? Reply { get; init; }
        public string? Cause { get; init; }
        public string? Remedy { get; init; }
    }

    public void Follow(MessageQueue queue, Reports reports) => (queue.Finishing, reports.Following) = (FinishedAsync, ReportedAsync);

    /// <summary>Within the transaction that records a report.</summary>
    private async Task ReportedAsync(DbSession session, string id, string state, StoredReport report)
    {
        var type = state switch { "bounced" => EventType.MessageBounced, "delivered" => EventType.MessageDelivered, _ => null };
        if (type is null || (type == EventType.MessageDelivered && !webhooks.Wanted(type)))
            return;
        var row = await session.SingleAsync<Row>(Select, new { id });
        await feed.AddAsync(session, type, new JsonObject
        {
            ["message"] = id, ["state"] = row.State, ["messageId"] = row.HeaderId, ["provider"] = providers.Find(row.ProviderId)?.Name ?? row.ProviderId, ["source"] = row.Source,
            ["recipient"] = report.Address, ["status"] = report.Status, ["class"] = report.Class, ["reply"] = report.Diagnostic, ["report"] = report.Id,
        }, row.ProviderId, id, null);
    }

    /// <summary>Within the transaction that records the outcome.</summary>
    private async Task FinishedAsync(DbSession session, string id, bool everyoneSent)
    {
        if (everyoneSent && !webhooks.Wanted(EventType.MessageSent))
            return;
        var row = await session.SingleAsync<Row>(Select, new { id });
        var type = row.State switch { "failed" or "bounced" => EventType.MessageFailed, "sent" or "delivered" or "delayed" => EventType.MessageSent, _ => null };
        if (type is null || row.Source == AlertMail.Source || (type == EventType.MessageSent && !webhooks.Wanted(type)))
            return;
        var why = type == EventType.MessageFailed ? await session.FirstOrDefaultAsync<WhyRow>(Why, new { id }) : null;
        await feed.AddAsync(session, type, new JsonObject
        {
            ["message"] = id, ["state"] = row.State, ["messageId"] = row.HeaderId, ["provider"] = providers.Find(row.ProviderId)?.Name ?? row.ProviderId, ["source"] = row.Source,
            ["recipients"] = row.Recipients, ["failed"] = row.Failed > 0 ? row.Failed : null, ["reply"] = why?.Reply, ["cause"] = why?.Cause, ["remedy"] = why?.Remedy,
        }, row.ProviderId, id, null);
    }
}
