using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postrider.EndToEnd.Running;

/// <summary>A device with passkeys and the browser before it (WebAuthn level 3), as honest as it is told to be.</summary>
internal sealed class Authenticator(string origin) : IDisposable
{
    private const byte Present = 1, Verified = 4, WithKey = 64;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(16);
    private string userHandle = "";

    public string Origin { get; set; } = origin;
    public bool Verifies { get; set; } = true;
    public uint Count { get; set; }

    /// <summary>Makes the key that the server asks for.</summary>
    public string Create(string options)
    {
        var asked = JsonNode.Parse(options)!;
        userHandle = asked["user"]!["id"]!.GetValue<string>();
        var point = key.ExportParameters(false).Q;
        byte[] cose = [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] data = [.. Data(asked["rp"]!["id"]!.GetValue<string>(), WithKey), .. new byte[16], 0, (byte)id.Length, .. id, .. cose];
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Credential(new JsonObject { ["clientDataJSON"] = Text(Client("webauthn.create", asked)), ["attestationObject"] = Text(attestation), ["transports"] = new JsonArray("internal") });
    }

    /// <summary>Signs what the server asks.</summary>
    public string Sign(string options)
    {
        var asked = JsonNode.Parse(options)!;
        Count++;
        var (data, client) = (Data(asked["rpId"]!.GetValue<string>(), 0), Client("webauthn.get", asked));
        var signature = key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new JsonObject { ["clientDataJSON"] = Text(client), ["authenticatorData"] = Text(data), ["signature"] = Text(signature), ["userHandle"] = userHandle });
    }

    private byte[] Data(string domain, byte flags)
    {
        var data = new byte[37];
        SHA256.HashData(Encoding.ASCII.GetBytes(domain), data);
        data[32] = (byte)(Present | (Verifies ? Verified : 0) | flags);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Count);
        return data;
    }

    private byte[] Client(string type, JsonNode asked) =>
        JsonSerializer.SerializeToUtf8Bytes(new { type, challenge = asked["challenge"]!.GetValue<string>(), origin = Origin, crossOrigin = false });

    private string Credential(JsonObject response) => new JsonObject
    {
        ["id"] = Text(id), ["rawId"] = Text(id), ["type"] = "public-key", ["response"] = response, ["clientExtensionResults"] = new JsonObject(),
    }.ToJsonString();

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public void Dispose() => key.Dispose();
}
