using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postrider.Storage;

namespace Postrider.Mail.Intake;

/// <summary>Who may hand in mail. Kept in memory: a connection asks it at every step, and a credential that is taken away stops
/// working at the next one.</summary>
public sealed class ClientDirectory(Database database, TimeProvider time)
{
    /// <summary>Small letters and digits that no printer's display confuses; a password that began with a dash would be taken for an option.</summary>
    private const string PasswordLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int PasswordLength = 28;   // 140 bits: too many to guess, so a fast hash is enough

    /// <summary>What is told to other nodes.</summary>
    public const string Changes = "clients";

    private static readonly byte[] Nothing = new byte[SHA256.HashSizeInBytes];

    private FrozenDictionary<string, Entry> byUser = FrozenDictionary<string, Entry>.Empty;

    private sealed record Entry(Client Client, byte[] PasswordHash, byte[]? PreviousHash);

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string UserName { get; init; } = "";
        public string PasswordHash { get; init; } = "";
        public string Networks { get; init; } = "";
        public string Senders { get; init; } = "";
        public string? ProviderId { get; init; }
        public long CreatedAt { get; init; }
        public long? LastSeenAt { get; init; }
        public string? PreviousHash { get; init; }
        public long? PreviousUntil { get; init; }
        public long? PreviousUsedAt { get; init; }
        public int MessagesPerDay { get; init; }
        public bool HoldUncertain { get; init; }
    }

    public IEnumerable<Client> All => byUser.Values.Select(entry => entry.Client).OrderBy(client => client.Name, StringComparer.Ordinal);

    public Client? Find(string nameOrId) => All.FirstOrDefault(client => client.Name == nameOrId || client.Id == nameOrId);

    /// <summary>Reads the clients from the database; called once at start.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>("select * from clients where enabled = 1"), cancellation);
        byUser = rows.ToFrozenDictionary(row => row.UserName, row => new Entry(new Client
        {
            Id = row.Id, Name = row.Name, UserName = row.UserName, ProviderId = row.ProviderId,
            Networks = [.. JsonSerializer.Deserialize<string[]>(row.Networks)!.Select(IPNetwork.Parse)],
            Senders = JsonSerializer.Deserialize<string[]>(row.Senders)!,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), LastSeenAt = Moment(row.LastSeenAt),
            PreviousUntil = Moment(row.PreviousUntil), PreviousUsedAt = Moment(row.PreviousUsedAt), MessagesPerDay = row.MessagesPerDay, HoldUncertain = row.HoldUncertain,
        }, Convert.FromHexString(row.PasswordHash), row.PreviousHash is null ? null : Convert.FromHexString(row.PreviousHash)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Adds a client and makes its password, which is shown this once and kept only as its hash.</summary>
    public async Task<(Client Client, string Password)> AddAsync(Client client, CancellationToken cancellation)
    {
        var password = RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
        await database.WriteAsync(session => session.ExecuteAsync("""
            insert into clients (id, name, user_name, password_hash, networks, senders, provider_id, messages_per_day, hold_uncertain, enabled, created_at)
            values (@Id, @Name, @UserName, @hash, @networks, @senders, @ProviderId, @MessagesPerDay, @HoldUncertain, 1, @created)
            """, new
        {
            client.Id, client.Name, client.UserName, hash = Convert.ToHexStringLower(Hash(password)), client.ProviderId, client.MessagesPerDay, client.HoldUncertain,
            networks = Networks(client), senders = JsonSerializer.Serialize(client.Senders), created = client.CreatedAt.ToUnixTimeMilliseconds(),
        }), cancellation);
        await ChangedAsync(cancellation);
        return (client, password);
    }

    /// <summary>Changes what a client may do; its name and passwords stay.</summary>
    public async Task ChangeAsync(Client client, CancellationToken cancellation)
    {
        await database.WriteAsync(session => session.ExecuteAsync("""
            update clients set networks = @networks, senders = @senders, provider_id = @ProviderId, messages_per_day = @MessagesPerDay, hold_uncertain = @HoldUncertain
            where id = @Id
            """, new { client.Id, client.ProviderId, client.MessagesPerDay, client.HoldUncertain, networks = Networks(client), senders = JsonSerializer.Serialize(client.Senders) }), cancellation);
        await ChangedAsync(cancellation);
    }

    /// <summary>Makes another password, which is shown this once. The one before it works beside it for a while, so that devices can be
    /// given the new one in turn; one that was older still ends now.</summary>
    /// <param name="keepOld">How long; zero ends the old one now.</param>
    public async Task<string> RotateAsync(string id, TimeSpan keepOld, CancellationToken cancellation)
    {
        var password = RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
        await database.WriteAsync(session => session.ExecuteAsync("""
            update clients set previous_hash = case when @keep = 1 then password_hash else null end, previous_until = @until, previous_used_at = null, password_hash = @hash where id = @id
            """, new
        {
            id, hash = Convert.ToHexStringLower(Hash(password)), keep = keepOld > TimeSpan.Zero ? 1 : 0,
            until = keepOld > TimeSpan.Zero ? time.GetUtcNow().Add(keepOld).ToUnixTimeMilliseconds() : (long?)null,
        }), cancellation);
        await ChangedAsync(cancellation);
        return password;
    }

    /// <summary>Ends the password before the present one, now.</summary>
    public async Task EndPreviousAsync(string id, CancellationToken cancellation)
    {
        await database.WriteAsync(session => session.ExecuteAsync("update clients set previous_hash = null, previous_until = null, previous_used_at = null where id = @id", new { id }), cancellation);
        await ChangedAsync(cancellation);
    }

    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        var removed = await database.WriteAsync(session => session.ExecuteAsync("delete from clients where id = @id", new { id }), cancellation);
        await ChangedAsync(cancellation);
        return removed == 1;
    }

    /// <returns>Null when the name is unknown or the password wrong; both take the same time.</returns>
    public Client? Authenticate(string userName, string password)
    {
        var entry = byUser.GetValueOrDefault(userName);
        var hash = Hash(password);
        var right = CryptographicOperations.FixedTimeEquals(hash, entry?.PasswordHash ?? Nothing);
        var previous = CryptographicOperations.FixedTimeEquals(hash, entry?.PreviousHash ?? Nothing) && entry?.Client.PreviousUntil > time.GetUtcNow();
        return right ? entry?.Client : previous ? entry!.Client with { UsesPrevious = true } : null;
    }

    /// <summary>The client that may send from this address without a password; of several the one whose network is the smallest.</summary>
    public Client? ForAddress(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return byUser.Values.SelectMany(entry => entry.Client.Networks, (entry, network) => (entry.Client, network))
            .Where(pair => pair.network.Contains(plain)).OrderByDescending(pair => pair.network.PrefixLength).Select(pair => pair.Client).FirstOrDefault();
    }

    /// <summary>Notes that a client was here, and with which password; at most once a minute is written.</summary>
    public async Task SeenAsync(Client client)
    {
        var now = time.GetUtcNow();
        if ((client.UsesPrevious ? client.PreviousUsedAt : client.LastSeenAt) is { } seen && now - seen < TimeSpan.FromMinutes(1))
            return;
        await database.WriteAsync(session => session.ExecuteAsync(client.UsesPrevious
            ? "update clients set last_seen_at = @now, previous_used_at = @now where id = @Id and previous_hash is not null"
            : "update clients set last_seen_at = @now where id = @Id", new { client.Id, now = now.ToUnixTimeMilliseconds() }));
        await LoadAsync(CancellationToken.None);
    }

    private async Task ChangedAsync(CancellationToken cancellation)
    {
        database.Tell(Changes);
        await LoadAsync(cancellation);
    }

    private static string Networks(Client client) => JsonSerializer.Serialize(client.Networks.Select(network => network.ToString()));

    private static DateTimeOffset? Moment(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
