using System.Text.RegularExpressions;

namespace Postrider.Accounts.Providers;

/// <summary>What cannot be accepted about a provider, each with what to write instead. What can be accepted but will probably not
/// work is said by <see cref="ProviderWarnings"/>.</summary>
public static partial class ProviderValidation
{
    /// <param name="draft">Filled from its preset.</param>
    public static IReadOnlyList<FieldNote> Errors(ProviderDraft draft)
    {
        var errors = new List<FieldNote>();
        void Refuse(string member, string? message)
        {
            if (message is not null)
                errors.Add(new(member, message));
        }
        Refuse("name", Name(draft.Name));
        Refuse("type", Type(draft));
        Refuse("preset", Preset(draft));
        Refuse("address", Address(draft.Address));
        Refuse("port", Port(draft));
        Refuse("security", Security(draft));
        Refuse("domain", Domain(draft.Domain));
        Refuse("userName", UserName(draft));
        Refuse("limits", Limits(draft.Limits));
        Refuse("senders", Senders(draft.Senders));
        Refuse("imapAddress", ImapAddress(draft));
        Refuse("imapFolder", draft.ImapFolder.Length > 200 || draft.ImapFolder.Any(char.IsControl) ? "Write the folder's name as the server has it, at most 200 characters." : null);
        if (draft.Type == ProviderType.Password)
            OnlyPassword(draft, Refuse);
        else if (ProviderType.All.Contains(draft.Type))
            OAuth(draft, Refuse);
        return errors;
    }

    private static string? ImapAddress(ProviderDraft draft) => draft switch
    {
        { ImapAddress.Length: > 0 } => ImapServer.Parse(draft.ImapAddress) is null ? "Write the IMAP server and its port for TLS, for example \"imap.example.org:993\"." : null,
        { ReadReports: true } => "Where is the mailbox read? Write the IMAP server and its port for TLS, for example \"imap.example.org:993\".",
        _ => null,
    };

    private static void OnlyPassword(ProviderDraft draft, Action<string, string?> refuse)
    {
        refuse("grant", draft.Grant.Length > 0 ? "A provider of type password has no grant. Leave it out." : null);
        refuse("clientSecret", draft.ClientSecret.Value is not null ? "A provider of type password has no client secret. Write the mailbox password in \"password\"." : null);
        refuse("refreshToken", draft.RefreshToken.Value is not null ? "A provider of type password has no refresh token. Write the mailbox password in \"password\"." : null);
    }

    private static void OAuth(ProviderDraft draft, Action<string, string?> refuse)
    {
        refuse("password", draft.Password.Value is not null ? "A mailbox password is only used by the type \"password\". Here Postrider signs in with OAuth: leave it out." : null);
        refuse("grant", Grant(draft));
        refuse("tenant", draft.Type == ProviderType.Microsoft ? Tenant(draft) : null);
        refuse("clientAuthentication", ClientProof(draft));
        refuse("federatedTokenFile", TokenFile(draft));
        refuse("serviceAccountKey", ServiceKey(draft));
        refuse("authorizeParameters", AuthorizeParameters(draft));
        refuse("clientId", draft.Grant == ProviderGrant.ServiceAccount ? null : draft.ClientId.Length is 0 ? $"Write the {IdName(draft.Type)}." : draft.ClientId.Any(char.IsWhiteSpace) ? "A client ID has no blanks in it." : null);
        refuse("clientSecret", ClientSecret(draft));
        refuse("refreshToken", RefreshToken(draft));
        refuse("scope", Scope(draft));
        refuse("authority", Authority(draft));
        refuse("authorizeUrl", Endpoint(draft.AuthorizeUrl));
        refuse("tokenUrl", Endpoint(draft.TokenUrl));
        refuse("deviceUrl", Endpoint(draft.DeviceUrl));
        if (draft.Grant == ProviderGrant.AuthorizationCode || draft.RedirectUri.Length > 0)
            refuse("redirectUri", RedirectUriRules.Check(draft.RedirectUri, draft.Type));
    }

    private static string? Senders(IReadOnlyList<string> senders) =>
        senders.FirstOrDefault(sender => sender.Any(char.IsWhiteSpace) || sender.IndexOf('@', StringComparison.Ordinal) < 0 || sender.EndsWith('@') || sender.Count(letter => letter == '@') > 1) is { } wrong
            ? $"\"{wrong}\" is neither an address nor a domain. Write them like \"alerts@example.org\" or \"@example.org\"."
            : null;

    private static string? Name(string name) => name switch
    {
        "" => "Write a name, for example \"microsoft-365\".",
        _ when NameForm().IsMatch(name) => null,
        _ => $"Use 1 to 64 lower-case letters, digits, \"-\", \"_\" and \".\", beginning with a letter or digit, for example \"{Suggest(name)}\". The display name may hold anything.",
    };

    private static string Suggest(string name)
    {
        var text = NotInNames().Replace(name.Trim().ToLowerInvariant(), "-").Trim('-', '.', '_');
        return text.Length is 0 or > 64 ? "microsoft-365" : text;
    }

    private static string? Type(ProviderDraft draft) =>
        ProviderType.All.Contains(draft.Type) ? null : $"Write one of {string.Join(", ", ProviderType.All)}.";

    private static string? Preset(ProviderDraft draft) => draft.Preset.Length is 0 ? null : ProviderCatalog.Find(draft.Preset) switch
    {
        null => $"There is no preset of this name. Write one of {string.Join(", ", ProviderCatalog.All.Select(preset => preset.Name))}.",
        { } preset when preset.Type != draft.Type && ProviderType.All.Contains(draft.Type) => $"The preset {preset.Name} is for the type {preset.Type}.",
        _ => null,
    };

    private static string? Address(string address) => address switch
    {
        "" => "Write the SMTP server's host name, for example \"smtp.example.com\".",
        _ when address.Contains("://", StringComparison.Ordinal) => "Write the host name alone, without a scheme: \"smtp.example.com\".",
        _ when address.Contains('@') => "This is a mail address. Write the SMTP server's host name; the mail address belongs in userName.",
        _ when System.Net.IPAddress.TryParse(address.Trim('[', ']'), out _) => null,
        _ when address.Contains(':') => "Write the host name alone; the port has a member of its own.",
        _ => IsHost(address) ? null : "This is not a host name. Write it like \"smtp.example.com\".",
    };

    private static string? Port(ProviderDraft draft) => (draft.Port, draft.Security) switch
    {
        ( < 1 or > 65535, _) => "Write a port from 1 to 65535: 587 with security startTls, or 465 with tls.",
        (465, SmtpSecurity.StartTls or SmtpSecurity.None) => "Port 465 speaks TLS from the first byte (RFC 8314). Write security \"tls\", or port 587 with \"startTls\".",
        (587 or 25, SmtpSecurity.Tls) => $"Port {draft.Port} begins in clear text and changes to TLS with STARTTLS. Write security \"startTls\", or port 465 with \"tls\".",
        _ => null,
    };

    private static string? Security(ProviderDraft draft) => draft.Security switch
    {
        SmtpSecurity.None when draft.Type != ProviderType.Password && !IsLoopbackHost(draft.Address) =>
            "An access token must not cross the network in clear text. Write \"startTls\" or \"tls\"; \"none\" is for a server on this machine.",
        SmtpSecurity.StartTls or SmtpSecurity.Tls or SmtpSecurity.None => null,
        _ => $"Write one of {string.Join(", ", SmtpSecurity.All)}.",
    };

    private static string? Domain(string domain) =>
        domain.Length is 0 || IsHost(domain) ? null : "Write a mail domain, for example \"example.com\", or leave it out.";

    private static string? UserName(ProviderDraft draft) => draft.UserName switch
    {
        "" when draft.Type == ProviderType.Password => null,
        "" => "Write the mailbox's address, for example \"noreply@example.com\".",
        var name when name.Any(char.IsControl) => "A user name has no control characters in it.",
        var name when draft.Type is ProviderType.Microsoft or ProviderType.Google && !name.Contains('@') => "Write the mailbox's whole address, for example \"noreply@example.com\".",
        _ => null,
    };

    private static string? Limits(SendingLimits limits) =>
        limits is { Connections: >= 0, MessagesPerMinute: >= 0, RecipientsPerDay: >= 0, MessageBytes: >= 0 } ? null : "A limit is a number from 0 up; 0 means no limit.";

    private static string? Grant(ProviderDraft draft) => draft.Grant switch
    {
        ProviderGrant.AuthorizationCode or ProviderGrant.RefreshToken => null,
        ProviderGrant.ClientCredentials when draft.Type == ProviderType.Google => "Google has no client credentials for mail. Use serviceAccount (Google Workspace, with domain-wide delegation) or authorizationCode.",
        ProviderGrant.ClientCredentials => null,
        ProviderGrant.DeviceCode when draft.Type == ProviderType.Google =>
            "Google's device flow does not permit the mail scope. Use authorizationCode: when no browser reaches Postrider, paste the address the sign-in ended on; or use serviceAccount.",
        ProviderGrant.DeviceCode when draft.Type == ProviderType.OAuth2 && draft is { DeviceUrl: "", Authority: "" } =>
            "It is not known where device codes are had. Write deviceUrl, or an authority whose discovery document names device_authorization_endpoint.",
        ProviderGrant.DeviceCode => null,
        ProviderGrant.ServiceAccount => draft.Type == ProviderType.Google ? null : "Service accounts are Google's. Use clientCredentials, which acts for the application itself.",
        _ => $"Write one of {string.Join(", ", ProviderGrant.All)}.",
    };

    private static string? ClientProof(ProviderDraft draft) => draft.ClientAuthentication switch
    {
        "" => null,
        Providers.ClientAuthentication.Federated when draft.FederatedTokenFile.Length is 0 => "Write the file that holds the other issuer's token in federatedTokenFile.",
        Providers.ClientAuthentication.None when draft.ClientSecret.Value is not null => "With \"none\" no secret is sent. Leave clientSecret out, or write \"post\" or \"basic\".",
        var way when Providers.ClientAuthentication.All.Contains(way) => null,
        _ => $"Write one of {string.Join(", ", Providers.ClientAuthentication.All)}, or leave it out: Postrider then uses what is there.",
    };

    private static string? TokenFile(ProviderDraft draft) => draft.FederatedTokenFile switch
    {
        "" => null,
        _ when draft.Type == ProviderType.Google => "Google takes no federated credential here. Use serviceAccount.",
        var path when !Path.IsPathRooted(path) => "Write the whole path of the file on the machine of the gateway, for example \"/var/run/secrets/azure/tokens/azure-identity-token\".",
        _ => null,
    };

    private static string? ServiceKey(ProviderDraft draft) => draft.ServiceAccountKey.Value switch
    {
        null => null,
        _ when draft.Type != ProviderType.Google || draft.Grant != ProviderGrant.ServiceAccount => "The key of a service account is only used by the type google with the grant serviceAccount.",
        var json => ServiceAccountKey.Read(json).Wrong,
    };

    private static string? AuthorizeParameters(ProviderDraft draft) =>
        draft.AuthorizeParameters.Keys.FirstOrDefault(name => ReservedParameters.Contains(name)) is { } reserved
            ? $"\"{reserved}\" is set by Postrider itself. Leave it out; write scope, clientId and redirectUri in the members of their names."
            : draft.AuthorizeParameters.Any(pair => pair.Key.Length is 0 || pair.Key.Any(char.IsWhiteSpace)) ? "A parameter has a name without blanks, for example {\"domain_hint\": \"contoso.com\"}." : null;

    private static readonly string[] ReservedParameters =
        ["client_id", "client_secret", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_mode", "nonce"];

    private static string? Tenant(ProviderDraft draft) => draft.Tenant switch
    {
        "" => "Write the Directory (tenant) ID, which is on the application's overview page, or a domain of the tenant such as \"contoso.com\"; for personal accounts \"consumers\".",
        var tenant when tenant.Contains("://", StringComparison.Ordinal) || tenant.Contains('/') => "Write the tenant ID or domain alone, not an address.",
        var tenant when tenant.Contains('@') => $"This is a mail address. Write the domain alone: \"{tenant[(tenant.LastIndexOf('@') + 1)..]}\".",
        "organizations" or "common" or "consumers" when draft.Grant == ProviderGrant.ClientCredentials =>
            "Client credentials belong to one tenant. Write its Directory (tenant) ID or a domain of it.",
        "organizations" or "common" or "consumers" => null,
        var tenant when Guid.TryParse(tenant, out _) || (IsHost(tenant) && tenant.Contains('.')) => null,
        _ => "Write the Directory (tenant) ID (a GUID), a domain of the tenant such as \"contoso.com\", or one of organizations, common, consumers.",
    };

    private static string? ClientSecret(ProviderDraft draft) => draft.ClientSecret.Value switch
    {
        null => null,
        var secret when draft.Type == ProviderType.Microsoft && Guid.TryParse(secret, out _) =>
            "This is the Secret ID. Copy the column \"Value\" instead: it is shown only once, just after the secret was made. If it is gone, make a new secret under Certificates & secrets.",
        var secret when secret.Any(char.IsControl) => "There is a line break in the secret. Copy it again, as one line.",
        _ => null,
    };

    private static string? RefreshToken(ProviderDraft draft) => draft.RefreshToken.Value switch
    {
        { } token when token.Any(char.IsWhiteSpace) => "There is a blank or line break in the token. Copy it again, as one line.",
        { } when draft.Grant == ProviderGrant.ServiceAccount => "A service account needs no refresh token. Leave it out, or write grant \"refreshToken\".",
        { } when draft.Grant == ProviderGrant.ClientCredentials => "Client credentials need no refresh token. Leave it out, or write grant \"refreshToken\".",
        _ => null,
    };

    private static string? Scope(ProviderDraft draft)
    {
        var scopes = draft.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (scopes.Length is 0)
            return draft.Type == ProviderType.Microsoft ? "Write \"https://outlook.office.com/SMTP.Send offline_access\"." : "Write the scope that the provider's documentation names for SMTP.";
        if (draft.Scope.Any(c => char.IsControl(c) || c is '"' or '\\'))
            return "A scope has no quotes, backslashes or line breaks in it. Put a blank between two scopes.";
        if (draft.Scope.Contains(',') && draft.Type is (ProviderType.Microsoft or ProviderType.Google))
            return "Put a blank between two scopes, not a comma.";
        if (draft.Type != ProviderType.Microsoft)
            return null;
        var defaults = scopes.Count(scope => scope.EndsWith("/.default", StringComparison.OrdinalIgnoreCase));
        if (draft.Grant == ProviderGrant.ClientCredentials && (defaults is 0 || scopes.Length > 1))
            return "Client credentials take one scope that ends in /.default: write \"https://outlook.office365.com/.default\".";
        if (defaults > 0 && scopes.Any(scope => scope.EndsWith("/SMTP.Send", StringComparison.OrdinalIgnoreCase)))
            return "Named scopes and /.default cannot be mixed (AADSTS70011). Write \"https://outlook.office.com/SMTP.Send offline_access\".";
        return null;
    }

    private static string? Authority(ProviderDraft draft)
    {
        if (draft.Authority.Length is 0)
            return draft.Type == ProviderType.OAuth2 && (draft.TokenUrl.Length is 0 || (draft.AuthorizeUrl.Length is 0 && draft.Grant == ProviderGrant.AuthorizationCode))
                ? "Write the issuer's address, whose discovery document names the endpoints, or write authorizeUrl and tokenUrl."
                : draft.Type == ProviderType.OAuth2 ? null : "Write the identity platform's address, for example \"https://login.microsoftonline.com\".";
        if (Endpoint(draft.Authority) is { } wrong)
            return wrong;
        if (new Uri(draft.Authority) is var uri && (uri.Query.Length > 0 || uri.Fragment.Length > 0))
            return "An authority has no query and no fragment.";
        return draft.Type == ProviderType.Microsoft && draft.Authority.Contains("/oauth2", StringComparison.OrdinalIgnoreCase)
            ? $"Write the base address alone: \"{uri.GetLeftPart(UriPartial.Authority)}\". The tenant has a member of its own."
            : null;
    }

    /// <summary>Secrets go there, so it is https; http only to this machine.</summary>
    private static string? Endpoint(string text) => text.Length is 0 ? null : Uri.TryCreate(text, UriKind.Absolute, out var uri) switch
    {
        false => "Write a whole address that begins with https://.",
        _ when uri!.UserInfo.Length > 0 => "Leave the user name out of the address.",
        _ when uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback) => null,
        _ => "Write an address that begins with https://; http is accepted for this machine (localhost, 127.0.0.1) only.",
    };

    internal static bool IsLoopbackHost(string host) => host is "localhost" || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var ip) && System.Net.IPAddress.IsLoopback(ip));

    private static bool IsHost(string text) => text.Length <= 253 && HostForm().IsMatch(text);

    private static string IdName(string type) => type == ProviderType.Microsoft ? "Application (client) ID" : "client ID";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex NameForm();

    [GeneratedRegex("[^a-z0-9._-]+")]
    private static partial Regex NotInNames();

    [GeneratedRegex(@"^[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?\z")]
    private static partial Regex HostForm();
}
