using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Accounts.Consent;

/// <summary>Lets somebody sign in as a provider's mailbox, and keeps what the identity platform gives for it: the authorization code
/// flow with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9700 section 2.1.1).</summary>
public sealed class ConsentFlow
{
    private readonly ProviderDirectory directory;
    private readonly PendingConsents pending;
    private readonly OAuthEndpoints endpoints;
    private readonly TokenEndpoint tokens;
    private readonly ClientProofs proofs;
    private readonly GrantKeeper keeper;
    private readonly AccountsOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<ConsentFlow> log;

    internal ConsentFlow(ProviderDirectory directory, PendingConsents pending, OAuthEndpoints endpoints, TokenEndpoint tokens,
        ClientProofs proofs, GrantKeeper keeper, AccountsOptions options, TimeProvider time, ILogger<ConsentFlow> log)
    {
        this.directory = directory;
        this.pending = pending;
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.proofs = proofs;
        this.keeper = keeper;
        this.options = options;
        this.time = time;
        this.log = log;
    }

    /// <param name="actor">Who starts it, for the log: the name of an API key or a person.</param>
    /// <param name="returnTo">A path of this server's, where the browser goes on when it is finished; empty: it stays.</param>
    public async Task<ConsentStart> StartAsync(Provider provider, string actor, CancellationToken cancellation, string returnTo = "")
    {
        if (provider.Type == ProviderType.Password)
            return new ConsentStart.Refused(new("This provider signs in with a password.", "Set its password; there is nothing to connect."));
        if (provider.Grant == ProviderGrant.ServiceAccount)
            return new ConsentStart.Refused(new("This provider gets its tokens with a service account's key.", "Nobody has to sign in. To sign in as the mailbox, write grant \"authorizationCode\"."));
        if (provider.Grant == ProviderGrant.ClientCredentials)
            return new ConsentStart.Refused(new("This provider gets its tokens with client credentials.", "Nobody has to sign in. To sign in as the mailbox, write grant \"authorizationCode\"."));
        if (provider.RedirectUri.Length is 0)
            provider = provider with { RedirectUri = options.DefaultRedirectUri };
        if (RedirectUriRules.Check(provider.RedirectUri, provider.Type) is { } wrong)
            return new ConsentStart.Refused(new("The redirect URI cannot be used.", wrong));
        var (urls, why) = await endpoints.FindAsync(provider, cancellation);
        if (urls is null)
            return new ConsentStart.Refused(GrantKeeper.Failure(why!));
        if (urls.Authorize is null)
            return new ConsentStart.Refused(new("It is not known where to sign in.", "Write authorizeUrl, or an authority whose discovery document names it."));
        var verifier = CryptoRandom.CreateUniqueId(32);
        var (state, expiresAt) = await pending.AddAsync(
            new(provider.Id, verifier, provider.RedirectUri, urls.Token.AbsoluteUri, urls.Issuer ?? "", actor, returnTo), cancellation);
        return new ConsentStart.Started(AuthorizeUrl(provider, urls.Authorize, state, verifier), state, expiresAt);
    }

    /// <summary>Finishes a sign-in with what the browser brought. Its state is used up, whatever comes of it.</summary>
    /// <param name="provider">The provider it is expected for; null: the one it was started for.</param>
    public async Task<ConsentResult> CompleteAsync(CallbackAnswer answer, Provider? provider, CancellationToken cancellation)
    {
        var result = await FinishAsync(answer, provider, cancellation);
        if (result is ConsentResult.Refused refused)
            AccountsLog.NotConnected(log, refused.Why.Cause, refused.Why.Verbatim);
        return result;
    }

    /// <summary>Finishes a sign-in with the address that a browser ended on, where nobody answered it.</summary>
    public async Task<ConsentResult> CompleteFromAddressAsync(Provider provider, string address, CancellationToken cancellation)
    {
        var (answer, why) = CallbackAnswer.ReadAddress(address);
        return answer is null ? new ConsentResult.Refused(why!, provider) : await CompleteAsync(answer, provider, cancellation);
    }

    private async Task<ConsentResult> FinishAsync(CallbackAnswer answer, Provider? expected, CancellationToken cancellation)
    {
        if (answer.State is null)
            return new ConsentResult.Refused(new("The address holds no state, so it cannot be told which sign-in it belongs to.", "Connect again, and use the address unchanged.", answer.ErrorDescription ?? answer.Error), expected);
        var (consent, why) = await pending.UseAsync(answer.State, expected?.Id, cancellation);
        if (consent is null)
            return new ConsentResult.Refused(why! with { Verbatim = answer.ErrorDescription ?? answer.Error }, expected);
        return (await FinishAsync(answer, consent)) with { ReturnTo = consent.ReturnTo };
    }

    private async Task<ConsentResult> FinishAsync(CallbackAnswer answer, PendingConsent consent)
    {
        if (directory.Find(consent.ProviderId) is not { } provider)
            return new ConsentResult.Refused(new("The provider was removed meanwhile.", "Add it again, then connect."), null);
        if (answer.Error is { } error)
        {
            var (cause, remedy, _) = OAuthFailures.ForError(provider, error, answer.ErrorDescription);
            return new ConsentResult.Refused(new(cause, remedy, answer.ErrorDescription ?? error), provider);
        }
        if (answer.Issuer is { } issuer && consent.Issuer.Length > 0 && issuer != consent.Issuer)
            return new ConsentResult.Refused(new("The answer comes from another identity platform than the one that was asked.", "Connect again. If it happens again, somebody may be mixing up sign-ins on purpose (RFC 9207).", issuer), provider);
        // From here the code is spent: it is carried through even when the browser has gone.
        var begun = time.GetUtcNow();
        var url = new Uri(consent.TokenUrl);
        var (ways, unproven) = await proofs.ForAsync(provider, url, consent.Issuer, CancellationToken.None);
        return (unproven ?? await tokens.RedeemAsync(provider, url, ways, answer.Code!, consent.RedirectUri, consent.Verifier,
                provider.Type == ProviderType.Microsoft ? GrantKeeper.Scope(provider) : null, CancellationToken.None)) switch
        {
            TokenAnswer.Granted granted => await keeper.KeepAsync(provider, url, ways, granted, ProviderGrant.AuthorizationCode, begun, consent.Actor),
            var refused => new ConsentResult.Refused(GrantKeeper.Failure(refused), provider),
        };
    }

    private static Uri AuthorizeUrl(Provider provider, Uri authorize, string state, string verifier)
    {
        // What an administrator writes wins over the catalogue.
        var extra = new Parameters(ProviderCatalog.Of(provider).AuthorizeParameters.Where(known => !provider.AuthorizeParameters.ContainsKey(known.Key)).Concat(provider.AuthorizeParameters));
        return new(new RequestUrl(authorize.AbsoluteUri).CreateAuthorizeUrl(
            clientId: provider.ClientId, responseType: "code", scope: GrantKeeper.Scope(provider), redirectUri: provider.RedirectUri, state: state,
            loginHint: provider.SharedMailbox || provider.UserName.Length is 0 ? null : provider.UserName,
            codeChallenge: Challenge(verifier), codeChallengeMethod: "S256", extra: extra));
    }

    private static string Challenge(string verifier) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
}
