using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>What a person copies out of a portal, in whatever order: "Application (client) ID: …", a label on one line and its value on the
/// next, the fields of a provider form, or what <c>az</c> prints as JSON.</summary>
internal static partial class PastedValues
{
    // The longer label first: "Client secret ID" is not "Client secret".
    private static readonly (string Label, string Member)[] Labels =
    [
        ("application (client) id", "clientId"), ("application id", "clientId"), ("client id", "clientId"), ("clientid", "clientId"), ("client_id", "clientId"), ("appid", "clientId"),
        ("directory (tenant) id", "tenant"), ("directory id", "tenant"), ("tenant id", "tenant"), ("tenantid", "tenant"), ("tenant_id", "tenant"), ("tenant", "tenant"),
        ("object id", "objectId"), ("objectid", "objectId"),
        ("client secret id", "secretId"), ("secret id", "secretId"), ("keyid", "secretId"),
        ("client secret value", "clientSecret"), ("secret value", "clientSecret"), ("client secret", "clientSecret"), ("client_secret", "clientSecret"), ("clientsecret", "clientSecret"),
        ("secrettext", "clientSecret"), ("secret", "clientSecret"), ("value", "clientSecret"), ("password", "clientSecret"),
        ("redirect uris", "redirectUri"), ("redirect-uri", "redirectUri"), ("redirect uri", "redirectUri"), ("redirect_uri", "redirectUri"), ("reply url", "redirectUri"),
        ("refresh token", "refreshToken"), ("refresh_token", "refreshToken"), ("refreshtoken", "refreshToken"),
        ("user name (email)", "userName"), ("user name", "userName"), ("username", "userName"), ("mailbox", "userName"), ("e-mail address", "userName"), ("email address", "userName"), ("e-mail", "userName"), ("email", "userName"),
        ("display name", "displayName"), ("displayname", "displayName"), ("address", "address"), ("smtp server", "address"), ("server", "address"), ("host", "address"), ("port", "port"),
        ("domain", "domain"), ("scope", "scope"), ("scopes", "scope"), ("expires", "expires"), ("expiration", "expires"), ("expiry", "expires"), ("end date", "expires"), ("name", "name"),
    ];

    public static bool LooksLike(string text) => Values(text) is { } values && (values.ContainsKey("clientId") || values.ContainsKey("tenant"));

    public static ImportReading Read(IReadOnlyList<ImportFile> files)
    {
        var values = Values(string.Join('\n', files.Select(file => file.Content)));
        string Value(string member) => values.GetValueOrDefault(member, "");
        if (values.Count == 0)
            return new(ImportFormat.Paste, [], ["No value is recognised. Copy the lines with their labels, such as \"Application (client) ID: 00000000-0000-0000-0000-000000000000\"."]);
        var notes = new List<FieldNote>();
        var google = Value("clientId").EndsWith(".apps.googleusercontent.com", StringComparison.Ordinal);
        var draft = OAuthApplications.Blank(Value("name") is { Length: > 0 } name ? name : Value("userName") is { Length: > 0 } box ? box : google ? "google" : "microsoft-365", Value("userName")) with
        {
            Type = google ? ProviderType.Google : ProviderType.Microsoft, DisplayName = Value("displayName"), ClientId = Value("clientId"), Tenant = google ? "" : Value("tenant"),
            RedirectUri = Value("redirectUri"), Address = Value("address"), Domain = Value("domain"), Scope = Value("scope"), RefreshToken = SecretChange.To(Value("refreshToken")),
            Port = int.TryParse(Value("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0,
            ClientSecretExpiresAt = Moment(Value("expires"), notes),
        };
        draft = draft with { ClientSecret = Secret(Value("clientSecret"), Value("secretId"), google, notes) };
        if (values.ContainsKey("objectId"))
            notes.Add(new("clientId", "The Object ID is not needed here, and is not the Application (client) ID."));
        if (draft.UserName.Length is 0)
            notes.Add(new("userName", "The mailbox is missing; the portal does not show it. Add a line \"Mailbox: noreply@example.com\", or --user-name."));
        return new(ImportFormat.Paste, [new(draft.Name, draft, notes)], []);
    }

    private static SecretChange Secret(string value, string id, bool google, List<FieldNote> notes)
    {
        const string OnlyOnce = "The portal shows the column \"Value\" only once, just after the secret was made. If it is gone, make a new secret under Certificates & secrets.";
        if (!google && Guid.TryParse(value, out _))
        {
            notes.Add(new("clientSecret", $"What was pasted as the secret is its ID. {OnlyOnce}"));
            return SecretChange.Keep;
        }
        if (value.Length is 0 && id.Length > 0)
            notes.Add(new("clientSecret", $"A secret ID was pasted, and no secret. {OnlyOnce}"));
        return SecretChange.To(value);
    }

    private static DateTimeOffset? Moment(string text, List<FieldNote> notes)
    {
        if (text.Length is 0)
            return null;
        // Day and month in figures can be either way round: only what cannot be misread is taken.
        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:sszzz"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            return moment;
        notes.Add(new("clientSecretExpiresAt", $"\"{text}\" can be read in two ways. Write the end of the secret like 2027-03-31."));
        return null;
    }

    private static Dictionary<string, string> Values(string text)
    {
        var values = new Dictionary<string, string>();
        if (Json(text, values))
            return values;
        string? waiting = null;
        foreach (var line in text.Split('\n').Select(line => line.Trim().Trim('\uFEFF')).Where(line => line.Length > 0))
        {
            if (Labelled(line) is var (member, value))
            {
                if (value.Length > 0)
                    values.TryAdd(member, value);
                waiting = value.Length > 0 ? null : member;
            }
            else if (waiting is not null)
            {
                values.TryAdd(waiting, Clean(line));
                waiting = null;
            }
        }
        return values;
    }

    /// <returns>The member and its value, which is empty where it stands on the next line.</returns>
    private static (string Member, string Value)? Labelled(string line)
    {
        if (Pair().Match(line) is { Success: true } pair && Member(pair.Groups[1].Value) is { } member)
            return (member, Clean(pair.Groups[2].Value));
        if (Member(line.TrimEnd(':', ' ', '*')) is { } alone)
            return (alone, "");
        // "Application (client) ID 00000000-…": copied out of a table.
        foreach (var (label, named) in Labels.OrderByDescending(entry => entry.Label.Length))
            if (line.Length > label.Length + 1 && line.StartsWith(label, StringComparison.OrdinalIgnoreCase) && line[label.Length] is ' ' or '\t' && line[(label.Length + 1)..].Trim() is var rest && !rest.Contains(' '))
                return (named, Clean(rest));
        return null;
    }

    private static string? Member(string label)
    {
        var plain = Spaces().Replace(label.Trim().Trim('"', '*', '-', '•').Trim(), " ").ToLowerInvariant();
        return Labels.FirstOrDefault(entry => entry.Label == plain).Member;
    }

    private static bool Json(string text, Dictionary<string, string> values)
    {
        if (text.TrimStart() is not ['{', ..])
            return false;
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (var member in json.RootElement.EnumerateObject())
                if (Member(member.Name) is { } known && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                    values.TryAdd(known, member.Value.ToString().Trim());
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Clean(string value) => value.Trim().TrimEnd(',').Trim('"', '\'', '`').Trim();

    [GeneratedRegex(@"^([^:=\t]{2,40}?)\s*(?::|=|\t)\s*(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
