using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postrider.Simulator;

/// <summary>A JSON Web Token in parts, not yet believed.</summary>
internal sealed record Jwt(JsonElement Header, JsonElement Claims, byte[] Signed, byte[] Signature)
{
    public static Jwt? Read(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            return new Jwt(
                JsonElement.Parse(Base64Url.DecodeFromChars(parts[0])),
                JsonElement.Parse(Base64Url.DecodeFromChars(parts[1])),
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Base64Url.DecodeFromChars(parts[2])) is { Header.ValueKind: JsonValueKind.Object, Claims.ValueKind: JsonValueKind.Object } jwt ? jwt : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    public string? this[string claim] =>
        Claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public long Seconds(string claim) =>
        Claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var n) ? n : 0;

    public IReadOnlyList<string> Words(string claim) => Claims.TryGetProperty(claim, out var value) switch
    {
        true when value.ValueKind == JsonValueKind.String => value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        true when value.ValueKind == JsonValueKind.Array => [.. value.EnumerateArray().Select(v => v.ToString())],
        _ => [],
    };

    public string? HeaderValue(string name) =>
        Header.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public bool IsSignedBy(RSA key) => HeaderValue("alg") switch
    {
        "RS256" => key.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => key.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        _ => false,
    };
}
