using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postrider.Simulator;

/// <summary>What an access token of ours says, once its signature and time were checked.</summary>
internal sealed record AccessToken(string Audience, IReadOnlyList<string> Scopes, IReadOnlyList<string> Roles, string? Upn, Guid AppId, long Expires)
{
    /// <summary>Client credentials: nobody signed in (reference 2.3).</summary>
    public bool AppOnly => Upn is null;
}

/// <summary>Signs access tokens and id tokens (RS256) and reads access tokens back.</summary>
internal sealed class TokenIssuer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly RSA _key;
    private readonly string _header;

    /// <param name="keyFile">The key to sign with, PEM; a new one is made, which takes a while, where there is none.</param>
    public TokenIssuer(TimeProvider time, string? keyFile)
    {
        _time = time;
        _key = RSA.Create(2048);
        if (File.Exists(keyFile))
            _key.ImportFromPem(File.ReadAllText(keyFile));
        var parameters = _key.ExportParameters(false);
        Modulus = Base64Url.EncodeToString(parameters.Modulus);
        Exponent = Base64Url.EncodeToString(parameters.Exponent);
        KeyId = Base64Url.EncodeToString(SHA256.HashData(parameters.Modulus!).AsSpan(0, 20));
        _header = Encode(new { typ = "JWT", alg = "RS256", x5t = KeyId, kid = KeyId });
    }

    public string KeyId { get; }

    public string Modulus { get; }

    public string Exponent { get; }

    /// <summary>Claims as Exchange's v1.0 tokens have them (reference 2.3).</summary>
    public string AccessToken(Application application, Tenant tenant, Account? account, string audience, IEnumerable<string> permissions, int seconds, bool publicClient)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{tenant.Id}/",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + seconds,
            ["appid"] = application.ClientId,
            ["app_displayname"] = application.DisplayName,
            ["appidacr"] = publicClient ? "0" : "1",
            ["tid"] = tenant.Id,
            ["uti"] = GrantStore.NewSecret("")[..22],
            ["ver"] = "1.0",
        };
        if (account is not null)
        {
            claims["oid"] = account.ObjectId;
            claims["scp"] = string.Join(' ', permissions);
            claims["upn"] = account.Address;
            claims["unique_name"] = account.Address;
        }
        else if (permissions.ToArray() is { Length: > 0 } roles)
        {
            claims["roles"] = roles;
        }
        return Sign(claims);
    }

    public string IdToken(string issuer, Application application, Tenant tenant, Account account, string? nonce)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["aud"] = application.ClientId,
            ["iss"] = issuer,
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
            ["sub"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{application.ClientId}{account.ObjectId}"))),
            ["tid"] = tenant.Id,
            ["oid"] = account.ObjectId,
            ["preferred_username"] = account.Address,
            ["email"] = account.Address,
            ["name"] = account.DisplayName,
            ["ver"] = "2.0",
        };
        if (nonce is not null)
            claims["nonce"] = nonce;
        return Sign(claims);
    }

    /// <summary>Null when the token is not ours, was changed, or is no longer valid.</summary>
    public AccessToken? Read(string text)
    {
        if (Jwt.Read(text) is not { } jwt || jwt["ver"] != "1.0" || jwt["aud"] is not { } audience)
            return null;
        lock (_lock)
        {
            if (!jwt.IsSignedBy(_key))
                return null;
        }
        return jwt.Seconds("exp") > _time.GetUtcNow().ToUnixTimeSeconds() && Guid.TryParse(jwt["appid"], out var app)
            ? new AccessToken(audience, jwt.Words("scp"), jwt.Words("roles"), jwt["upn"], app, jwt.Seconds("exp"))
            : null;
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private string Sign(Dictionary<string, object> claims)
    {
        var signed = $"{_header}.{Encode(claims)}";
        lock (_lock)
            return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }
}
