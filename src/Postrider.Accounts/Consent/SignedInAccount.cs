using System.Buffers.Text;
using System.Text.Json;

namespace Postrider.Accounts.Consent;

/// <summary>Who signed in, as far as the tokens say. The id_token is meant for us; an access token is not, so what cannot be read in it
/// is simply not known (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).</summary>
internal static class SignedInAccount
{
    private static readonly string[] Names = ["preferred_username", "email", "upn", "unique_name"];

    /// <returns>The addresses that the tokens name, the most telling first; empty when they name none.</returns>
    public static IReadOnlyList<string> Addresses(string? idToken, string accessToken) =>
        [.. Claims(idToken).Concat(Claims(accessToken)).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static List<string> Claims(string? token)
    {
        if (token?.Split('.') is not [_, var payload, _])
            return [];
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return json.RootElement.ValueKind is not JsonValueKind.Object ? [] : [.. Names
                .Select(name => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "")
                .Where(value => value.Contains('@'))];
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException)
        {
            return [];
        }
    }
}
