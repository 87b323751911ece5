using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Watch;

/// <summary>The moments in the life of a provider's tokens, as far as they are known.</summary>
/// <param name="SignedInAt">Since when the grant lives.</param>
/// <param name="RenewsAt">From then on the access token is renewed, where it is used.</param>
/// <param name="IdleEndsAt">When the grant dies if nothing uses it.</param>
/// <param name="Ended">When grants before this one died.</param>
public sealed record TokenLife(DateTimeOffset? SignedInAt, DateTimeOffset? IssuedAt, DateTimeOffset? RenewsAt, DateTimeOffset? ExpiresAt, DateTimeOffset? IdleEndsAt, IReadOnlyList<DateTimeOffset> Ended);

/// <summary>Tells the life of tokens, and nothing that is secret about them.</summary>
public sealed class TokenLives(Database database)
{
    private const string Token = "select issued_at, expires_at, refresh_token is not null as refreshable from tokens where provider_id = @id";
    private const string Lives = "select begun_at, ended_at from grant_lives where provider_id = @id order by begun_at desc limit 10";

    private sealed class TokenRow
    {
        public long? IssuedAt { get; init; }
        public long? ExpiresAt { get; init; }
        public bool Refreshable { get; init; }
    }

    private sealed class LifeRow
    {
        public long BegunAt { get; init; }
        public long? EndedAt { get; init; }
    }

    public Task<TokenLife> OfAsync(Provider provider, CancellationToken cancellation) => database.ReadAsync(async session =>
    {
        var token = await session.FirstOrDefaultAsync<TokenRow>(Token, new { id = provider.Id });
        var lives = await session.QueryAsync<LifeRow>(Lives, new { id = provider.Id });
        var (issued, expires) = (At(token?.IssuedAt), At(token?.ExpiresAt));
        return new TokenLife(
            // A grant is noticed a little after its first token.
            token is { Refreshable: true } && lives.FirstOrDefault(life => life.EndedAt is null) is { } life ? At(Math.Min(life.BegunAt, token.IssuedAt ?? life.BegunAt)) : null, issued,
            issued is { } from && expires is { } to ? RefreshTiming.RenewAt(from, to, 0) : null, expires,
            token is { Refreshable: true } && GrantFindings.IdleLimit(provider) is { } idle ? issued + idle : null,
            [.. lives.Select(life => At(life.EndedAt)).OfType<DateTimeOffset>()]);
    }, cancellation);

    private static DateTimeOffset? At(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
