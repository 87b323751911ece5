using System.CommandLine;
using System.Text.Json.Nodes;

namespace Postrider.Cli;

/// <summary>A provider's members as options: each row is an option and the member of the interface that it sets.
/// Secrets have no option that takes them literally; a command line is seen by every user of a machine.</summary>
internal static class ProviderOptions
{
    private static readonly (Option<string?> Option, string Member)[] Texts =
    [
        (Text("--display-name", "text", "Its name for people."), "displayName"),
        (OneOf("--type", "How it signs in.", "microsoft", "google", "oauth2", "password"), "type"),
        (Text("--preset", "name", "Fill in what is known about a kind of provider; see 'provider presets'."), "preset"),
        (Text("--address", "host", "The SMTP server."), "address"),
        (OneOf("--security", "How the connection is protected.", "startTls", "tls", "none"), "security"),
        (Text("--domain", "domain", "The domain it sends for."), "domain"),
        (Text("--user-name", "address", "The mailbox it sends from."), "userName"),
        (Text("--tenant", "id|domain", "Directory (tenant) of the mailbox."), "tenant"),
        (Text("--authority", "url", "Base address of the identity platform."), "authority"),
        (Text("--authorize-url", "url", "Where people sign in, for an identity platform without a discovery document."), "authorizeUrl"),
        (Text("--token-url", "url", "Where tokens are had, likewise."), "tokenUrl"),
        (Text("--device-url", "url", "Where device codes are had, likewise."), "deviceUrl"),
        (OneOf("--client-authentication", "How the application proves itself; left out, with what is there.", "post", "basic", "privateKeyJwt", "federated", "none"), "clientAuthentication"),
        (Text("--federated-token-file", "file", "On the server: a token of an issuer that the application trusts, read for each request."), "federatedTokenFile"),
        (Text("--client-id", "id", "Application (client) ID."), "clientId"),
        (Text("--redirect-uri", "url", "Where the browser returns after the sign-in."), "redirectUri"),
        (OneOf("--grant", "How it gets tokens.", "authorizationCode", "deviceCode", "clientCredentials", "serviceAccount", "refreshToken"), "grant"),
        (Text("--failover", "name", "The provider that takes its mail over when it cannot send; \"\" for none."), "failover"),
        (Text("--imap-address", "host:port", "The IMAP server that reports are read from, with its port for TLS."), "imapAddress"),
        (Text("--imap-folder", "name", "The folder that they are read from; the inbox when left out."), "imapFolder"),
    ];

    private static readonly (Option<long?> Option, string Member)[] Limits =
    [
        (Number("--max-connections", "Connections at a time; 0 means no limit."), "connections"),
        (Number("--messages-per-minute", "0 means no limit."), "messagesPerMinute"),
        (Number("--recipients-per-day", "0 means no limit."), "recipientsPerDay"),
        (Number("--message-bytes", "Largest message in octets; 0 means no limit."), "messageBytes"),
    ];

    private static readonly (Option<string?> Option, string Member)[] Secrets =
    [
        (Text("--client-secret-file", "file|-", "The application's secret value."), "clientSecret"),
        (Text("--refresh-token-file", "file|-", "A refresh token obtained elsewhere."), "refreshToken"),
        (Text("--service-account-file", "file|-", "The JSON key file of a Google service account."), "serviceAccountKey"),
        (Text("--password-file", "file|-", "The password, for type password."), "password"),
    ];

    private static readonly Option<int?> Port = new("--port") { HelpName = "number", Description = "Its port (587 with startTls, 465 with tls)." };
    private static readonly Option<string?> SecretExpiresAt = Text("--client-secret-expires-at", "moment", "When the secret ends; warnings come before.");
    private static readonly Option<string[]> Scope = new("--scope") { HelpName = "scope", Description = "Scopes to ask for.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool?> SharedMailbox = new("--shared-mailbox")
    {
        HelpName = "true|false", Description = "The user name is a shared mailbox: someone else signs in.", Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string[]> Senders = new("--sender") { HelpName = "address|@domain", Description = "Send the mail of these authors too; may be repeated." };
    private static readonly Option<bool?> Default = new("--default")
    {
        HelpName = "true|false", Description = "It sends what no other provider is named for.", Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<bool?> ReadReports = new("--read-reports")
    {
        HelpName = "true|false", Description = "Read bounces from its mailbox, over IMAP.", Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<string[]> AuthorizeParameters = new("--authorize-parameter") { HelpName = "name=value", Description = "Add it to the sign-in page's address; may be repeated, \"\" removes all." };
    private static readonly Option<bool> Enabled = new("--enabled") { Description = "Let mail leave through it." };
    private static readonly Option<bool> Disabled = new("--disabled") { Description = "Keep it out of use." };

    public static Verb AddTo(Verb verb)
    {
        foreach (var option in Texts.Select(row => row.Option).Concat(Secrets.Select(row => row.Option)))
            verb.Add(option);
        foreach (var option in Limits.Select(row => row.Option))
            verb.Add(option);
        foreach (var option in new Option[] { Port, SecretExpiresAt, Scope, SharedMailbox, Senders, Default, ReadReports, AuthorizeParameters, Enabled, Disabled })
            verb.Add(option);
        return verb;
    }

    /// <summary>Sets the members whose options were given, and no others.</summary>
    public static async Task ReadAsync(Call call, JsonObject members)
    {
        foreach (var (option, member) in Texts.Where(row => call.Has(row.Option)))
            members[member] = call.Get(option);
        if (call.Get(Port) is { } port)
            members["port"] = port;
        if (Moments.Coming(SecretExpiresAt.Name, call.Get(SecretExpiresAt), call.Terminal.Time) is { } expires)
            members["clientSecretExpiresAt"] = expires;
        if (call.Get(Scope) is { Length: > 0 } scopes)
            members["scope"] = string.Join(' ', scopes);
        if (call.Has(SharedMailbox))
            members["sharedMailbox"] = call.Get(SharedMailbox) ?? true;
        if (call.Has(Senders))
            members["senders"] = new JsonArray([.. call.Get(Senders)!.Where(sender => sender.Length > 0).Select(sender => JsonValue.Create(sender))]);
        if (call.Has(Default))
            members["default"] = call.Get(Default) ?? true;
        if (call.Has(ReadReports))
            members["readReports"] = call.Get(ReadReports) ?? true;

        if (call.Has(AuthorizeParameters))
            members["authorizeParameters"] = Pairs(call.Get(AuthorizeParameters)!);
        ReadEnabled(call, members);
        ReadLimits(call, members);
        await ReadSecretsAsync(call, members);
    }

    // A merge patch adds to what is there; null empties it.
    private static JsonObject? Pairs(string[] given)
    {
        var pairs = new JsonObject();
        foreach (var text in given.Where(text => text.Length > 0))
            if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                pairs[text[..at]] = text[(at + 1)..];
            else
                throw new UsageException($"--authorize-parameter: write name=value, for example domain_hint=contoso.com, not \"{text}\".");
        return pairs.Count > 0 ? pairs : null;
    }

    private static void ReadEnabled(Call call, JsonObject members)
    {
        if (call.Get(Enabled) && call.Get(Disabled))
            throw new UsageException("--enabled and --disabled exclude each other.");
        if (call.Get(Enabled) || call.Get(Disabled))
            members["enabled"] = call.Get(Enabled);
    }

    private static void ReadLimits(Call call, JsonObject members)
    {
        var given = Limits.Where(row => call.Has(row.Option)).ToList();
        if (given.Count > 0)
            members["limits"] = new JsonObject(given.Select(row => KeyValuePair.Create(row.Member, (JsonNode?)call.Get(row.Option))));
    }

    private static async Task ReadSecretsAsync(Call call, JsonObject members)
    {
        var given = Secrets.Where(row => call.Has(row.Option)).ToList();
        if (given.Count(row => call.Get(row.Option) == InputFile.StandardInput) > 1)
            throw new UsageException("only one secret can come from standard input; put the others into files.");
        foreach (var (option, member) in given)
            members[member] = await InputFile.ReadSecretAsync(call, option.Name, call.Get(option)!);
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<long?> Number(string name, string description) =>
        new(name) { HelpName = "number", Description = description };

    private static Option<string?> OneOf(string name, string description, params string[] values) =>
        Text(name, string.Join('|', values), description).AcceptOnlyFromAmong(values);
}
