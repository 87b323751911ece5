using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>What a renewal came to, and what the keeper remembers of it.</summary>
internal sealed record RefreshOutcome(TokenResult Result, long TokenVersion = -1, DateTimeOffset RenewAt = default, DateTimeOffset? ProbeAt = null);

/// <summary>One renewal, step by step: read the row, take the lease and commit that a request leaves, ask, and commit the answer before
/// its first use. No transaction and no lock is held while the identity platform is asked.</summary>
internal sealed class TokenRefresh(
    TokenStore store, TokenVault vault, TokenEndpoint endpoint, OAuthEndpoints endpoints, ClientProofs clientProofs, AudienceRepair repair, ProviderSecrets secrets, ProviderStates states,
    AccountsOptions options, TimeProvider time, ILogger<TokenKeeper> log)
{
    /// <summary>Longer than a request may take, so that a lease only ends under its holder when that holder is dead.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StoreAgain = TimeSpan.FromSeconds(10);

    /// <summary>An administrator may repair the application without telling Postrider: a look now and then finds out.</summary>
    private static readonly TimeSpan RareProbe = TimeSpan.FromHours(1);

    /// <summary>Answers that could not be stored, by provider. Asking again could cost a grant that rotates strictly.</summary>
    private readonly ConcurrentDictionary<string, (TokenRow Row, SealedTokens Tokens, AccessToken Access)> unstored = new(StringComparer.Ordinal);

    /// <param name="known">The row's version that the caller's token came from: a newer one that is good is taken as it is.</param>
    /// <param name="failures">Failed renewals in a row before this one.</param>
    /// <returns>Null when the grant or the provider was changed meanwhile: run it again, with the provider as it is now.</returns>
    public async Task<RefreshOutcome?> RunAsync(Provider provider, long known, int failures)
    {
        if (unstored.TryGetValue(provider.Id, out var kept) && await StoreAsync(provider, kept.Row, kept.Tokens, kept.Access) is { } stored)
            return stored;
        while (true)
        {
            var now = time.GetUtcNow();
            if (await store.ReadAsync(provider.Id, CancellationToken.None) is not { } row)
                return new(new TokenResult.Broken("The provider no longer exists.", "Send through another provider."));
            if (row.BrokenReason is { } reason && !(row.BrokenProbeAt <= now.ToUnixTimeMilliseconds()))
                return new(new TokenResult.Broken(reason, row.BrokenRemedy ?? ""), ProbeAt: At(row.BrokenProbeAt));
            if (row.Version > known && row.BrokenReason is null && Stored(provider, row, now) is { } token)
                return Ready(token, row.Version, At(row.IssuedAt)!.Value);
            if (await store.BeginRefreshAsync(provider.Id, row.Version, options.Node, now, now + Lease))
                return await AskAsync(provider, row, failures);
            // Another node is asking. Its answer appears in the row; if it dies, its lease ends.
            await Task.Delay(LookAgain, time);
        }
    }

    private async Task<RefreshOutcome?> AskAsync(Provider provider, TokenRow row, int failures)
    {
        if (row.RefreshStartedAt is { } started)
            AccountsLog.Resumed(log, provider.Name, At(started)!.Value);
        var begun = time.GetUtcNow();
        var (urls, why) = await endpoints.FindAsync(provider, CancellationToken.None);
        IReadOnlyList<ClientProof> proofs = [];
        if (urls is not null)
            (proofs, why) = await clientProofs.ForAsync(provider, urls.Token, urls.Issuer, CancellationToken.None);
        string? refreshToken = null;
        TokenAnswer answer;
        try
        {
            refreshToken = ProviderGrant.WithoutPeople(provider.Grant) ? null : OpenRefreshToken(provider, row);
            answer = why ?? await RequestAsync(provider, urls!.Token, proofs, refreshToken);
        }
        catch (TokenVaultException wrong)
        {
            answer = TokenAnswer.Unreadable(wrong);
        }
        switch (answer)
        {
            case TokenAnswer.Granted granted:
                (granted, var scope) = await repair.TryAsync(provider, urls!.Token, proofs, granted with { RefreshToken = refreshToken is null ? null : granted.RefreshToken ?? refreshToken }, CancellationToken.None);
                var access = new AccessToken(granted.AccessToken, begun + granted.Lifetime);
                var outcome = await StoreAsync(provider, row, Seal(provider, row, granted, refreshToken, begun), access);
                if (scope is not null)
                {
                    AccountsLog.OtherScope(log, provider.Name, scope);
                    await states.WorksWithScopeAsync(provider.Id, scope);
                }
                return outcome;
            case TokenAnswer.Refused { Error: "invalid_grant" } refused when row.RefreshStartedAt is not null && refreshToken is not null:
                return await BreakAsync(provider, row.Version, refused with { Why = OAuthFailures.RotationLost(provider) });
            case TokenAnswer.Refused refused:
                return await BreakAsync(provider, row.Version, refused);
            case var postponed:
                return await PostponeAsync(provider, (TokenAnswer.Unavailable)postponed, failures);
        }
    }

    private async Task<TokenAnswer> RequestAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string? refreshToken) => provider.Grant switch
    {
        ProviderGrant.ClientCredentials => await endpoint.ClientCredentialsAsync(provider, url, proofs, provider.ScopeInUse, CancellationToken.None),
        ProviderGrant.ServiceAccount => await endpoint.JwtBearerAsync(provider, url, await AssertionAsync(provider, url), CancellationToken.None),
        _ => await endpoint.RefreshAsync(provider, url, proofs, refreshToken!, ProviderCatalog.Of(provider).RefreshScope ? provider.ScopeInUse : null, CancellationToken.None),
    };

    private async Task<string> AssertionAsync(Provider provider, Uri url)
    {
        var account = await secrets.ServiceAccountKeyAsync(provider.Id, CancellationToken.None) ?? throw new InvalidOperationException("The key of the service account is gone.");
        using var key = System.Security.Cryptography.RSA.Create();
        key.ImportFromPem(account.PrivateKey);
        return SignedJwt.ForServiceAccount(key, account.KeyId, account.Email, provider.UserName, provider.Scope, url, time.GetUtcNow());
    }

    /// <summary>The refresh token in force; the one before it where that cannot be opened, since many platforms still honour it.</summary>
    private string OpenRefreshToken(Provider provider, TokenRow row)
    {
        try
        {
            return vault.Open(SecretPlace.RefreshToken(provider.Id), row.RefreshToken!);
        }
        catch (TokenVaultException) when (row.PreviousRefreshToken is not null)
        {
            return vault.Open(SecretPlace.PreviousRefreshToken(provider.Id), row.PreviousRefreshToken);
        }
    }

    private SealedTokens Seal(Provider provider, TokenRow row, TokenAnswer.Granted granted, string? used, DateTimeOffset begun)
    {
        var rotated = granted.RefreshToken is { } next && next != used;
        return new(
            rotated ? vault.Seal(SecretPlace.RefreshToken(provider.Id), granted.RefreshToken!) : null,
            // What was just used has worked; it is kept until its successor has, and what came before it is not needed any more.
            rotated ? vault.Seal(SecretPlace.PreviousRefreshToken(provider.Id), used!) : null,
            vault.Seal(SecretPlace.AccessToken(provider.Id), granted.AccessToken),
            begun.ToUnixTimeMilliseconds(), (begun + granted.Lifetime).ToUnixTimeMilliseconds(), granted.Scope ?? row.Scope);
    }

    /// <returns>Null when a newer grant was stored meanwhile: these tokens are of no use.</returns>
    private async Task<RefreshOutcome?> StoreAsync(Provider provider, TokenRow row, SealedTokens tokens, AccessToken access)
    {
        try
        {
            var stored = await store.StoreAsync(provider.Id, row.Version, row.RefreshToken, tokens);
            unstored.TryRemove(provider.Id, out _);
            if (!stored)
            {
                AccountsLog.Overtaken(log, provider.Name);
                return null;
            }
        }
        catch (Exception wrong)
        {
            unstored[provider.Id] = (row, tokens, access);
            var retryAt = time.GetUtcNow() + StoreAgain;
            AccountsLog.NotStored(log, provider.Name, retryAt, wrong);
            return new(new TokenResult.Later("A new token was received but could not be stored: " + wrong.Message, "Mail waits; storing is tried again.", retryAt));
        }
        AccountsMeters.Refreshed(provider.Name, "renewed");
        AccountsLog.Renewed(log, provider.Name, access.ExpiresAt);
        if (row.BrokenReason is not null)
            await states.ReadyAsync(provider.Id);
        return Ready(access, row.Version + 1, At(tokens.IssuedAt)!.Value);
    }

    private async Task<RefreshOutcome?> BreakAsync(Provider provider, long version, TokenAnswer.Refused refused)
    {
        DateTimeOffset? probeAt = refused.Why.Repair == OAuthRepair.Administrator ? time.GetUtcNow() + RareProbe : null;
        if (!await store.BreakAsync(provider.Id, version, refused.Why.Cause, refused.Why.Remedy, probeAt))
            return null;
        AccountsMeters.Refreshed(provider.Name, "refused");
        AccountsLog.Refused(log, provider.Name, refused.Why.Cause, refused.Why.Remedy, refused.Error, refused.Verbatim);
        await states.NeedsAttentionAsync(provider.Id, refused.Why.Cause, refused.Why.Remedy, probeAt);
        return new(new TokenResult.Broken(refused.Why.Cause, refused.Why.Remedy), ProbeAt: probeAt);
    }

    private async Task<RefreshOutcome> PostponeAsync(Provider provider, TokenAnswer.Unavailable answer, int failures)
    {
        await store.ReleaseAsync(provider.Id, options.Node, answered: answer.Arrival != Arrival.Unknown);
        var retryAt = time.GetUtcNow() + RefreshTiming.RetryIn(failures + 1, answer.Arrival, answer.RetryAfter, Random.Shared.NextDouble());
        AccountsMeters.Refreshed(provider.Name, "later");
        AccountsLog.NotNow(log, provider.Name, answer.Why.Cause, answer.Verbatim, retryAt);
        var reason = answer.Verbatim is { } words ? $"{answer.Why.Cause} ({words})" : answer.Why.Cause;
        return new(new TokenResult.Later(reason, answer.Why.Remedy, retryAt));
    }

    private AccessToken? Stored(Provider provider, TokenRow row, DateTimeOffset now)
    {
        if (row.AccessToken is null || At(row.ExpiresAt) is not { } expires || now >= expires - RefreshTiming.LastUse)
            return null;
        try
        {
            return new(vault.Open(SecretPlace.AccessToken(provider.Id), row.AccessToken), expires);
        }
        catch (TokenVaultException)
        {
            // A new access token repairs this, and if the refresh token cannot be opened either, that is reported.
            return null;
        }
    }

    private static RefreshOutcome Ready(AccessToken token, long version, DateTimeOffset issued) =>
        new(new TokenResult.Ready(token), version, RefreshTiming.RenewAt(issued, token.ExpiresAt, Random.Shared.NextDouble()));

    private static DateTimeOffset? At(long? milliseconds) => milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
