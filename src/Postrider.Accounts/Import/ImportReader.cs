using System.Text.RegularExpressions;

namespace Postrider.Accounts.Import;

/// <summary>Reads providers out of the configuration of other programs, and out of what a person copied from a portal. It changes nothing.</summary>
public static partial class ImportReader
{
    /// <param name="format">One of <see cref="ImportFormat"/>; null finds it out.</param>
    public static ImportReading Read(IReadOnlyList<ImportFile> files, string? format = null) => (format ?? Recognise(files)) switch
    {
        ImportFormat.OAuthProxy => OAuthProxyConfiguration.Read(files),
        ImportFormat.SaslXOAuth2 => SaslTokenFiles.Read(files),
        ImportFormat.Msmtp => MsmtpConfiguration.Read(files),
        ImportFormat.Postfix => PostfixPasswords.Read(files),
        ImportFormat.Paste => PastedValues.Read(files),
        _ => new ImportReading("", [], ["Nothing in this is recognised. Name the format with --from, or paste lines such as \"Application (client) ID: 00000000-0000-0000-0000-000000000000\"."]),
    };

    /// <summary>Each format has words that no other has.</summary>
    private static string Recognise(IReadOnlyList<ImportFile> files)
    {
        var text = string.Join('\n', files.Select(file => file.Content));
        return ProxyWords().IsMatch(text) ? ImportFormat.OAuthProxy
            : files.Any(file => SaslTokenFiles.LooksLike(file.Content)) ? ImportFormat.SaslXOAuth2
            : PastedValues.LooksLike(text) ? ImportFormat.Paste
            : MsmtpWords().IsMatch(text) ? ImportFormat.Msmtp
            : PostfixWords().IsMatch(text) ? ImportFormat.Postfix
            : "";
    }

    [GeneratedRegex(@"^\s*(oauth2_scope|token_url|permission_url|oauth2_flow)\s*[=:]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ProxyWords();

    [GeneratedRegex(@"^\s*(account\s+\S|defaults\s*$|passwordeval\s)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MsmtpWords();

    [GeneratedRegex(@"^\s*(\[[^\]\s]+\](:\d+)?|[\w.-]+(:\d+)?|\S+@\S+)\s+[^\s:]+:\S|^\s*relayhost\s*=", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex PostfixWords();
}
