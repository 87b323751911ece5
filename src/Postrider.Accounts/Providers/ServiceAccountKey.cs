using System.Security.Cryptography;
using System.Text.Json;

namespace Postrider.Accounts.Providers;

/// <summary>The JSON key file of a Google service account (https://developers.google.com/identity/protocols/oauth2/service-account).</summary>
internal sealed record ServiceAccountKey(string Email, string KeyId, string PrivateKey)
{
    public override string ToString() => Email;

    /// <returns>The key, or what is wrong with the text and what to give instead.</returns>
    public static (ServiceAccountKey? Key, string? Wrong) Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
                return (null, NotAKey);
            if (Text(document, "type") is { } type && type != "service_account")
                return (null, $"This is a key of the kind \"{(type.Length > 40 ? type[..40] : type)}\". Make one under IAM & Admin > Service Accounts > the account > Keys > Add key > JSON.");
            var key = new ServiceAccountKey(Text(document, "client_email") ?? "", Text(document, "private_key_id") ?? "", Text(document, "private_key") ?? "");
            if (key.Email.Length is 0 || key.PrivateKey.Length is 0)
                return (null, NotAKey);
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key.PrivateKey);
            return (key, null);
        }
        catch (JsonException)
        {
            return (null, NotAKey);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            return (null, "The private_key in it cannot be read. Give the file as it was downloaded, whole and unchanged.");
        }
    }

    private const string NotAKey = "This is not the JSON key file of a service account. Give the whole file that Google's console downloaded: it begins with { and names client_email and private_key.";

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
