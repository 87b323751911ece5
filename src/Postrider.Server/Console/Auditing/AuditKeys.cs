using System.Security.Cryptography;
using Postrider.Accounts;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Server.Console.Auditing;

/// <summary>The keys of the audit's chain, sealed with the key ring: whoever can write to the database alone cannot make rows that hold.
/// All nodes use the youngest that opens.</summary>
internal sealed class AuditKeys(Database database, TokenVault vault, AccountsOptions options, TimeProvider time)
{
    public sealed record Key(string Id, byte[] Secret);

    private const string Select = "select id, secret from audit_keys order by created_at desc, id desc";
    private const string Insert = "insert into audit_keys (id, secret, created_at) values (@id, @secret, @now)";
    private const string Lose = "update audit_keys set secret = null";

    private Key? current;

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string? Secret { get; init; }
    }

    /// <summary>The key that new rows are tied with; the first who asks makes it.</summary>
    public async Task<Key> CurrentAsync(CancellationToken cancellation) => current ??= await AllAsync(cancellation) is [var youngest, ..] ? youngest : await MakeAsync(cancellation);

    /// <summary>All that open, the youngest first.</summary>
    public async Task<IReadOnlyList<Key>> AllAsync(CancellationToken cancellation) => Open(await RowsAsync(cancellation));

    /// <summary>The ids of those that are known to have been there and do not open any more.</summary>
    public async Task<IReadOnlySet<string>> LostAsync(CancellationToken cancellation)
    {
        var rows = await RowsAsync(cancellation);
        return rows.Select(row => row.Id).Except(Open(rows).Select(key => key.Id)).ToHashSet();
    }

    private Task<IReadOnlyList<Row>> RowsAsync(CancellationToken cancellation) => database.ReadAsync(session => session.QueryAsync<Row>(Select), cancellation);

    private async Task<Key> MakeAsync(CancellationToken cancellation)
    {
        var made = new Key(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), RandomNumberGenerator.GetBytes(32));
        var secret = vault.Seal(Place(made.Id), Convert.ToBase64String(made.Secret));
        var first = await database.WriteAsync(async session =>
        {
            await session.LockAsync("audit key");
            if (Open(await session.QueryAsync<Row>(Select)).Count > 0)
                return false;
            // Whoever starts without a lost ring has said that its secrets are not coming back.
            if (options.KeyRing.StartWithoutLostKeys)
                await session.ExecuteAsync(Lose);
            await session.ExecuteAsync(Insert, new { id = made.Id, secret, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
            return true;
        }, cancellation);
        return first ? made : (await AllAsync(cancellation))[0];
    }

    private List<Key> Open(IReadOnlyList<Row> rows)
    {
        var opened = new List<Key>();
        foreach (var row in rows.Where(row => row.Secret is not null))
            try
            {
                opened.Add(new Key(row.Id, Convert.FromBase64String(vault.Open(Place(row.Id), row.Secret!))));
            }
            catch (TokenVaultException)
            {
                // Its rows cannot be judged; the chain says so.
            }
        return opened;
    }

    private static SecretPlace Place(string id) => new("audit_keys", id, "secret");
}
