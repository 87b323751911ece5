using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>The receivers of events: added, changed, tried and removed here. Their secrets are made here too, shown once, and kept sealed.</summary>
public sealed class Webhooks
{
    /// <summary>For so long a secret that was replaced still signs beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    private const int SecretBytes = 32;
    private const string SecretPrefix = "whsec_";

    private const string Insert = """
        insert into webhooks (id, name, url, events, secret, enabled, created_at) values (@id, @name, @url, @events, @secret, 1, @now)
        """;
    private const string Update = """
        update webhooks set name = @Name, url = @url, events = @events, enabled = @Enabled,
            disabled_reason = case when @Enabled = 1 then null else disabled_reason end, failing_since = case when @Enabled = 1 then null else failing_since end
        where id = @Id
        """;
    private const string SelectDeliveries = """
        select * from webhook_deliveries where webhook_id = @id and (@before is null or id < @before) order by id desc limit @limit
        """;
    private const string Again = """
        update webhook_deliveries set state = 'pending', attempts = 0, due_at = @now, error = null where id = @delivery and webhook_id = @id returning *
        """;

    private readonly Database database;
    private readonly TokenVault vault;
    private readonly WebhookQueue queue;
    private readonly TimeProvider time;

    internal Webhooks(Database database, TokenVault vault, WebhookQueue queue, TimeProvider time) =>
        (this.database, this.vault, this.queue, this.time) = (database, vault, queue, time);

    public async Task<IReadOnlyList<Webhook>> ListAsync(CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<WebhookRow>("select * from webhooks order by name"), cancellation)).Select(row => row.ToWebhook())];

    public async Task<Webhook?> FindAsync(string nameOrId, CancellationToken cancellation) =>
        (await database.ReadAsync(session => session.FirstOrDefaultAsync<WebhookRow>("select * from webhooks where name = @nameOrId or id = @nameOrId", new { nameOrId }), cancellation))?.ToWebhook();

    /// <returns>The webhook with its secret, which is not shown again; null when the name is taken.</returns>
    public async Task<(Webhook Webhook, string Secret)?> AddAsync(string name, Uri url, IReadOnlyList<string> events, CancellationToken cancellation)
    {
        var (id, secret, now) = (Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), NewSecret(), time.GetUtcNow());
        var added = await database.WriteAsync(async session =>
        {
            if (await session.FirstOrDefaultAsync<string>("select id from webhooks where name = @name", new { name }) is not null)
                return false;
            await session.ExecuteAsync(Insert, new
            {
                id, name, url = url.AbsoluteUri, events = string.Join(' ', events), secret = vault.Seal(Place(id), secret), now = now.ToUnixTimeMilliseconds(),
            });
            return true;
        }, cancellation);
        await queue.LoadAsync(cancellation);
        return added ? (new Webhook(id, name, url, events, true, null, null, null, now), secret) : null;
    }

    /// <returns>False when the name is taken by another.</returns>
    public async Task<bool> ChangeAsync(Webhook webhook, CancellationToken cancellation)
    {
        var changed = await database.WriteAsync(async session =>
        {
            if (await session.FirstOrDefaultAsync<string>("select id from webhooks where name = @Name and id <> @Id", new { webhook.Name, webhook.Id }) is not null)
                return false;
            await session.ExecuteAsync(Update, new { webhook.Id, webhook.Name, url = webhook.Url.AbsoluteUri, events = string.Join(' ', webhook.Events), webhook.Enabled });
            return true;
        }, cancellation);
        await queue.LoadAsync(cancellation);
        return changed;
    }

    public async Task RemoveAsync(string id, CancellationToken cancellation)
    {
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from webhook_deliveries where webhook_id = @id", new { id });
            await session.ExecuteAsync("delete from webhooks where id = @id", new { id });
        }, cancellation);
        await queue.LoadAsync(cancellation);
    }

    /// <summary>Makes another secret. The old one goes on signing beside it for a day, so that the receiver can change over.</summary>
    public async Task<string> RenewSecretAsync(string id, CancellationToken cancellation)
    {
        var secret = NewSecret();
        await database.WriteAsync(async session =>
        {
            var before = await session.SingleAsync<string>("select secret from webhooks where id = @id", new { id });
            await session.ExecuteAsync("update webhooks set secret = @now, previous_secret = @before, previous_until = @until where id = @id", new
            {
                id, now = vault.Seal(Place(id), secret), before = vault.Seal(PreviousPlace(id), vault.Open(Place(id), before)),
                until = (time.GetUtcNow() + Overlap).ToUnixTimeMilliseconds(),
            });
        }, cancellation);
        return secret;
    }

    /// <summary>Sends an event of type <c>webhook.test</c> now, also to one that is switched off.</summary>
    /// <returns>What came of it; it is not tried again.</returns>
    public Task<WebhookDelivery> TestAsync(Webhook webhook, CancellationToken cancellation) =>
        queue.TryOnceAsync(webhook, EventType.WebhookTest, new JsonObject { ["webhook"] = webhook.Name, ["message"] = "A test. Nothing happened." }, cancellation);

    public async Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(string id, string? before, int limit, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<WebhookDeliveryRow>(SelectDeliveries, new { id, before, limit }), cancellation)).Select(row => row.ToDelivery())];

    /// <summary>Delivers something again, under the same id.</summary>
    /// <returns>Null when there is no such delivery.</returns>
    public async Task<WebhookDelivery?> ReplayAsync(string id, string delivery, CancellationToken cancellation)
    {
        var row = await database.WriteAsync(session => session.FirstOrDefaultAsync<WebhookDeliveryRow>(Again, new { id, delivery, now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation);
        queue.Poke();
        return row?.ToDelivery();
    }

    /// <inheritdoc cref="AddressGuard.Check(Uri)"/>
    public static string? Check(Uri url) => AddressGuard.Check(url);

    internal static SecretPlace Place(string id) => new("webhooks", id, "secret");
    internal static SecretPlace PreviousPlace(string id) => new("webhooks", id, "previous_secret");

    private static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The key within a secret's text.</summary>
    internal static byte[] Key(string secret) => Convert.FromBase64String(secret[SecretPrefix.Length..]);
}
