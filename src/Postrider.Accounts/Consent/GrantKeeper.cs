using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Accounts.Consent;

/// <summary>Keeps what a finished sign-in gave, whichever way somebody signed in; refuses another account than the provider's.</summary>
internal sealed class GrantKeeper(ProviderDirectory directory, TokenVault vault, AudienceRepair repair, ILogger<ConsentFlow> log)
{
    public async Task<ConsentResult> KeepAsync(Provider provider, Uri tokenUrl, IReadOnlyList<ClientProof> proofs, TokenAnswer.Granted granted, string grant, DateTimeOffset begun, string actor)
    {
        var addresses = SignedInAccount.Addresses(granted.IdToken, granted.AccessToken);
        var account = addresses.Count > 0 ? addresses[0] : null;
        if (account is not null && !provider.SharedMailbox && !addresses.Contains(provider.UserName, StringComparer.OrdinalIgnoreCase))
            return new ConsentResult.Refused(new(
                $"{account} signed in, but this provider sends as {provider.UserName}.",
                $"Connect again and sign in as {provider.UserName}. If {provider.UserName} is a shared mailbox or another address of {account}, set sharedMailbox to true and connect again."), provider);
        if (granted.RefreshToken is null)
            return new ConsentResult.Refused(new("The identity platform gave no refresh token, so the connection would end within the hour.",
                provider.Type == ProviderType.Google
                    ? "Connect again. If it stays so, remove the application's access in the Google account first."
                    : "Add offline_access to the scope, allow it for the application, and connect again."), provider);
        (granted, var workingScope) = await repair.TryAsync(provider with { Grant = grant, WorkingScope = "" }, tokenUrl, proofs, granted, CancellationToken.None);
        var sealedTokens = new SealedTokens(
            vault.Seal(SecretPlace.RefreshToken(provider.Id), granted.RefreshToken!), null,
            vault.Seal(SecretPlace.AccessToken(provider.Id), granted.AccessToken),
            begun.ToUnixTimeMilliseconds(), (begun + granted.Lifetime).ToUnixTimeMilliseconds(), granted.Scope);
        var result = await directory.ChangeAsync(provider.Id, async session =>
        {
            await TokenStore.StoreConsentAsync(session, provider.Id, sealedTokens, account);
            await ProviderStore.SetGrantAsync(session, provider.Id, grant);
            await ProviderStore.SetWorkingScopeAsync(session, provider.Id, workingScope ?? "");
            await ProviderStore.TryAgainAsync(session, provider.Id);
            return null;
        }, CancellationToken.None);
        if (result is not ProviderResult.Saved { Provider: var connected })
            return new ConsentResult.Refused(new("The provider was removed meanwhile.", "Add it again, then connect."), null);
        AccountsLog.Connected(log, provider.Name, actor);
        return new ConsentResult.Connected(connected, account, Notes(connected, granted.Scope));
    }

    /// <summary>The words of a token endpoint that did not grant.</summary>
    public static ConsentFailure Failure(TokenAnswer answer) => answer switch
    {
        TokenAnswer.Refused refused => new(refused.Why.Cause, refused.Why.Remedy, refused.Verbatim),
        TokenAnswer.Unavailable unavailable => new(unavailable.Why.Cause, "Connect again in a moment. " + unavailable.Why.Remedy, unavailable.Verbatim),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The scope of a sign-in: what the provider asks for, and what the catalogue adds so that a refresh token comes.</summary>
    public static string Scope(Provider provider)
    {
        var scopes = provider.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        scopes.AddRange(ProviderCatalog.Of(provider).AuthorizeScopes.Where(scope => !scopes.Contains(scope)));
        return string.Join(' ', scopes);
    }

    private static List<FieldNote> Notes(Provider provider, string? grantedScope) =>
        provider.Type == ProviderType.Microsoft && grantedScope is not null && !grantedScope.Contains("SMTP.Send", StringComparison.OrdinalIgnoreCase)
            ? [new("scope", $"The identity platform granted \"{grantedScope}\", which does not hold SMTP.Send. Add the permission to the application, consent, and connect again.")]
            : [];
}
