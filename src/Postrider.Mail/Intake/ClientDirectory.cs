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

    private FrozenDictionary<string, Entry> byUser = FrozenDictionary<string, Entry>.Empty;

    private sealed record Entry(Client Client, byte[] PasswordHash);

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
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
            LastSeenAt = row.LastSeenAt is { } seen ? DateTimeOffset.FromUnixTimeMilliseconds(seen) : null,
        }, Convert.FromHexString(row.PasswordHash)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Adds a client and makes its password, which is shown this once and kept only as its hash.</summary>
    public async Task<(Client Client, string Password)> AddAsync(Client client, CancellationToken cancellation)
    {
        var password = RandomNumberGenerator.GetString(PasswordLetters, PasswordLength);
        await database.WriteAsync(session => session.ExecuteAsync("""
            insert into clients (id, name, user_name, password_hash, networks, senders, provider_id, enabled, created_at)
            values (@Id, @Name, @UserName, @hash, @networks, @senders, @ProviderId, 1, @created)
            """, new
        {
            client.Id, client.Name, client.UserName, hash = Convert.ToHexStringLower(Hash(password)), client.ProviderId,
            networks = JsonSerializer.Serialize(client.Networks.Select(network => network.ToString())),
            senders = JsonSerializer.Serialize(client.Senders), created = client.CreatedAt.ToUnixTimeMilliseconds(),
        }), cancellation);
        database.Tell(Changes);
        await LoadAsync(cancellation);
        return (client, password);
    }

    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        var removed = await database.WriteAsync(session => session.ExecuteAsync("delete from clients where id = @id", new { id }), cancellation);
        database.Tell(Changes);
        await LoadAsync(cancellation);
        return removed == 1;
    }

    /// <returns>Null when the name is unknown or the password wrong; both take the same time.</returns>
    public Client? Authenticate(string userName, string password)
    {
        var entry = byUser.GetValueOrDefault(userName);
        var right = CryptographicOperations.FixedTimeEquals(Hash(password), entry?.PasswordHash ?? new byte[SHA256.HashSizeInBytes]);
        return right ? entry?.Client : null;
    }

    /// <summary>The client that may send from this address without a password; of several the one whose network is the smallest.</summary>
    public Client? ForAddress(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return byUser.Values.SelectMany(entry => entry.Client.Networks, (entry, network) => (entry.Client, network))
            .Where(pair => pair.network.Contains(plain)).OrderByDescending(pair => pair.network.PrefixLength).Select(pair => pair.Client).FirstOrDefault();
    }

    /// <summary>Notes that a client was here; at most once a minute is written.</summary>
    public async Task SeenAsync(Client client)
    {
        var now = time.GetUtcNow();
        if (client.LastSeenAt is { } seen && now - seen < TimeSpan.FromMinutes(1))
            return;
        await database.WriteAsync(session => session.ExecuteAsync("update clients set last_seen_at = @now where id = @Id",
            new { client.Id, now = now.ToUnixTimeMilliseconds() }));
        await LoadAsync(CancellationToken.None);
    }

    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
