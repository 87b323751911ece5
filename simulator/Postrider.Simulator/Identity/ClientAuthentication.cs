using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postrider.Simulator;

/// <summary>How an application proves itself to the token endpoint: secret in the form or in HTTP Basic, a signed
/// assertion, or, for public clients, nothing (reference 1.4, 1.10).</summary>
internal sealed record ClientAuthentication(string? ClientId, string? Secret, string? Assertion)
{
    private const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public static ClientAuthentication Read(HttpRequest request, IFormCollection form)
    {
        var id = Value(form, "client_id");
        var secret = Value(form, "client_secret");
        var assertion = Value(form, "client_assertion_type") == JwtBearer ? Value(form, "client_assertion") : null;
        if (request.Headers.Authorization is [{ } header] && header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
                var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim())).Split(':', 2);
                id = Decode(pair[0]);
                secret = pair.Length == 2 ? Decode(pair[1]) : "";
            }
            catch (FormatException)
            {
                secret = "";
            }
        }
        return new ClientAuthentication(id, secret, assertion);
    }

    /// <param name="maybePublic">Whether this grant may be used without a credential.</param>
    public AadError? Check(SimulatorState state, Application application, bool maybePublic, string tokenUrl)
    {
        if (application.PublicClient)
            return Secret is null && Assertion is null ? null : AadErrors.Of(700025);
        if (Assertion is not null)
            return CheckAssertion(state, application, tokenUrl);
        if (Secret is null)
            return maybePublic ? null : AadErrors.Of(7000218);
        var secret = application.Secrets.FirstOrDefault(s => s.Value == Secret);
        if (secret is null)
        {
            return AadErrors.Of(7000215, Guid.TryParse(Secret, out _)
                ? $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{application.ClientId}'."
                : "Invalid client secret provided.");
        }
        return secret.ExpiresAt <= state.Time.GetUtcNow()
            ? AadErrors.Of(7000222, $"The provided client secret keys for app '{application.ClientId}' are expired. Visit the Azure portal to create new keys for your app.")
            : null;
    }

    private static string? Value(IFormCollection form, string name) => form[name] is [{ Length: > 0 } value] ? value : null;

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private AadError? CheckAssertion(SimulatorState state, Application application, string tokenUrl)
    {
        if (Jwt.Read(Assertion!) is not { } jwt)
            return AadErrors.Of(50012);
        if (jwt["iss"] is { } issuer && issuer != application.ClientId.ToString() && application.FederatedCredentials.Count > 0)
            return CheckFederated(state, application, jwt);
        var signer = AssertionSigner.Find(application, jwt, out var error);
        if (signer is null)
            return error;
        using (signer)
        {
            var id = application.ClientId.ToString();
            var now = state.Time.GetUtcNow().ToUnixTimeSeconds();
            if (jwt["iss"] != id || jwt["sub"] != id || jwt["aud"] != tokenUrl)
                return AadErrors.Of(50012, "Client assertion: 'iss' and 'sub' must be the client id, and 'aud' the token endpoint.");
            return jwt.Seconds("exp") <= now || jwt.Seconds("nbf") > now + 300 ? AadErrors.Of(700024) : null;
        }
    }

    /// <summary>Issuer, subject and audience must be exactly those that were registered.</summary>
    private static AadError? CheckFederated(SimulatorState state, Application application, Jwt jwt)
    {
        if (application.FederatedCredentials.FirstOrDefault(known => known.Issuer == jwt["iss"] && known.Subject == jwt["sub"] && known.Audience == jwt["aud"]) is not { } credential)
            return AadErrors.Of(700027, "No matching federated identity record found for presented assertion.");
        using var certificate = X509Certificate2.CreateFromPem(credential.Certificate);
        using var key = certificate.GetRSAPublicKey()!;
        return !jwt.IsSignedBy(key) ? AadErrors.Of(50012) : jwt.Seconds("exp") <= state.Time.GetUtcNow().ToUnixTimeSeconds() ? AadErrors.Of(700024) : null;
    }
}

/// <summary>Finds the registered certificate that signed an assertion (reference 1.10).</summary>
internal static class AssertionSigner
{
    /// <summary>The key, already checked against the signature; null and an error otherwise.</summary>
    public static RSA? Find(Application application, Jwt jwt, out AadError? error)
    {
        error = AadErrors.Of(700027);
        foreach (var pem in application.Certificates)
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            if (!IsNamed(jwt, certificate) || certificate.GetRSAPublicKey() is not { } key)
                continue;
            if (jwt.IsSignedBy(key))
                return key;
            key.Dispose();
            error = AadErrors.Of(50012);
        }
        return null;
    }

    /// <summary>The header names the certificate by thumbprint; Google's key ids are names that we do not know.</summary>
    private static bool IsNamed(Jwt jwt, X509Certificate2 certificate)
    {
        if (jwt.HeaderValue("x5t#S256") is { } sha256)
            return sha256.TrimEnd('=') == Base64Url.EncodeToString(SHA256.HashData(certificate.RawDataMemory.Span));
        if (jwt.HeaderValue("x5t") is { } sha1)
            return sha1.TrimEnd('=') == Base64Url.EncodeToString(certificate.GetCertHash());
        return jwt.HeaderValue("kid") is not null;
    }
}
