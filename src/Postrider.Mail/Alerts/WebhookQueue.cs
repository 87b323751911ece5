using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>What is still to be told to receivers, and what came of it. Rows are written with the event that they tell of.</summary>
internal sealed class WebhookQueue(Database database, WebhookPost post, TimeProvider time, IOptions<AlertOptions> options) : IDisposable
{
    /// <summary>RFC 9110 section 15.5.11: the receiver is gone and wants no more.</summary>
    private const int Gone = 410;
    private const int LongestError = 500;
    private static readonly TimeSpan Spare = TimeSpan.FromSeconds(30);

    private const string Insert = """
        insert into webhook_deliveries (id, webhook_id, event_id, type, payload, state, attempts, due_at, created_at)
        values (@id, @webhook, @eventId, @type, @payload, @state, 0, @now, @now)
        """;
    private const string SelectDue = "select * from webhook_deliveries where state = 'pending' and due_at <= @now order by due_at limit 200";
    private const string SelectNext = "select min(due_at) from webhook_deliveries where state = 'pending'";
    // Of several nodes that find it due, one moves it on and delivers it; a process that ends meanwhile leaves it due again.
    private const string Claim = "update webhook_deliveries set due_at = @until where id = @id and due_at = @seen and state = 'pending'";
    private const string Record = """
        update webhook_deliveries set state = @state, attempts = attempts + 1, due_at = @due, status = @status, error = @error, last_at = @now where id = @id
        """;
    private const string Succeeded = "update webhooks set failing_since = null, last_error = null where id = @webhook";
    private const string Failing = "update webhooks set failing_since = coalesce(failing_since, @now), last_error = @error where id = @webhook";
    private const string Disable = "update webhooks set enabled = 0, disabled_reason = @reason where id = @webhook";
    private const string GiveUp = "update webhook_deliveries set state = 'failed', error = @reason where webhook_id = @webhook and state = 'pending'";
    private const string Forget = "delete from webhook_deliveries where state <> 'pending' and created_at < @old";

    private readonly SemaphoreSlim news = new(0, 1);
    private IReadOnlyList<Webhook> receivers = [];

    public IReadOnlyList<Webhook> Receivers => receivers;

    /// <summary>Whether anybody wants events of the type; asked before the work of making one.</summary>
    public bool Wanted(string type) => receivers.Any(receiver => receiver.Wants(type));

    public async Task LoadAsync(CancellationToken cancellation) => receivers = [.. (await database.ReadAsync(
        session => session.QueryAsync<WebhookRow>("select * from webhooks"), cancellation)).Select(row => row.ToWebhook())];

    public async Task AddAsync(DbSession session, string eventId, string type, DateTimeOffset at, JsonObject data)
    {
        foreach (var receiver in receivers.Where(receiver => receiver.Wants(type)))
            await AddAsync(session, receiver.Id, eventId, type, Payload(type, at, data), "pending");
    }

    private async Task<string> AddAsync(DbSession session, string webhook, string eventId, string type, string payload, string state)
    {
        var id = $"msg_{Guid.CreateVersion7(time.GetUtcNow()):N}";
        await session.ExecuteAsync(Insert, new { id, webhook, eventId, type, payload, state, now = Now() });
        Poke();
        return id;
    }

    /// <summary>Says that something may be due. A hint: whoever says it within a transaction is before its commit.</summary>
    public void Poke()
    {
        try
        {
            news.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody has said so already.
        }
    }

    /// <returns>What is due, by receiver.</returns>
    public async Task<ILookup<string, WebhookDeliveryRow>> DueAsync(CancellationToken cancellation)
    {
        var due = await database.ReadAsync(session => session.QueryAsync<WebhookDeliveryRow>(SelectDue, new { now = Now() }), cancellation);
        return due.ToLookup(row => row.WebhookId);
    }

    /// <summary>Waits until something may be due.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        var next = await database.ReadAsync(session => session.FirstOrDefaultAsync<long?>(SelectNext), cancellation);
        var wait = next is { } at ? TimeSpan.FromMilliseconds(Math.Clamp(at - Now(), 50, longest.TotalMilliseconds)) : longest;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(Task.Delay(wait, time, either.Token), news.WaitAsync(either.Token));
        await either.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    public async Task DeliverAsync(WebhookDeliveryRow delivery, CancellationToken cancellation)
    {
        var until = Now() + (long)(options.Value.WebhookTimeout + Spare).TotalMilliseconds;
        if (await database.WriteAsync(session => session.ExecuteAsync(Claim, new { id = delivery.Id, seen = delivery.DueAt, until }), cancellation) == 0)
            return;
        if (receivers.FirstOrDefault(receiver => receiver.Id == delivery.WebhookId) is not { Enabled: true } webhook)
        {
            await RecordAsync(delivery, new(null, "The webhook is switched off."), "failed", null);
            return;
        }
        var answer = await post.SendAsync(webhook, delivery.Id, delivery.Payload, cancellation);
        var delays = options.Value.WebhookDelays is { Count: > 0 } given ? (IReadOnlyList<TimeSpan>)[.. given] : AlertOptions.DefaultWebhookDelays;
        if (answer.Ok)
            await RecordAsync(delivery, answer, "delivered", null);
        else if (answer.Status == Gone || delivery.Attempts >= delays.Count)
            await RecordAsync(delivery, answer, "failed", null);
        else
            await RecordAsync(delivery, answer, "pending", delays[delivery.Attempts] * (1 + 0.1 * Random.Shared.NextDouble()));
    }

    /// <summary>Sends something at once and once.</summary>
    public async Task<WebhookDelivery> TryOnceAsync(Webhook webhook, string type, JsonObject data, CancellationToken cancellation)
    {
        var payload = Payload(type, time.GetUtcNow(), data);
        var id = await database.WriteAsync(session => AddAsync(session, webhook.Id, "", type, payload, "failed"), cancellation);
        var delivery = new WebhookDeliveryRow { Id = id, WebhookId = webhook.Id, Type = type, Payload = payload, CreatedAt = Now() };
        var answer = await post.SendAsync(webhook, id, payload, cancellation);
        await RecordAsync(delivery, answer, answer.Ok ? "delivered" : "failed", null);
        return new WebhookDelivery(id, type, answer.Ok ? "delivered" : "failed", 1, null, answer.Status, answer.Error, DateTimeOffset.FromUnixTimeMilliseconds(delivery.CreatedAt), time.GetUtcNow());
    }

    private async Task RecordAsync(WebhookDeliveryRow delivery, WebhookAnswer answer, string state, TimeSpan? again)
    {
        var (now, webhook) = (Now(), delivery.WebhookId);
        var error = answer.Error is { Length: > LongestError } text ? text[..LongestError] : answer.Error;
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Record, new { id = delivery.Id, state, due = now + (long)(again?.TotalMilliseconds ?? 0), status = answer.Status, error, now });
            await session.ExecuteAsync(answer.Ok ? Succeeded : Failing, new { webhook, now, error });
            if (answer.Status == Gone)
            {
                const string Reason = "The receiver answered 410 Gone: it wants no more. Switch it on again when the address works.";
                await session.ExecuteAsync(Disable, new { webhook, reason = Reason });
                await session.ExecuteAsync(GiveUp, new { webhook, reason = Reason });
            }
            await session.ExecuteAsync(Forget, new { old = now - (long)options.Value.KeepFor.TotalMilliseconds });
        });
        MailMeters.WebhookTried(answer.Ok);
        await LoadAsync(CancellationToken.None);
    }

    private static string Payload(string type, DateTimeOffset at, JsonObject data) =>
        new JsonObject { ["type"] = type, ["timestamp"] = at, ["data"] = data.DeepClone() }.ToJsonString();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose() => news.Dispose();
}
