using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Postrider.Server.Console.Ui;

/// <summary>The names of the interface in what is told to everybody, as the fields of the console are called.</summary>
internal static partial class Words
{
    private static readonly FrozenDictionary<string, string> Plain = new Dictionary<string, string>
    {
        ["startTls"] = "STARTTLS", ["tls"] = "TLS", ["userName"] = "User name", ["displayName"] = "Display name", ["sharedMailbox"] = "A shared mailbox",
        ["clientId"] = "Client ID", ["clientSecret"] = "Client secret", ["clientSecretExpiresAt"] = "Secret ends on", ["clientAuthentication"] = "How the application proves itself",
        ["serviceAccountKey"] = "Service account key", ["federatedTokenFile"] = "Federated token file", ["redirectUri"] = "Redirect URI", ["refreshToken"] = "Refresh token",
        ["authorizeUrl"] = "Authorize URL", ["tokenUrl"] = "Token URL", ["deviceUrl"] = "Device code URL", ["authorizeParameters"] = "More parameters of the sign-in page",
        ["limits.connections"] = "Connections at a time", ["limits.messagesPerMinute"] = "Messages a minute", ["limits.recipientsPerDay"] = "Recipients in 24 hours", ["limits.messageBytes"] = "Largest message",
    }.ToFrozenDictionary();

    public static string OnScreen(string text) => Name().Replace(text, found => Plain.GetValueOrDefault(found.Value, found.Value));

    // Whole words alone: not the options of a command, and not parts of addresses.
    [GeneratedRegex(@"(?<![\w./@=-])(?:limits\.)?[a-z]+(?:[A-Z][a-z]*)*(?![\w/@=-]|\.\w)")]
    private static partial Regex Name();
}
