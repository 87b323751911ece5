using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>With what an application proves itself in one request.</summary>
internal abstract record ClientProof
{
    private ClientProof() { }

    public sealed override string ToString() => GetType().Name;

    /// <summary>A public client, or one whose proof stands in the grant itself.</summary>
    public sealed record None : ClientProof;

    public sealed record Secret(string Value, bool InHeader) : ClientProof;

    /// <param name="CertificateId">The certificate that signed it, where it may take over from another.</param>
    public sealed record Assertion(string Jwt, string? CertificateId = null) : ClientProof;
}

/// <summary>Gathers what a provider's application proves itself with, made anew for each request.</summary>
internal sealed class ClientProofs(ProviderSecrets secrets, ClientCertificates certificates, TimeProvider time)
{
    private const int LargestTokenFile = 64 * 1024;

    /// <param name="issuer">As the platform's discovery document names it; null or empty where none was read.</param>
    /// <returns>The proofs in the order in which they are tried, or why there is none now.</returns>
    public async Task<(IReadOnlyList<ClientProof> Proofs, TokenAnswer? Why)> ForAsync(Provider provider, Uri tokenUrl, string? issuer, CancellationToken cancellation)
    {
        try
        {
            return await GatherAsync(provider, tokenUrl, issuer, cancellation);
        }
        catch (TokenVaultException unreadable)
        {
            return ([], TokenAnswer.Unreadable(unreadable));
        }
    }

    private async Task<(IReadOnlyList<ClientProof>, TokenAnswer?)> GatherAsync(Provider provider, Uri tokenUrl, string? issuer, CancellationToken cancellation)
    {
        switch (provider.Grant == ProviderGrant.ServiceAccount ? ClientAuthentication.None : ClientAuthentication.Of(provider))
        {
            case ClientAuthentication.Federated:
                return await FromFileAsync(provider.FederatedTokenFile, cancellation);
            case ClientAuthentication.PrivateKeyJwt:
                var keys = await certificates.KeysAsync(provider.Id, cancellation);
                var signed = new List<ClientProof>();
                foreach (var (certificate, key) in keys)
                    using (key)
                        foreach (var (audience, type) in Audiences(tokenUrl, issuer))
                            signed.Add(new ClientProof.Assertion(SignedJwt.ForClient(key, certificate.Sha256, provider.ClientId, audience, type, time.GetUtcNow()),
                                certificate.State == ClientCertificate.Next ? certificate.Id : null));
                return signed.Count > 0 ? (signed, null) : ([], new TokenAnswer.Refused("invalid_client", null, new("It has no certificate to prove the application with.",
                    $"Make one and upload it to the application: postrider provider certificate {provider.Name} create", OAuthRepair.Settings)));
            case ClientAuthentication.None:
                return ([new ClientProof.None()], null);
            case var way:
                return await secrets.ClientSecretAsync(provider.Id, cancellation) is { } secret
                    ? ([new ClientProof.Secret(secret, way == ClientAuthentication.Basic)], null)
                    : ([new ClientProof.None()], null);
        }
    }

    /// <summary>Platforms of today want their issuer's name in an assertion, those of yesterday and Microsoft's the token endpoint.</summary>
    private static IEnumerable<(string Audience, string Type)> Audiences(Uri tokenUrl, string? issuer) =>
        issuer is { Length: > 0 } ? [(issuer, SignedJwt.ClientType), (tokenUrl.AbsoluteUri, SignedJwt.UsualType)] : [(tokenUrl.AbsoluteUri, SignedJwt.UsualType)];

    // Whoever writes the file replaces it before its token ends, so it is read for every request.
    private static async Task<(IReadOnlyList<ClientProof>, TokenAnswer?)> FromFileAsync(string path, CancellationToken cancellation)
    {
        string wrong;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestTokenFile })
                wrong = "it is too large to be a token";
            else if ((await File.ReadAllTextAsync(path, cancellation)).Trim() is { Length: > 0 } token && IsSignedToken(token))
                return ([new ClientProof.Assertion(token)], null);
            else
                wrong = "it does not hold a signed token and nothing else";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            wrong = unreadable.Message;
        }
        return ([], new TokenAnswer.Unavailable(new($"The token file {path} of the federated credential cannot be used: {wrong}.",
            "Let the platform that runs Postrider write it (workload identity), or correct federatedTokenFile. It is tried again by itself.", OAuthRepair.Wait), null, Arrival.NotSent, null));
    }

    // Only a token leaves for the identity platform: the path comes through the interface, and any other file may be a secret of the machine.
    private static bool IsSignedToken(string text) =>
        text.Split('.') is [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }] && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
}
