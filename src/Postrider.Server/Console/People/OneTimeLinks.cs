using Postrider.Accounts;
using Postrider.Storage;

namespace Postrider.Server.Console.People;

/// <summary>Links that work once and for a while: to make the first owner, and to set a password.</summary>
internal sealed class OneTimeLinks(Database database, AccountsOptions options, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(60);

    private sealed class Link
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

    public async Task<FoundLink> FindAsync(string token, CancellationToken cancellation)
    {
        var link = await database.ReadAsync(session => session.FirstOrDefaultAsync<Link>("select person_id, expires_at from console_links where token_hash = @hash", new { hash = Token.Hash(token) }), cancellation);
        return link is null ? new FoundLink.Unknown()
            : link.PersonId is null && !await NeedsFirstOwnerAsync(cancellation) ? new FoundLink.OwnerThere()
            : DateTimeOffset.FromUnixTimeMilliseconds(link.ExpiresAt) is var end && end <= time.GetUtcNow() ? new FoundLink.Expired(end)
            : new FoundLink.Open(link.PersonId);
    }

    /// <returns>False when somebody else was faster.</returns>
    public async Task<bool> UseAsync(string token, CancellationToken cancellation) =>
        await database.WriteAsync(session => session.ExecuteAsync("delete from console_links where token_hash = @hash and expires_at > @now",
            new { hash = Token.Hash(token), now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation) == 1;
}

/// <summary>What a one-time link is.</summary>
internal abstract record FoundLink
{
    private FoundLink() { }

    /// <param name="PersonId">Whose password it sets; null: it makes the first owner.</param>
    public sealed record Open(string? PersonId) : FoundLink;

    public sealed record Expired(DateTimeOffset At) : FoundLink;

    /// <summary>It makes the first owner, and there is one.</summary>
    public sealed record OwnerThere : FoundLink;

    /// <summary>It was used, replaced, or never was.</summary>
    public sealed record Unknown : FoundLink;
}
