using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postrider.Accounts.Tokens;

/// <summary>Assertions that prove a key (RFC 7523), in the compact form of RFC 7515.</summary>
internal static class SignedJwt
{
    public const string UsualType = "JWT";

    /// <summary>Of assertions that are made for the issuer and for nothing else (draft-ietf-oauth-rfc7523bis); some platforms take no other.</summary>
    public const string ClientType = "client-authentication+jwt";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>For an application with a certificate, as Microsoft documents it
    /// (https://learn.microsoft.com/entra/identity-platform/certificate-credentials).</summary>
    /// <param name="sha256">Thumbprint of the certificate, base64url.</param>
    /// <param name="audience">The token endpoint, or the issuer for <see cref="ClientType"/>.</param>
    /// <param name="type"><see cref="UsualType"/> or <see cref="ClientType"/>.</param>
    public static string ForClient(RSA key, string sha256, string clientId, string audience, string type, DateTimeOffset now) => Sign(key,
        new() { ["alg"] = "PS256", ["typ"] = type, ["x5t#S256"] = sha256 },
        new()
        {
            ["aud"] = audience, ["iss"] = clientId, ["sub"] = clientId, ["jti"] = Guid.NewGuid().ToString(),
            ["nbf"] = now.ToUnixTimeSeconds(), ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = (now + Life).ToUnixTimeSeconds(),
        }, RSASignaturePadding.Pss);

    /// <summary>For a Google service account that acts for a mailbox (https://developers.google.com/identity/protocols/oauth2/service-account).</summary>
    public static string ForServiceAccount(RSA key, string keyId, string email, string mailbox, string scope, Uri tokenUrl, DateTimeOffset now) => Sign(key,
        new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = keyId },
        new()
        {
            ["iss"] = email, ["sub"] = mailbox, ["scope"] = scope, ["aud"] = tokenUrl.AbsoluteUri,
            ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = (now + Life).ToUnixTimeSeconds(),
        }, RSASignaturePadding.Pkcs1);

    private static string Sign(RSA key, Dictionary<string, object> header, Dictionary<string, object> claims, RSASignaturePadding padding)
    {
        var signed = $"{Part(header)}.{Part(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, padding))}";
    }

    private static string Part(Dictionary<string, object> members) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(members));
}
