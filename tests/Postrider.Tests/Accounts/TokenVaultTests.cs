using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Tests.Accounts;

/// <summary>Secrets at rest, and what is said where their key is gone.</summary>
public sealed class TokenVaultTests
{
    [Fact]
    public void A_secret_copied_to_another_row_or_column_does_not_open()
    {
        var vault = new TokenVault(new EphemeralDataProtectionProvider());
        var text = vault.Seal(SecretPlace.RefreshToken("one"), "secret");
        Assert.Equal("secret", vault.Open(SecretPlace.RefreshToken("one"), text));
        Assert.Throws<TokenVaultException>(() => vault.Open(SecretPlace.RefreshToken("two"), text));
        Assert.Throws<TokenVaultException>(() => vault.Open(SecretPlace.AccessToken("one"), text));
        Assert.Throws<TokenVaultException>(() => new TokenVault(new EphemeralDataProtectionProvider()).Open(SecretPlace.RefreshToken("one"), text));
    }

    [Fact]
    public async Task A_lost_key_ring_is_named_as_the_cause_of_a_broken_token()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await IsNamedAsync(accounts, await accounts.AddWithTokenAsync());
    }

    [Fact]
    public async Task A_lost_key_ring_is_named_where_the_key_of_a_service_account_cannot_be_opened()
    {
        await using var accounts = await TestAccounts.StartAsync();
        using var key = RSA.Create(2048);
        await IsNamedAsync(accounts, await accounts.AddAsync(new ProviderDraft
        {
            Name = "google", Type = ProviderType.Google, UserName = TestAccounts.Mailbox, Limits = ProviderCatalog.NoLimitsGiven,
            ServiceAccountKey = SecretChange.To(JsonSerializer.Serialize(new
            {
                type = "service_account", client_email = "sender@project.iam.gserviceaccount.com", private_key_id = "k1", private_key = key.ExportPkcs8PrivateKeyPem(),
            })),
        }));
    }

    [Fact]
    public async Task A_lost_key_ring_is_named_where_a_device_asks_for_a_code()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with
        {
            Type = ProviderType.OAuth2, Tenant = "", Address = "smtp.example.org", Scope = "mail", Grant = ProviderGrant.DeviceCode,
            AuthorizeUrl = "https://id.example/auth", TokenUrl = "https://id.example/token", DeviceUrl = "https://id.example/device",
        });
        await using var next = await LoseKeysAsync(accounts);
        var refused = Assert.IsType<DeviceStart.Refused>(await next.Get<DeviceFlow>().StartAsync(provider, "test", next.Stop));
        Assert.Contains("key ring", refused.Why.Cause, StringComparison.Ordinal);
        Assert.Contains("Restore the key directory", refused.Why.Remedy, StringComparison.Ordinal);
        Assert.Empty(accounts.Platform.Requests);
    }

    [Fact]
    public async Task The_key_ring_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var accounts = await TestAccounts.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(accounts.Directory, "keys")));
    }

    private static async Task IsNamedAsync(TestAccounts accounts, Provider provider)
    {
        await using var next = await LoseKeysAsync(accounts);
        var broken = Assert.IsType<TokenResult.Broken>(await next.Tokens.GetAsync(provider.Id, next.Stop));
        Assert.Contains("key ring", broken.Reason, StringComparison.Ordinal);
        Assert.Empty(accounts.Platform.Requests);
    }

    private static async Task<TestAccounts> LoseKeysAsync(TestAccounts accounts)
    {
        Directory.Delete(Path.Combine(accounts.Directory, "keys"), recursive: true);
        await accounts.Database.WriteAsync(session => session.ExecuteAsync("delete from key_ring"), accounts.Stop);
        return await accounts.RestartAsync();
    }
}
