using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;

namespace Postrider.Tests.Accounts;

/// <summary>The ring itself is locked with something that is kept elsewhere, and opens with nothing else.</summary>
public sealed class KeyRingLockTests : IDisposable
{
    private readonly string place = Directory.CreateTempSubdirectory("locks").FullName;

    public static TheoryData<string> Ways => ["passphrase", "certificate", "PKCS #12"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_locked_ring_opens_with_its_own_lock_only(string way)
    {
        await using var accounts = await TestAccounts.StartAsync(keyRing: Lock(way, "one"));
        var provider = await accounts.AddWithTokenAsync();
        Assert.True(Assert.Single(accounts.Get<KeyRing>().Keys).IsLocked);
        await using (var right = await accounts.RestartAsync(keyRing: Lock(way, "one")))
        {
            await right.Get<KeyRingCheck>().RunAsync(right.Stop);
            Assert.Equal(TestAccounts.Secret, await right.Get<ProviderSecrets>().ClientSecretAsync(provider.Id, right.Stop));
        }
        var before = Files(accounts);
        foreach (var wrong in new[] { Lock(way, "two"), new KeyRingOptions() })
        {
            await using var other = await accounts.RestartAsync(keyRing: wrong);
            var refused = await Assert.ThrowsAsync<KeyRingException>(() => other.Get<KeyRingCheck>().RunAsync(other.Stop));
            Assert.Contains("KeyRing:PassphraseFile", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Nothing was changed", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, Files(accounts));
    }

    [Fact]
    public async Task An_open_ring_is_locked_by_a_rotation_and_a_passphrase_is_replaced_by_one()
    {
        await using var open = await TestAccounts.StartAsync();
        var provider = await open.AddWithTokenAsync();
        var one = Lock("passphrase", "one");
        await using var first = await open.RestartAsync(keyRing: one);
        await MoveAsync(first);
        var two = Lock("passphrase", "two");
        two.PreviousPassphraseFile = one.PassphraseFile;
        await using var second = await first.RestartAsync(keyRing: two);
        await MoveAsync(second);
        // And to a certificate, with the passphrase as the lock before.
        var three = Lock("certificate", "three");
        three.PreviousPassphraseFile = two.PassphraseFile;
        await using var third = await second.RestartAsync(keyRing: three);
        await MoveAsync(third);
        await using var last = await third.RestartAsync(keyRing: Lock("certificate", "three"));
        await last.Get<KeyRingCheck>().RunAsync(last.Stop);
        Assert.Equal(TestAccounts.Secret, await last.Get<ProviderSecrets>().ClientSecretAsync(provider.Id, last.Stop));
    }

    [Fact]
    public async Task A_ring_without_the_keys_of_stored_secrets_is_refused_unless_told_otherwise()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await accounts.AddWithTokenAsync();
        Directory.Delete(Path.Combine(accounts.Directory, "keys"), recursive: true);
        await using (var other = await accounts.RestartAsync())
        {
            var refused = await Assert.ThrowsAsync<KeyRingException>(() => other.Get<KeyRingCheck>().RunAsync(other.Stop));
            Assert.Contains("2 stored secrets", refused.Message, StringComparison.Ordinal);
            Assert.Contains("StartWithoutLostKeys=true", refused.Message, StringComparison.Ordinal);
            Assert.Empty(other.Get<KeyRing>().Keys);
        }
        await using var told = await accounts.RestartAsync(keyRing: new KeyRingOptions { StartWithoutLostKeys = true });
        await told.Get<KeyRingCheck>().RunAsync(told.Stop);
        Assert.Equal(2, (await told.Get<SecretRotation>().StatusAsync(told.Stop)).SecretsWithoutKey);
    }

    [Fact]
    public void The_lock_is_read_from_a_file_a_credential_or_a_certificate_and_what_is_wrong_with_it_is_said()
    {
        var credentials = Directory.CreateDirectory(Path.Combine(place, "credentials")).FullName;
        Assert.False(new KeyRingOptions().Read(credentials).ByPassphrase);
        File.WriteAllText(Path.Combine(credentials, KeyRingOptions.UsualCredential), "a passphrase long enough\n");
        File.WriteAllText(Path.Combine(credentials, "mine"), "another passphrase long enough");
        Assert.Equal(["a passphrase long enough"], new KeyRingOptions().Read(credentials).Passphrases);
        Assert.Equal(["another passphrase long enough"], new KeyRingOptions { Credential = "mine" }.Read(credentials).Passphrases);
        string Wrong(KeyRingOptions options, string? from = null) => Assert.Throws<KeyRingException>(() => options.Read(from)).Message;
        Assert.Contains("LoadCredential=mine:FILE", Wrong(new() { Credential = "mine" }), StringComparison.Ordinal);
        Assert.Contains("openssl rand", Wrong(new() { PassphraseFile = Written("short", "short") }), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Wrong(new() { PassphraseFile = Path.Combine(place, "missing") }), StringComparison.Ordinal);
        Assert.Contains("not with both", Wrong(new() { PassphraseFile = "a", Certificate = "b" }), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Wrong(new() { Certificate = Written("no.pem", "nonsense") }), StringComparison.Ordinal);
        var locked = Lock("certificate", "lone");
        Assert.Contains("KeyRing:CertificateKey", Wrong(new() { Certificate = locked.Certificate }), StringComparison.Ordinal);
    }

    /// <summary>Rotates, takes the old keys out, and leaves a ring that is locked altogether.</summary>
    private static async Task MoveAsync(TestAccounts accounts)
    {
        await accounts.Get<KeyRingCheck>().RunAsync(accounts.Stop);
        var rotation = accounts.Get<SecretRotation>();
        await rotation.BeginAsync(accounts.Stop);
        await rotation.StartAsync(accounts.Stop);
        while ((await rotation.StatusAsync(accounts.Stop)).IsRotating)
        {
            accounts.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await rotation.StopAsync(accounts.Stop);
        foreach (var key in (await rotation.StatusAsync(accounts.Stop)).Keys.Where(key => !key.IsCurrent))
            Assert.IsType<KeyRemoval.Removed>(await rotation.RemoveAsync(key.Id, accounts.Stop));
        Assert.True(Assert.Single(accounts.Get<KeyRing>().Keys).IsLocked);
    }

    private KeyRingOptions Lock(string way, string name)
    {
        if (way == "passphrase")
            return new() { PassphraseFile = Written($"{name}.txt", $"the passphrase called {name}\n") };
        using var key = RSA.Create(2048);
        var certificate = Path.Combine(place, $"{name}.{(way == "certificate" ? "pem" : "p12")}");
        var options = way == "certificate" ? new KeyRingOptions { Certificate = certificate, CertificateKey = Path.Combine(place, $"{name}.key") }
            : new KeyRingOptions { Certificate = certificate, CertificatePasswordFile = Written("password", "p12 password\n") };
        if (File.Exists(certificate))
            return options;
        var from = DateTimeOffset.UnixEpoch.AddYears(50);
        using var made = new CertificateRequest("CN=key ring", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(from, from.AddYears(30));
        if (way == "certificate")
        {
            File.WriteAllText(certificate, made.ExportCertificatePem());
            File.WriteAllText(options.CertificateKey!, key.ExportPkcs8PrivateKeyPem());
        }
        else
            File.WriteAllBytes(certificate, made.Export(X509ContentType.Pkcs12, "p12 password"));
        return options;
    }

    private string Written(string name, string text)
    {
        var file = Path.Combine(place, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static Dictionary<string, string> Files(TestAccounts accounts) =>
        Directory.GetFiles(Path.Combine(accounts.Directory, "keys")).ToDictionary(file => file, File.ReadAllText);

    public void Dispose() => Directory.Delete(place, recursive: true);
}
