using Postrider.Accounts;
using Postrider.Storage;

namespace Postrider.Server.Console.People;

/// <summary>Links that work once and for a while: to make the first owner, and to set a password.</summary>
internal sealed class OneTimeLinks(Database database, AccountsOptions options, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(60);

    internal sealed class Link
    {
        public string? PersonId { get; init; }
        public long ExpiresAt { get; init; }
    }

    public async Task<bool> NeedsFirstOwnerAsync(CancellationToken cancellation) =>
        await database.ReadAsync(session => session.SingleAsync<long>("select count(*) from people where role = 'owner' and (password_hash is not null or oidc_subject is not null)"), cancellation) == 0;

    /// <param name="personId">Null: whoever follows it becomes the first owner.</param>
    /// <returns>Its address. A newer link takes the place of the older ones for the same person.</returns>
    public async Task<(Uri Url, DateTimeOffset Until)> MakeAsync(string? personId, CancellationToken cancellation)
    {
        var token = Token.New();
        var until = time.GetUtcNow() + Lifetime;
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from console_links where expires_at <= @now or coalesce(person_id, '') = @id", new { id = personId ?? "", now = time.GetUtcNow().ToUnixTimeMilliseconds() });
            await session.ExecuteAsync("insert into console_links (token_hash, person_id, expires_at) values (@hash, @personId, @until)", new { hash = Token.Hash(token), personId, until = until.ToUnixTimeMilliseconds() });
        }, cancellation);
        return (new Uri(options.PublicUrl.AbsoluteUri.TrimEnd('/') + "/setup/" + token), until);
    }

    /// <returns>Null when it was used, has run out or never was. A link for the first owner ends when there is one.</returns>
    public async Task<Link?> FindAsync(string token, CancellationToken cancellation)
    {
        var link = await database.ReadAsync(session => session.FirstOrDefaultAsync<Link>("select person_id, expires_at from console_links where token_hash = @hash and expires_at > @now",
            new { hash = Token.Hash(token), now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation);
        return link is { PersonId: null } && !await NeedsFirstOwnerAsync(cancellation) ? null : link;
    }

    /// <returns>False when somebody else was faster.</returns>
    public async Task<bool> UseAsync(string token, CancellationToken cancellation) =>
        await database.WriteAsync(session => session.ExecuteAsync("delete from console_links where token_hash = @hash and expires_at > @now",
            new { hash = Token.Hash(token), now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation) == 1;
}
