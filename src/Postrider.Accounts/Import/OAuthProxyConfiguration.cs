using System.Globalization;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>The configuration of email-oauth2-proxy (https://github.com/simonrob/email-oauth2-proxy, emailproxy.config): servers in
/// sections such as <c>[SMTP-2587]</c>, accounts in sections named for their address. Its tokens are encrypted with a key made of the
/// password that the mail client uses there, so they stay there: consent is given once more.</summary>
internal static class OAuthProxyConfiguration
{
    public static ImportReading Read(IReadOnlyList<ImportFile> files)
    {
        var sections = files.SelectMany(file => IniText.Read(file.Content)).ToList();
        var servers = sections.Where(section => section.Name.StartsWith("SMTP-", StringComparison.OrdinalIgnoreCase)).Select(section => section.Values).ToList();
        var notes = new List<string>();
        if (sections.Any(section => section.Name.StartsWith("IMAP-", StringComparison.OrdinalIgnoreCase) || section.Name.StartsWith("POP-", StringComparison.OrdinalIgnoreCase)))
            notes.Add("Servers for reading mail (IMAP, POP) are left out: Postrider sends.");
        if (servers.Count > 0)
            notes.Add("Programs keep their port when Postrider listens on it (--smtp); they sign in as a client of Postrider, whose password is made by: postrider client add NAME");
        return new(ImportFormat.OAuthProxy, [.. sections.Where(section => section.Name.Contains('@')).Select(section => Account(section.Name, section.Values, servers))], notes);
    }

    private static ImportedProvider Account(string address, Dictionary<string, string> values, List<Dictionary<string, string>> servers)
    {
        string Value(string name) => values.GetValueOrDefault(name, "");
        var notes = new List<FieldNote>();
        if (address.StartsWith('@'))
            return new(address, OAuthApplications.Blank(address, ""), notes, $"[{address}] stands for every mailbox of the domain. A provider is one mailbox: give it a section of its own, or add the mailbox with 'postrider provider add'.");
        var flow = Value("oauth2_flow");
        var draft = OAuthApplications.Draft(address, address, Value("token_url"), Value("permission_url"), OneLine(Value("oauth2_scope")), notes) with { ClientId = Value("client_id") };
        if (Value("client_secret") is { Length: > 0 } secret)
            draft = draft with { ClientSecret = SecretChange.To(secret) };
        else if (Value("client_secret_encrypted").Length > 0)
            notes.Add(new("clientSecret", "The secret is encrypted there with the mail client's password and cannot be read. Set it: postrider provider set NAME --client-secret-file -"));
        if (Value("access_token").Length > 0 || Value("refresh_token").Length > 0)
            notes.Add(new("refreshToken", "The stored tokens are encrypted there with the mail client's password and are not taken over. Connect once more: postrider provider connect NAME"));
        if (Value("redirect_uri") is { Length: > 0 } redirect && redirect != "urn:ietf:wg:oauth:2.0:oob")
        {
            draft = draft with { RedirectUri = redirect };
            notes.Add(new("redirectUri", $"The registered address {redirect} is kept. When Postrider does not answer there, paste the address that the sign-in ends on."));
        }
        return flow switch
        {
            "" => new(address, WithServer(draft, servers, notes), notes),
            "client_credentials" => new(address, WithServer(draft with { Grant = ProviderGrant.ClientCredentials, RedirectUri = "", Scope = "" }, servers, notes), notes),
            _ => new(address, draft, notes, $"It gets its tokens with the flow \"{flow}\", which is not taken over. Add the mailbox with 'postrider provider add', and connect it."),
        };
    }

    /// <summary>The catalog knows the vendors' servers. Another is taken from the file, where it names one.</summary>
    private static ProviderDraft WithServer(ProviderDraft draft, List<Dictionary<string, string>> servers, List<FieldNote> notes)
    {
        var preset = ProviderCatalog.Find(draft.Preset.Length > 0 ? draft.Preset : draft.Type);
        var named = servers.Count == 1 ? servers[0].GetValueOrDefault("server_address", "") : "";
        if (preset is { Address.Length: > 0 } && !ProviderCatalog.All.Any(other => other.Type == preset.Type && other.Address == named))
            return draft;
        if (servers.Count != 1)
        {
            notes.Add(new("address", servers.Count == 0 ? "The file names no SMTP server for it." : "The file names several SMTP servers; which of them it sends through is not said there."));
            return draft;
        }
        var server = servers[0];
        bool Is(string name) => server.GetValueOrDefault(name, "").Equals("true", StringComparison.OrdinalIgnoreCase);
        var port = int.TryParse(server.GetValueOrDefault("server_port"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
        return draft with
        {
            Address = named, Port = port,
            Security = Is("server_starttls") || Is("starttls") ? SmtpSecurity.StartTls : SmtpSecurity.Tls,
        };
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
