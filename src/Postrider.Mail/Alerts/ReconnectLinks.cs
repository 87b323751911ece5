using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Links that start the sign-in of one provider, once, for whoever holds them: no more than what "Connect" does, and whoever
/// signs in must still be the mailbox. Nothing in a link is a secret beyond that.</summary>
public sealed class ReconnectLinks(Database database, ProviderDirectory providers, ConsentFlow consent, AccountsOptions accounts, TimeProvider time, IOptions<AlertOptions> options)
{
    public const string Path = "/reconnect";

    /// <summary>Said of a link that was made up, or forgotten.</summary>
    public const string Unknown = "This link is not known here.";

    private const string Insert = "insert into reconnects (token_hash, provider_id, expires_at) values (@hash, @provider, @expires)";
    private const string Use = "update reconnects set used_at = @now where token_hash = @hash and used_at is null and expires_at > @now";

    private sealed class Row
    {
        public string ProviderId { get; init; } = "";
        public long ExpiresAt { get; init; }
        public long? UsedAt { get; init; }
    }

    /// <returns>Null where a sign-in cannot come back to us by itself: it ends on another address, or there is none.</returns>
    public async Task<Uri?> MakeAsync(Provider provider, CancellationToken cancellation)
    {
        if (provider.Type == ProviderType.Password || provider.Grant != ProviderGrant.AuthorizationCode || provider.RedirectUri != accounts.DefaultRedirectUri)
            return null;
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from reconnects where expires_at < @old", new { old = now.AddDays(-7).ToUnixTimeMilliseconds() });
            await session.ExecuteAsync(Insert, new { hash = Hash(token), provider = provider.Id, expires = (now + options.Value.ReconnectLink).ToUnixTimeMilliseconds() });
        }, cancellation);
        return new Uri(accounts.PublicUrl, $"{Path}/{token}");
    }

    /// <summary>Which provider a link is for; it stays unused, so that a mail scanner that looks at it takes nothing away.</summary>
    /// <returns>The provider, or why the link does not work.</returns>
    public async Task<(Provider? Provider, string? Why)> FindAsync(string token, CancellationToken cancellation)
    {
        var row = await database.ReadAsync(session => session.FirstOrDefaultAsync<Row>("select provider_id, expires_at, used_at from reconnects where token_hash = @hash", new { hash = Hash(token) }), cancellation);
        return row switch
        {
            null => (null, Unknown),
            { UsedAt: not null } => (null, "This link has been used. Each is good for one sign-in."),
            _ when row.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds() => (null, "This link has expired."),
            _ => providers.Find(row.ProviderId) is { } provider ? (provider, null) : (null, "The provider of this link no longer exists."),
        };
    }

    /// <summary>Uses the link up and starts the sign-in.</summary>
    public async Task<ConsentStart> StartAsync(string token, CancellationToken cancellation)
    {
        var (provider, why) = await FindAsync(token, cancellation);
        if (provider is null)
            return new ConsentStart.Refused(new(why!, Otherwise));
        var first = await database.WriteAsync(session => session.ExecuteAsync(Use, new { hash = Hash(token), now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation) == 1;
        return first ? await consent.StartAsync(provider, "reconnect link", cancellation) : new ConsentStart.Refused(new("This link has been used. Each is good for one sign-in.", Otherwise));
    }

    /// <summary>What to do when a link does not work.</summary>
    public const string Otherwise = "Take the link of the newest alert, or connect the provider: postrider provider connect NAME";

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
