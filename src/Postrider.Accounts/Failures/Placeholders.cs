using System.Text.RegularExpressions;

namespace Postrider.Accounts.Failures;

/// <summary>The names in braces that causes and remedies may use, such as <c>{mailbox}</c>.</summary>
public static partial class Placeholders
{
    /// <summary>The mailbox that sends (the provider's user name).</summary>
    public const string Mailbox = "mailbox";

    /// <summary>The sender address of the message.</summary>
    public const string From = "from";

    /// <summary>The recipient that was refused.</summary>
    public const string Recipient = "recipient";

    /// <summary>The application (client) ID.</summary>
    public const string ClientId = "clientId";

    /// <summary>The tenant ID or domain.</summary>
    public const string Tenant = "tenant";

    /// <summary>Base address of the identity platform, without a trailing slash.</summary>
    public const string Authority = "authority";

    /// <summary>The redirect URI of this gateway.</summary>
    public const string RedirectUri = "redirectUri";

    /// <summary>The server that was talked to, without the port.</summary>
    public const string Host = "host";

    /// <summary>The port of that server.</summary>
    public const string Port = "port";

    /// <summary>What the provider said, verbatim. The catalogue fills it in itself.</summary>
    internal const string Said = "said";

    internal static readonly IReadOnlySet<string> All = new HashSet<string>
    {
        Mailbox, From, Recipient, ClientId, Tenant, Authority, RedirectUri, Host, Port, Said,
    };

    /// <summary>Fills in what is known; the rest reads as <c>&lt;mailbox&gt;</c>.</summary>
    /// <remarks>Sender and recipient addresses come from strangers. On a line that is a command to copy, a value that a
    /// shell could read as more than one word is therefore left out.</remarks>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values) =>
        string.Join('\n', text.Split('\n').Select(line => FillLine(line, values)));

    internal static IEnumerable<string> NamesIn(string text) =>
        Placeholder().Matches(text).Select(match => match.Groups[1].Value);

    private static string FillLine(string line, IReadOnlyDictionary<string, string> values) =>
        Placeholder().Replace(line, match =>
        {
            var name = match.Groups[1].Value;
            if (!All.Contains(name)) return match.Value;
            var usable = values.TryGetValue(name, out var value) && value.Length > 0
                && (!line.StartsWith("    ", StringComparison.Ordinal) || PlainWord().IsMatch(value));
            return usable ? value! : $"<{name}>";
        });

    [GeneratedRegex(@"\{([a-zA-Z]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^[A-Za-z0-9@._+:/%][A-Za-z0-9@._+:/%-]*\z")]
    private static partial Regex PlainWord();
}
