using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Providers;

/// <summary>A certificate whose private key proves the application. It holds nothing secret.</summary>
/// <param name="State"><c>current</c>, or <c>next</c>: it takes over once the identity platform has accepted it.</param>
/// <param name="Thumbprint">SHA-1 in hexadecimal digits, as portals show it.</param>
/// <param name="Pem">What is uploaded to the application.</param>
public sealed record ClientCertificate(string Id, string State, string Thumbprint, string Sha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Pem)
{
    public const string Current = "current", Next = "next";
}

/// <summary>What came of making a certificate.</summary>
public abstract record CertificateResult
{
    private CertificateResult() { }

    public sealed record Made(ClientCertificate Certificate) : CertificateResult;

    public sealed record Refused(string Cause, string Remedy) : CertificateResult;
}

/// <summary>Makes key pairs for applications and rolls them over. The private key never leaves the machine: it is sealed in the database and
/// signs assertions. While a new certificate waits, both are good: the new one is tried first, and once it was accepted the old one is removed.</summary>
public sealed class ClientCertificates(Database database, TokenVault vault, ProviderDirectory directory, TimeProvider time)
{
    private const int KeyBits = 2048;

    /// <summary>Tenants may cap the life of credentials; a year is what most allow.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    /// <summary>The platform's clock may be behind ours.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    private const string Select = "select id Id, state State, certificate Certificate, private_key PrivateKey from client_certificates where provider_id = @providerId order by state desc";

    private const string Insert = """
        insert into client_certificates (id, provider_id, state, certificate, private_key, not_before, not_after)
        values (@id, @providerId, @state, @certificate, @key, @from, @until)
        """;

    private const string Promote = """
        delete from client_certificates where provider_id = @providerId and state = 'current' and exists (select 1 from client_certificates n where n.id = @id and n.state = 'next');
        update client_certificates set state = 'current' where id = @id
        """;

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string State { get; init; } = "";
        public string Certificate { get; init; } = "";
        public string PrivateKey { get; init; } = "";
    }

    /// <summary>The next one first.</summary>
    public async Task<IReadOnlyList<ClientCertificate>> ListAsync(string providerId, CancellationToken cancellation) =>
        [.. (await RowsAsync(providerId, cancellation)).Select(View)];

    /// <summary>Makes the first key pair of a provider.</summary>
    public Task<CertificateResult> CreateAsync(Provider provider, CancellationToken cancellation) => MakeAsync(provider, ClientCertificate.Current, cancellation);

    /// <summary>Makes another one beside the one in use.</summary>
    public Task<CertificateResult> RollAsync(Provider provider, CancellationToken cancellation) => MakeAsync(provider, ClientCertificate.Next, cancellation);

    private async Task<CertificateResult> MakeAsync(Provider provider, string state, CancellationToken cancellation)
    {
        if (provider.Type is ProviderType.Password or ProviderType.Google)
            return new CertificateResult.Refused($"A provider of type {provider.Type} does not sign in with a certificate.",
                provider.Type == ProviderType.Google ? "For Google use a service account's key: grant serviceAccount." : "Set its password.");
        if (state == ClientCertificate.Current && provider.HasClientCertificate)
            return new CertificateResult.Refused("It has a certificate already.", $"Make another one beside it: postrider provider certificate {provider.Name} roll");
        if (state == ClientCertificate.Next && !provider.HasClientCertificate)
            return new CertificateResult.Refused("It has no certificate that could be rolled over.", $"Make the first one: postrider provider certificate {provider.Name} create");
        if (state == ClientCertificate.Next && provider.HasNextCertificate)
            return new CertificateResult.Refused("A new certificate waits already for the identity platform to accept it.", $"Upload it to the application: postrider provider certificate {provider.Name} show");
        var (certificate, key, pem) = Generate(provider.Name);
        using (certificate)
        {
            var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
            var result = await directory.ChangeAsync(provider.Id, async session =>
            {
                await session.ExecuteAsync(Insert, new
                {
                    id, providerId = provider.Id, state, certificate = pem, key = vault.Seal(SecretPlace.CertificateKey(id), key),
                    from = new DateTimeOffset(certificate.NotBefore).ToUnixTimeMilliseconds(), until = new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds(),
                });
                await ProviderStore.TryAgainAsync(session, provider.Id);
                return null;
            }, cancellation);
            return result is ProviderResult.Saved ? new CertificateResult.Made(View(id, state, certificate, pem))
                : new CertificateResult.Refused("The provider was removed meanwhile.", "Add it again.");
        }
    }

    /// <summary>The identity platform has accepted an assertion: where it was signed with the next key, that one takes over.</summary>
    internal Task AcceptedAsync(string providerId, string certificateId) => directory.ChangeAsync(providerId, async session =>
    {
        await session.ExecuteAsync(Promote, new { providerId, id = certificateId });
        return null;
    }, CancellationToken.None);

    /// <returns>The next one first. The caller disposes the keys.</returns>
    /// <exception cref="TokenVaultException">A key cannot be decrypted.</exception>
    internal async Task<IReadOnlyList<(ClientCertificate Certificate, RSA Key)>> KeysAsync(string providerId, CancellationToken cancellation)
    {
        var keys = new List<(ClientCertificate, RSA)>();
        foreach (var row in await RowsAsync(providerId, cancellation))
        {
            var key = RSA.Create();
            key.ImportFromPem(vault.Open(SecretPlace.CertificateKey(row.Id), row.PrivateKey));
            keys.Add((View(row), key));
        }
        return keys;
    }

    private Task<IReadOnlyList<Row>> RowsAsync(string providerId, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<Row>(Select, new { providerId }), cancellation);

    private (X509Certificate2 Certificate, string Key, string Pem) Generate(string name)
    {
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest($"CN=Postrider {name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = time.GetUtcNow();
        using var own = request.CreateSelfSigned(now - Before, now + Life);
        var pem = own.ExportCertificatePem();
        return (X509Certificate2.CreateFromPem(pem), key.ExportPkcs8PrivateKeyPem(), pem);
    }

    private static ClientCertificate View(Row row)
    {
        using var certificate = X509Certificate2.CreateFromPem(row.Certificate);
        return View(row.Id, row.State, certificate, row.Certificate);
    }

    private static ClientCertificate View(string id, string state, X509Certificate2 certificate, string pem) => new(
        id, state, certificate.Thumbprint, System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(certificate.RawDataMemory.Span)),
        new(certificate.NotBefore), new(certificate.NotAfter), pem);
}
