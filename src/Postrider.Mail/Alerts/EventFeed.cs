using System.Text.Json;
using System.Text.Json.Nodes;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Something that happened.</summary>
/// <param name="Type">One of <see cref="EventType"/>.</param>
/// <param name="Data">What a receiver needs to decide whether to ask for more.</param>
public sealed record FeedEvent(string Id, DateTimeOffset At, string Type, string? ProviderId, string? MessageId, string? IncidentId, JsonObject Data);

public static class EventType
{
    public const string AlertOpened = "alert.opened", AlertReminded = "alert.reminded", AlertRecovered = "alert.recovered",
        MessageFailed = "message.failed", MessageSent = "message.sent", MessageBounced = "message.bounced", MessageDelivered = "message.delivered", WebhookTest = "webhook.test";

    /// <summary>What a webhook can ask for.</summary>
    public static readonly IReadOnlyList<string> All = [AlertOpened, AlertReminded, AlertRecovered, MessageFailed, MessageSent, MessageBounced, MessageDelivered];

    /// <summary>What a webhook that names nothing gets: every sent message is more than most want.</summary>
    public static readonly IReadOnlyList<string> Usual = [AlertOpened, AlertReminded, AlertRecovered, MessageFailed, MessageBounced];
}

/// <summary>What happened, in the order in which it was committed. Whatever is told to the outside begins as a row here.</summary>
public sealed class EventFeed
{
    private const string Insert = """
        insert into feed (id, at, type, provider_id, message_id, incident_id, data, mail_due)
        values (@id, @at, @type, @providerId, @messageId, @incidentId, @data, @mailDue)
        """;
    private const string Select = """
        select id, at, type, provider_id, message_id, incident_id, data from feed
        where (@after is null or id > @after) and (@until is null or at <= @until) and (@type is null or type = @type) and (@provider is null or provider_id = @provider)
        order by id limit @limit
        """;

    private readonly Database database;
    private readonly ProviderDirectory providers;
    private readonly WebhookQueue webhooks;
    private readonly TimeProvider time;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private long last;

    internal EventFeed(Database database, ProviderDirectory providers, WebhookQueue webhooks, TimeProvider time) =>
        (this.database, this.providers, this.webhooks, this.time) = (database, providers, webhooks, time);

    internal sealed class Row
    {
        public string Id { get; init; } = "";
        public long At { get; init; }
        public string Type { get; init; } = "";
        public string? ProviderId { get; init; }
        public string? MessageId { get; init; }
        public string? IncidentId { get; init; }
        public string Data { get; init; } = "";

        public FeedEvent ToEvent() => new(Id, DateTimeOffset.FromUnixTimeMilliseconds(At), Type, ProviderId, MessageId, IncidentId, JsonNode.Parse(Data)!.AsObject());
    }

    /// <param name="after">The id of the last event that is known already; null begins with the oldest kept.</param>
    public async Task<IReadOnlyList<FeedEvent>> ReadAsync(string? after, string? type, string? providerId, int limit, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<Row>(Select, new { after, type, provider = providerId, limit, until = SettledAt }), cancellation)).Select(row => row.ToEvent())];

    // Several nodes commit in an order of their own: what is a few seconds old has none before it to come.
    private long? SettledAt => database.IsShared ? (time.GetUtcNow() - Settling).ToUnixTimeMilliseconds() : null;

    internal Task AddAsync(DbSession session, Incident incident, IncidentTurn turn) => AddAsync(session,
        turn switch { IncidentTurn.Opened => EventType.AlertOpened, IncidentTurn.Reminded => EventType.AlertReminded, _ => EventType.AlertRecovered },
        new JsonObject
        {
            ["alert"] = incident.Id, ["kind"] = incident.Kind, ["severity"] = incident.Severity == FindingSeverity.Error ? "error" : "warning",
            ["provider"] = incident.ProviderId is { } id ? providers.Find(id)?.Name ?? id : null, ["title"] = incident.Title, ["openedAt"] = incident.OpenedAt,
        }, incident.ProviderId, null, incident.Id);

    /// <summary>Adds an event, and what webhooks are to be told of it, to a transaction.</summary>
    internal async Task AddAsync(DbSession session, string type, JsonObject data, string? providerId, string? messageId, string? incidentId)
    {
        var (id, at) = Next();
        foreach (var empty in data.Where(member => member.Value is null).Select(member => member.Key).ToList())
            data.Remove(empty);
        await session.ExecuteAsync(Insert, new { id, at = at.ToUnixTimeMilliseconds(), type, providerId, messageId, incidentId, data = data.ToJsonString(), mailDue = incidentId is null ? 0 : 1 });
        await webhooks.AddAsync(session, id, type, at, data);
    }

    internal Task ForgetAsync(DateTimeOffset before) =>
        database.WriteAsync(session => session.ExecuteAsync("delete from feed where at < @old and mail_due = 0", new { old = before.ToUnixTimeMilliseconds() }));

    // A version 7 UUID is random below the millisecond; ids that a cursor walks along have to ascend there too.
    private (string Id, DateTimeOffset At) Next()
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            last = Math.Max(last + 1, now.ToUnixTimeMilliseconds() << 12);
            return ($"{last >> 12:x12}{last & 0xfff:x3}{Random.Shared.NextInt64() & 0xffff:x4}", now);
        }
    }
}
