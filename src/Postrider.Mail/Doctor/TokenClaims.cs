using System.Buffers.Text;
using System.Text.Json;

namespace Postrider.Mail.Doctor;

/// <summary>What an access token says of itself, for diagnosis only: the token is meant for the provider's server, and may change its form at any
/// time (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).</summary>
internal sealed record TokenClaims(string Audience, IReadOnlyList<string> Scopes, IReadOnlyList<string> Roles, string? Account, string? Tenant, DateTimeOffset? ExpiresAt)
{
    /// <returns>Null when the token is not a JWT that can be read: opaque tokens are as good.</returns>
    public static TokenClaims? Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = json.RootElement;
            return claims.ValueKind is not JsonValueKind.Object ? null : new TokenClaims(
                string.Join(' ', Texts(claims, "aud")),
                [.. Texts(claims, "scp").Concat(Texts(claims, "scope")).SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))],
                Texts(claims, "roles"),
                Texts(claims, "upn").Concat(Texts(claims, "unique_name")).Concat(Texts(claims, "preferred_username")).FirstOrDefault(name => name.Contains('@')),
                Texts(claims, "tid").FirstOrDefault(),
                claims.TryGetProperty("exp", out var end) && end.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null);
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The values of a claim that is one text or a list of them.</summary>
    private static List<string> Texts(JsonElement claims, string name) => !claims.TryGetProperty(name, out var value) ? [] : value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => [.. value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)],
        _ => [],
    };
}
