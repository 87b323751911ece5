using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>The names of the interface in what is told to everybody, as the fields of the console are called.</summary>
internal static partial class Words
{
    private static readonly FrozenDictionary<string, Phrase> Plain = new Dictionary<string, Phrase>
    {
        ["startTls"] = T["STARTTLS"], ["tls"] = T["TLS"], ["userName"] = T["User name"], ["displayName"] = T["Display name"], ["sharedMailbox"] = T["A shared mailbox"],
        ["clientId"] = T["Client ID"], ["clientSecret"] = T["Client secret"], ["clientSecretExpiresAt"] = T["Secret ends on"], ["clientAuthentication"] = T["How the application proves itself"],
        ["serviceAccountKey"] = T["Service account key"], ["federatedTokenFile"] = T["Federated token file"], ["redirectUri"] = T["Redirect URI"], ["refreshToken"] = T["Refresh token"],
        ["authorizeUrl"] = T["Authorize URL"], ["tokenUrl"] = T["Token URL"], ["deviceUrl"] = T["Device code URL"], ["authorizeParameters"] = T["More parameters of the sign-in page"],
        ["limits.connections"] = T["Connections at a time"], ["limits.messagesPerMinute"] = T["Messages a minute"], ["limits.recipientsPerDay"] = T["Recipients in 24 hours"], ["limits.messageBytes"] = T["Largest message"],
    }.ToFrozenDictionary();

    public static string OnScreen(string text) => Name().Replace(text, found => Plain.GetValueOrDefault(found.Value)?.ToString() ?? found.Value);

    // Whole words alone: not the options of a command, and not parts of addresses.
    [GeneratedRegex(@"(?<![\w./@=-])(?:limits\.)?[a-z]+(?:[A-Z][a-z]*)*(?![\w/@=-]|\.\w)")]
    private static partial Regex Name();
}
