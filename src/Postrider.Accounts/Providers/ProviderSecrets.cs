using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Providers;

/// <summary>The secrets that stand beside a provider's settings. They go to the provider's server and nowhere else.</summary>
public sealed class ProviderSecrets(Database database, TokenVault vault)
{
    /// <returns>Null when none is set.</returns>
    /// <exception cref="TokenVaultException">It is set and cannot be decrypted.</exception>
    public async Task<string?> PasswordAsync(string providerId, CancellationToken cancellation) =>
        await OpenAsync(SecretPlace.Password(providerId), "select password from providers where id = @providerId", providerId, cancellation);

    /// <inheritdoc cref="PasswordAsync"/>
    public async Task<string?> ClientSecretAsync(string providerId, CancellationToken cancellation) =>
        await OpenAsync(SecretPlace.ClientSecret(providerId), "select client_secret from providers where id = @providerId", providerId, cancellation);

    /// <inheritdoc cref="PasswordAsync"/>
    internal async Task<ServiceAccountKey?> ServiceAccountKeyAsync(string providerId, CancellationToken cancellation) =>
        await OpenAsync(SecretPlace.ServiceAccountKey(providerId), "select service_account_key from providers where id = @providerId", providerId, cancellation) is { } json
            ? ServiceAccountKey.Read(json).Key
            : null;

    internal async Task StoreAsync(DbSession session, string providerId, ProviderDraft draft)
    {
        if (!draft.ClientSecret.Keeps)
            await session.ExecuteAsync("update providers set client_secret = @text where id = @providerId",
                new { providerId, text = Seal(SecretPlace.ClientSecret(providerId), draft.ClientSecret) });
        if (!draft.ServiceAccountKey.Keeps)
            await session.ExecuteAsync("update providers set service_account_key = @text, service_account = @email where id = @providerId", new
            {
                providerId, text = Seal(SecretPlace.ServiceAccountKey(providerId), draft.ServiceAccountKey),
                email = draft.ServiceAccountKey.Value is { } json ? ServiceAccountKey.Read(json).Key!.Email : "",
            });
        if (!draft.Password.Keeps)
            await session.ExecuteAsync("update providers set password = @text where id = @providerId",
                new { providerId, text = Seal(SecretPlace.Password(providerId), draft.Password) });
    }

    private string? Seal(SecretPlace place, SecretChange change) => change.Value is { } secret ? vault.Seal(place, secret) : null;

    private async Task<string?> OpenAsync(SecretPlace place, string sql, string providerId, CancellationToken cancellation) =>
        await database.ReadAsync(session => session.FirstOrDefaultAsync<string>(sql, new { providerId }), cancellation) is { } text
            ? vault.Open(place, text)
            : null;
}
