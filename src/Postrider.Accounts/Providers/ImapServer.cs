using System.Globalization;

namespace Postrider.Accounts.Providers;

/// <summary>Where a mailbox is read by IMAP, and what a token needs for it.</summary>
public static class ImapServer
{
    /// <returns>Null when the text is not <c>host:port</c>.</returns>
    public static (string Host, int Port)? Parse(string text) => text.LastIndexOf(':') is > 0 and var colon
        && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
        && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown ? (text[..colon].Trim('[', ']'), port) : null;

    /// <summary>The scope that reading a Microsoft mailbox takes and that the provider does not ask for; null when nothing is missing. Google's covers it.</summary>
    public static string? ScopeMissing(ProviderSettings provider)
    {
        var asked = provider.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (provider.Type != ProviderType.Microsoft || Array.Exists(asked, scope => scope.EndsWith("/.default", StringComparison.OrdinalIgnoreCase) || scope.EndsWith("/IMAP.AccessAsUser.All", StringComparison.OrdinalIgnoreCase)))
            return null;
        var sending = Array.Find(asked, scope => scope.EndsWith("/SMTP.Send", StringComparison.OrdinalIgnoreCase));
        return sending is null ? "https://outlook.office.com/IMAP.AccessAsUser.All" : $"{sending[..sending.LastIndexOf('/')]}/IMAP.AccessAsUser.All";
    }
}
