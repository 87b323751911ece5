using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Consent;

/// <summary>A sign-in that was started. The verifier never leaves the server.</summary>
internal sealed record PendingConsent(string ProviderId, string Verifier, string RedirectUri, string TokenUrl, string Issuer, string Actor, string ReturnTo)
{
    public override string ToString() => $"sign-in for {ProviderId}";
}

/// <summary>Sign-ins under way. Each state is good for one answer, within ten minutes.</summary>
internal sealed class PendingConsents(Database database, TokenVault vault, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Used and expired states are remembered for a day, to tell "used already" from "unknown".</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private const string Insert = """
        insert into consents (state_hash, provider_id, verifier, redirect_uri, token_url, issuer, actor, return_to, expires_at)
        values (@hash, @ProviderId, @verifier, @RedirectUri, @TokenUrl, @Issuer, @Actor, @ReturnTo, @expiresAt)
        """;

    private const string Use = """
        update consents set used_at = @now
        where state_hash = @hash and used_at is null and expires_at > @now and (@providerId is null or provider_id = @providerId)
        """;

    private const string Select = """
        select provider_id ProviderId, verifier Verifier, redirect_uri RedirectUri, token_url TokenUrl, issuer Issuer, actor Actor, return_to ReturnTo,
               expires_at ExpiresAt, used_at UsedAt
        from consents where state_hash = @hash
        """;

    private sealed class Row
    {
        public string ProviderId { get; init; } = "";
        public string Verifier { get; init; } = "";
        public string RedirectUri { get; init; } = "";
        public string TokenUrl { get; init; } = "";
        public string Issuer { get; init; } = "";
        public string Actor { get; init; } = "";
        public string ReturnTo { get; init; } = "";
        public long ExpiresAt { get; init; }
        public long? UsedAt { get; init; }
    }

    /// <returns>A state of 256 random bits.</returns>
    public async Task<(string State, DateTimeOffset ExpiresAt)> AddAsync(PendingConsent consent, CancellationToken cancellation)
    {
        var state = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var hash = Hash(state);
        var now = time.GetUtcNow();
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from consents where expires_at < @old", new { old = (now - Remembered).ToUnixTimeMilliseconds() });
            await session.ExecuteAsync(Insert, new
            {
                hash, consent.ProviderId, verifier = vault.Seal(SecretPlace.Verifier(hash), consent.Verifier), consent.RedirectUri,
                consent.TokenUrl, consent.Issuer, consent.Actor, consent.ReturnTo, expiresAt = (now + Lifetime).ToUnixTimeMilliseconds(),
            });
        }, cancellation);
        return (state, now + Lifetime);
    }

    /// <summary>Uses a state up. Of several who try at once, one succeeds.</summary>
    /// <param name="providerId">The provider it must belong to; null: whichever it is.</param>
    public async Task<(PendingConsent? Consent, ConsentFailure? Why)> UseAsync(string state, string? providerId, CancellationToken cancellation)
    {
        var hash = Hash(state);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (used, row) = await database.WriteAsync(async session =>
        {
            var first = await session.ExecuteAsync(Use, new { hash, now, providerId }) is 1;
            return (first, await session.FirstOrDefaultAsync<Row>(Select, new { hash }));
        }, cancellation);
        return (used, row) switch
        {
            (true, { } it) => (new(it.ProviderId, vault.Open(SecretPlace.Verifier(hash), it.Verifier), it.RedirectUri, it.TokenUrl, it.Issuer, it.Actor, it.ReturnTo), null),
            (_, { UsedAt: not null }) => (null, new("This sign-in was finished already.", "If the provider is not connected, connect again.")),
            (_, { } it) when it.ExpiresAt <= now => (null, new($"This sign-in was started more than {Lifetime.TotalMinutes:0} minutes ago.", "Connect again and sign in within that time.")),
            (_, { }) => (null, new("This sign-in was started for another provider.", "Paste the address at the provider whose sign-in it ended.")),
            _ => (null, new("This sign-in was not started here.", "Start it with Connect.")),
        };
    }

    private static string Hash(string state) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)));
}
