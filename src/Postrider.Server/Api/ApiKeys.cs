using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Postrider.Storage;

namespace Postrider.Server.Api;

/// <summary>Who may use the HTTP interface. A key is <c>pr_id_secret</c>; its secret has 256 bits, so its SHA-256 can be kept instead.</summary>
internal sealed class ApiKeys(Database database, TimeProvider time)
{
    public const string Admin = "admin", Send = "send", Read = "read";
    public static readonly IReadOnlyList<string> Scopes = [Admin, Send, Read];

    /// <summary>The first key's name; its text is in the data directory.</summary>
    public const string FirstName = "admin.key";

    /// <summary>What is told to other nodes.</summary>
    public const string Changes = "keys";

    private FrozenDictionary<string, ApiKey> byId = FrozenDictionary<string, ApiKey>.Empty;

    internal sealed class ApiKey
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string SecretHash { get; init; } = "";
        public string Scopes { get; init; } = "";
        public long CreatedAt { get; init; }
        public long? ExpiresAt { get; init; }
        public long? LastUsedAt { get; set; }
        public long? RevokedAt { get; init; }

        public bool May(string scope) => Scopes.Split(' ') is var granted && (granted.Contains(scope) || granted.Contains(Admin));
    }

    public IEnumerable<ApiKey> All => byId.Values.OrderBy(key => key.CreatedAt);

    public async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<ApiKey>("select * from api_keys"), cancellation);
        byId = rows.ToFrozenDictionary(row => row.Id);
    }

    /// <summary>Makes the first key of an installation and leaves it in <paramref name="file"/>, readable by its owner alone.</summary>
    public async Task EnsureFirstAsync(string file, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (File.Exists(file) && Find((await File.ReadAllTextAsync(file, cancellation)).Trim()) is not null)
            return;
        // Nodes that join later have no first key of their own: the one that made the installation has left it where it started.
        if (database.IsShared && !await database.WriteAsync(async session =>
            {
                await session.LockAsync(FirstName);
                return await session.ExecuteAsync("insert into installation (name, value) values (@FirstName, @file) on conflict (name) do nothing", new { FirstName, file = Path.GetFileName(file) }) == 1;
            }, cancellation) && byId.Values.Any(key => key.RevokedAt is null && key.May(Admin)))
            return;
        var (_, key) = await AddAsync(FirstName, [Admin], null, cancellation);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(file, Encoding.ASCII, options);
        await writer.WriteLineAsync(key);
    }

    public async Task<(ApiKey Row, string Key)> AddAsync(string name, IReadOnlyList<string> scopes, DateTimeOffset? expires, CancellationToken cancellation)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var row = new ApiKey
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), Name = name, SecretHash = Hash(secret), Scopes = string.Join(' ', scopes),
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(), ExpiresAt = expires?.ToUnixTimeMilliseconds(),
        };
        await database.WriteAsync(session => session.ExecuteAsync("""
            insert into api_keys (id, name, secret_hash, scopes, created_at, expires_at) values (@Id, @Name, @SecretHash, @Scopes, @CreatedAt, @ExpiresAt)
            """, row), cancellation);
        database.Tell(Changes);
        await LoadAsync(cancellation);
        return (row, $"pr_{row.Id}_{secret}");
    }

    public async Task<bool> RevokeAsync(string id, CancellationToken cancellation)
    {
        var revoked = await database.WriteAsync(session => session.ExecuteAsync(
            "update api_keys set revoked_at = @now where id = @id and revoked_at is null", new { id, now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation);
        database.Tell(Changes);
        await LoadAsync(cancellation);
        return revoked == 1;
    }

    /// <returns>Null when the key is unknown, wrong, revoked or expired.</returns>
    public ApiKey? Find(string key)
    {
        if (key.Split('_') is not ["pr", var id, var secret])
            return null;
        var row = byId.GetValueOrDefault(id);
        var right = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(secret)), Encoding.ASCII.GetBytes(row?.SecretHash ?? new string('0', 64)));
        return right && row is { RevokedAt: null } && !(row.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds()) ? row : null;
    }

    /// <summary>Notes that a key was used; written at most once a minute.</summary>
    public async Task UsedAsync(ApiKey key)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (key.LastUsedAt is { } last && now - last < 60_000)
            return;
        key.LastUsedAt = now;
        await database.WriteAsync(session => session.ExecuteAsync("update api_keys set last_used_at = @now where id = @Id", new { key.Id, now }));
    }

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
