using System.Globalization;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>An msmtprc (https://marlam.de/msmtp/msmtp.html): <c>defaults</c>, then accounts that may inherit from others.</summary>
internal static class MsmtpConfiguration
{
    public static ImportReading Read(IReadOnlyList<ImportFile> files)
    {
        var accounts = new List<(string Name, Dictionary<string, string> Values)>();
        var defaults = new Dictionary<string, string>();
        var current = defaults;
        foreach (var line in files.SelectMany(file => file.Content.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not '#'))
        {
            var parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
            var (command, value) = (parts[0].ToLowerInvariant(), parts.Length > 1 ? Unquoted(parts[1].Trim()) : "");
            if (command is "defaults")
                current = defaults;
            else if (command is not "account")
                current[command] = value;
            else if (Begin(value, accounts, defaults) is { } begun)
                current = begun;
        }
        var notes = accounts.Count == 0 && defaults.ContainsKey("host") ? (List<string>)["The file has no account section; its defaults are taken for one."] : [];
        if (accounts.Count == 0 && defaults.ContainsKey("host"))
            accounts.Add(("default", defaults));
        return new(ImportFormat.Msmtp, [.. accounts.Where(account => account.Values.ContainsKey("host")).Select(account => Account(account.Name, account.Values))], notes);
    }

    /// <returns>Null for <c>account default : NAME</c>, which names an account again.</returns>
    private static Dictionary<string, string>? Begin(string value, List<(string Name, Dictionary<string, string> Values)> accounts, Dictionary<string, string> defaults)
    {
        var (name, parents) = value.Split(':', 2, StringSplitOptions.TrimEntries) is [var own, var inherited] ? (own, inherited) : (value, "");
        var values = new Dictionary<string, string>(defaults);
        foreach (var parent in parents.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            foreach (var (key, inheritedValue) in accounts.Find(account => account.Name == parent).Values ?? [])
                values[key] = inheritedValue;
        if (name is "default" && parents.Length > 0)
            return null;
        accounts.Add((name, values));
        return values;
    }

    private static ImportedProvider Account(string name, Dictionary<string, string> values)
    {
        string Value(string key) => values.GetValueOrDefault(key, "");
        bool On(string key, bool otherwise) => Value(key) switch { "on" => true, "off" => false, "" when values.ContainsKey(key) => true, _ => otherwise };
        var notes = new List<FieldNote>();
        var (host, user) = (Value("host"), Value("user") is { Length: > 0 } given ? given : Value("from"));
        var tls = On("tls", false);
        var startTls = On("tls_starttls", true);
        var port = int.TryParse(Value("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : tls && !startTls ? 465 : 25;
        var draft = OAuthApplications.Blank(name is "default" ? host : name, user) with
        {
            DisplayName = name, Type = ProviderType.Password, Address = host, Port = port, Security = !tls ? SmtpSecurity.None : startTls ? SmtpSecurity.StartTls : SmtpSecurity.Tls,
        };
        if (Value("auth") is "xoauth2" or "oauthbearer")
            return new(name, draft with { Type = "" }, notes, $"It signs in with a token that a program makes (passwordeval). Postrider gets tokens itself and needs the application: postrider provider add {draft.Name} --user-name {user} --type microsoft|google … ('provider add --help')");
        if (On("auth", true) is false && Value("auth") is "off")
            return new(name, draft, notes, "It sends without signing in (auth off). Postrider sends through accounts that sign in.");
        if (Value("password") is { Length: > 0 } password)
            draft = draft with { Password = SecretChange.To(password) };
        else
            notes.Add(new("password", values.ContainsKey("passwordeval")
                ? $"The password is made by a command (passwordeval), which is not run. Set it: postrider provider set {draft.Name} --password-file -"
                : $"The file holds no password. Set it: postrider provider set {draft.Name} --password-file -"));
        if (On("tls_certcheck", true) is false)
            notes.Add(new("security", "tls_certcheck off is not taken over: Postrider always checks certificates. Trust the server's authority with SSL_CERT_FILE."));
        if (OAuthApplications.PasswordsEnd(host) is { } ends)
            notes.Add(new("type", ends));
        return new(name, draft, notes);
    }

    private static string Unquoted(string text) => text is ['"', .. var inner, '"'] ? inner.Replace("\\\"", "\"", StringComparison.Ordinal) : text;
}
