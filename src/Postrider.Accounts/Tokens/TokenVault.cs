using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Postrider.Accounts.Sealing;

namespace Postrider.Accounts.Tokens;

/// <summary>Seals secrets for the database and opens them again. Each place has a key of its own, derived from its table, row and
/// column, so that what was copied to another row or column does not open there.</summary>
/// <param name="ring">To learn of keys that other nodes have added.</param>
public sealed class TokenVault(IDataProtectionProvider protection, KeyRing? ring = null)
{
    private readonly IDataProtector root = protection.CreateProtector("Postrider.Accounts");

    public string Seal(SecretPlace place, string secret) => Protector(place).Protect(secret);

    /// <exception cref="TokenVaultException">The key is missing, or the text was sealed for another place or changed.</exception>
    public string Open(SecretPlace place, string sealedText)
    {
        try
        {
            return Protector(place).Unprotect(sealedText);
        }
        catch (CryptographicException) when (ring?.Follow(sealedText) is true)
        {
            return Open(place, sealedText);
        }
        catch (CryptographicException wrong)
        {
            throw new TokenVaultException(place, wrong);
        }
    }

    private IDataProtector Protector(SecretPlace place) => root.CreateProtector($"{place.Table}:{place.Row}:{place.Column}");
}

/// <summary>Where a secret is kept.</summary>
public readonly record struct SecretPlace(string Table, string Row, string Column)
{
    public static SecretPlace ClientSecret(string providerId) => new("providers", providerId, "client_secret");
    public static SecretPlace Password(string providerId) => new("providers", providerId, "password");
    public static SecretPlace ServiceAccountKey(string providerId) => new("providers", providerId, "service_account_key");
    public static SecretPlace CertificateKey(string certificateId) => new("client_certificates", certificateId, "private_key");
    public static SecretPlace RefreshToken(string providerId) => new("tokens", providerId, "refresh_token");
    public static SecretPlace PreviousRefreshToken(string providerId) => new("tokens", providerId, "previous_refresh_token");
    public static SecretPlace AccessToken(string providerId) => new("tokens", providerId, "access_token");
    public static SecretPlace Draft(string draftId) => new("provider_drafts", draftId, "secrets");
    public static SecretPlace Verifier(string stateHash) => new("consents", stateHash, "verifier");
}

/// <summary>A stored secret cannot be opened.</summary>
public sealed class TokenVaultException(SecretPlace place, Exception inner) : Exception(
    $"The stored {place.Column.Replace('_', ' ')} cannot be decrypted: the key ring in the data directory does not hold its key, or the row was changed. " +
    "Restore the key directory that belongs to this database from a backup, or enter the secret again.", inner);
