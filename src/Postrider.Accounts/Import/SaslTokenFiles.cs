using System.Text.Json;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>Token files of sasl-xoauth2 (https://github.com/tarickb/sasl-xoauth2), named for their mailbox, and its configuration, which
/// holds what the files share. A file may override every member of the configuration.</summary>
internal static class SaslTokenFiles
{
    private const string Google = "https://accounts.google.com/o/oauth2/token";

    public static bool LooksLike(string text) => Parse(text) is { } json && (json.TryGetProperty("refresh_token", out _) || json.TryGetProperty("token_endpoint", out _)
        || (json.TryGetProperty("client_id", out _) && json.TryGetProperty("client_secret", out _) && !json.TryGetProperty("installed", out _)));

    public static ImportReading Read(IReadOnlyList<ImportFile> files)
    {
        var parsed = files.Select(file => (File: file, Json: Parse(file.Content))).ToList();
        var shared = parsed.Where(one => one.Json is { } json && !json.TryGetProperty("refresh_token", out _)).Select(one => one.Json!.Value).ToList();
        var notes = new List<string>();
        if (parsed.Where(one => one.Json is null).Select(one => one.File.Name).ToList() is { Count: > 0 } unreadable)
            notes.Add($"Not JSON, and left out: {string.Join(", ", unreadable)}.");
        var tokens = parsed.Where(one => one.Json is { } json && json.TryGetProperty("refresh_token", out _)).ToList();
        if (tokens.Count == 0)
            notes.Add("No token file is among the files. Give the configuration and the token files together: postrider provider import /etc/sasl-xoauth2.conf /etc/tokens/*");
        return new(ImportFormat.SaslXOAuth2, [.. tokens.Select(one => Account(one.File, one.Json!.Value, shared))], notes);
    }

    private static ImportedProvider Account(ImportFile file, JsonElement token, List<JsonElement> shared)
    {
        string Value(string name) => shared.Prepend(token).Select(json => Text(json, name)).FirstOrDefault(text => text.Length > 0) ?? "";
        var notes = new List<FieldNote>();
        var mailbox = Value("user") is { Length: > 0 } user ? user : file.Name;
        var endpoint = Value("token_endpoint") is { Length: > 0 } given ? given : Google;
        var draft = OAuthApplications.Draft(mailbox, mailbox, endpoint, "", Value("scope"), notes) with
        {
            ClientId = Value("client_id"), ClientSecret = SecretChange.To(Value("client_secret")), RefreshToken = SecretChange.To(Value("refresh_token")), Grant = ProviderGrant.RefreshToken,
        };
        notes.Add(new("refreshToken", "The refresh token is taken over; no new sign-in is needed. Stop the other program: where tokens rotate, two users of one token lose it."));
        return mailbox.Contains('@') ? new(mailbox, draft, notes)
            : new(mailbox, draft, notes, "The file does not say which mailbox it is of. Name it for its mailbox, as Postfix finds it: noreply@example.com");
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()!.Trim() : "";

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text.TrimStart('\uFEFF'), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return json.RootElement.ValueKind is JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
