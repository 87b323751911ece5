using System.Globalization;
using System.Text.RegularExpressions;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>A <c>sasl_passwd</c> of Postfix (SASL_README), with the <c>relayhost</c> and <c>smtp_tls_*</c> lines of <c>main.cf</c> when they
/// are given too.</summary>
internal static partial class PostfixPasswords
{
    public static ImportReading Read(IReadOnlyList<ImportFile> files)
    {
        var lines = files.SelectMany(file => file.Content.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not '#').ToList();
        var settings = lines.Select(line => Setting().Match(line)).Where(match => match.Success).GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => group.Last().Groups[2].Value.Trim());
        var relay = settings.GetValueOrDefault("relayhost", "");
        var entries = lines.Where(line => !Setting().IsMatch(line)).Select(line => line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries)).ToList();
        var notes = new List<string>();
        if (entries.Count == 0)
            notes.Add("No line of the form \"[smtp.example.com]:587 user:password\" is in it. Give the file that smtp_sasl_password_maps names, not its .db.");
        return new(ImportFormat.Postfix, [.. entries.Select(entry => Account(entry[0], entry.Length > 1 ? entry[1] : "", relay, settings))], notes);
    }

    private static ImportedProvider Account(string destination, string credential, string relay, Dictionary<string, string> settings)
    {
        var notes = new List<FieldNote>();
        var colon = credential.IndexOf(':');
        var (user, password) = colon < 0 ? (credential, "") : (credential[..colon], credential[(colon + 1)..]);
        // A key that is an address is a sender whose mail signs in as somebody of its own, at the relay host.
        var sender = destination.Contains('@') && !destination.StartsWith('[') ? destination : null;
        var (host, port) = Server(sender is null ? destination : relay);
        var security = settings.GetValueOrDefault("smtp_tls_wrappermode") is "yes" || port is 465 ? SmtpSecurity.Tls : SmtpSecurity.StartTls;
        var draft = OAuthApplications.Blank(sender ?? (user.Contains('@') ? user : host), user) with { Type = ProviderType.Password, Address = host, Port = port, Security = security, Password = SecretChange.To(password) };
        if (host.Length == 0)
            return new(destination, draft, notes, $"Which server {destination} sends through is said by relayhost in main.cf. Give that file too: postrider provider import /etc/postfix/sasl_passwd /etc/postfix/main.cf");
        if (password.Length == 0)
            return new(destination, draft, notes, $"The line of {destination} holds no password.");
        if (sender is not null && !sender.Equals(user, StringComparison.OrdinalIgnoreCase))
            notes.Add(new("userName", $"It sends as {sender} and signs in as {user}."));
        if (settings.GetValueOrDefault("smtp_tls_security_level") is "none" or "may")
            notes.Add(new("security", "There TLS is optional; Postrider asks for it. Write security \"none\" if the server has none."));
        if (LooksLikeTokenPath().IsMatch(password))
            return new(destination, draft with { Password = SecretChange.Keep }, notes, $"{password} is a token file of sasl-xoauth2. Import that: postrider provider import /etc/sasl-xoauth2.conf {password}");
        if (OAuthApplications.PasswordsEnd(host) is { } ends)
            notes.Add(new("type", ends));
        return new(destination, draft, notes);
    }

    /// <summary>"[smtp.example.com]:587", "smtp.example.com"; without a port it is 25, as with Postfix.</summary>
    private static (string Host, int Port) Server(string text)
    {
        var match = Host().Match(text);
        var port = match.Groups["port"].Value switch
        {
            "" => 25, "smtps" or "submissions" => 465, "submission" => 587,
            var number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 25,
        };
        return (match.Groups["host"].Value, port);
    }

    [GeneratedRegex(@"^(relayhost|smtp_[a-z_]+|smtpd_[a-z_]+|[a-z]+[a-z_]*)\s*=\s*(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^\[?(?<host>[^\]:\s]*)\]?(:(?<port>\w+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"^/\S+$", RegexOptions.CultureInvariant)]
    private static partial Regex LooksLikeTokenPath();
}
