using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;
using static Postrider.Server.Console.ProviderSetup.FieldKind;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Which fields a provider has, by its type and the way it signs in, in the words of the portals that they are copied from.</summary>
internal static class ProviderFields
{
    private static readonly (string, Phrase)[] Grants =
    [
        (ProviderGrant.AuthorizationCode, T["Somebody signs in once, in a browser"]), (ProviderGrant.DeviceCode, T["Somebody signs in once, on another device (code)"]),
        (ProviderGrant.ClientCredentials, T["The application signs in by itself"]), (ProviderGrant.ServiceAccount, T["A Google service account signs in by itself"]),
        (ProviderGrant.RefreshToken, T["A refresh token that was obtained elsewhere"]),
    ];

    private static readonly (string, Phrase)[] Proofs =
    [
        ("", T["With what is there (usual)"]), (ClientAuthentication.Post, T["A client secret, in the body"]), (ClientAuthentication.Basic, T["A client secret, in the header"]),
        (ClientAuthentication.PrivateKeyJwt, T["A certificate that Postrider makes"]), (ClientAuthentication.Federated, T["A federated token in a file"]), (ClientAuthentication.None, T["Nothing: a public client"]),
    ];

    /// <param name="settings">Filled from the preset.</param>
    /// <param name="others">Names of the other providers.</param>
    public static IReadOnlyList<FieldGroup> Of(ProviderSettings settings, IReadOnlyList<string> others)
    {
        var groups = new List<FieldGroup> { Naming, Mailbox(settings), Server(settings) };
        if (settings.Type == ProviderType.Password)
            groups.Add(new(T["Sign-in"], [Password]));
        else
            groups.Add(new(T["The application and its sign-in"], [.. SignIn(settings)]));
        groups.Add(Limits);
        groups.Add(new(T["What comes back"],
        [
            new("readReports", T["Read bounces from its mailbox, over IMAP"], Check, settings.Type == ProviderType.Microsoft ? T["The application needs the permission IMAP.AccessAsUser.All, its scope in the field Scope, and the mailbox a new sign-in."] : T["Nothing in the mailbox is changed, and only what can be a report is read."]),
            new("imapAddress", T["IMAP server"], Text, T["With its port for TLS. Empty: the usual one of this kind of provider, where there is one."], ProviderCatalog.Of(settings).ImapAddress is { Length: > 0 } usual ? usual : "imap.example.org:993") { Optional = true },
            new("imapFolder", T["Folder"], Text, T["Empty: the inbox."], "INBOX/Bounces") { Optional = true },
        ], Folded: true));
        groups.Add(new(T["More"], [.. More(settings, others)], Folded: true));
        return groups;
    }

    private static readonly FieldGroup Naming = new(T["What it is called"],
    [
        new("name", T["Name"], Text, T["What scripts, the command line and applications call it. Lower-case letters, digits, \"-\", \"_\" and \".\"."], "contoso"),
        new("displayName", T["Display Name"], Text, T["What people read in the console and in alerts."], T["Contoso mail"]),
        new("enabled", T["Enabled: mail leaves through it as soon as it can sign in"], Check, null),
    ]);

    private static readonly ProviderField Password = new("password", T["Password"], Secret, T["The mailbox's password, or an application password where the mailbox has a second factor. Without a user name none is sent."]) { Optional = true };

    private static readonly FieldGroup Limits = new(T["Limits"],
    [
        new("limits.connections", T["Connections at a time"], Number, T["The preset's is what the provider allows. 0 means no limit."], "3"),
        new("limits.messagesPerMinute", T["Messages a minute"], Number, T["What would go faster waits its turn. 0 means no limit."], "25"),
        new("limits.recipientsPerDay", T["Recipients in 24 hours"], Number, T["What goes beyond waits, and is not refused. 0 means no limit."], "10000"),
        new("limits.messageBytes", T["Largest message, in octets"], Number, T["A larger one is refused when it is handed in. 0 means no limit."], "36700160"),
    ], Folded: true);

    private static FieldGroup Mailbox(ProviderSettings settings) => new(T["Mailbox"],
    [
        new("userName", T["User Name (Email)"], Text, settings.Type == ProviderType.Password ? T["What the server asks for, usually the mailbox's address. Empty: nobody signs in."] : T["The whole address of the mailbox that sends."], "noreply@contoso.com") { Optional = settings.Type == ProviderType.Password },
        new("domain", T["Domain"], Text, T["Mail from addresses of this domain goes through this provider too."], "contoso.com") { Optional = true },
        new("sharedMailbox", T["A shared mailbox, or another address of who signs in"], Check, T["Then somebody with the rights Full Access and Send As signs in for it; otherwise only the mailbox itself may."]),
    ]);

    private static FieldGroup Server(ProviderSettings settings) => new(T["SMTP server"],
    [
        new("address", T["Address"], Text, T["The server's host name or IP address."], ProviderCatalog.Of(settings).Address is { Length: > 0 } address ? address : "smtp.example.com"),
        new("port", T["Port"], Number, T["587 begins in clear text and changes to TLS; 465 speaks TLS from the first byte."], "587"),
        new("security", T["Encryption"], Select, null) { Choices = [(SmtpSecurity.StartTls, T["STARTTLS (port 587)"]), (SmtpSecurity.Tls, T["TLS (port 465)"]), (SmtpSecurity.None, T["None: only for a server on this machine"])] },
    ]);

    private static IEnumerable<ProviderField> SignIn(ProviderSettings settings)
    {
        var (microsoft, google) = (settings.Type == ProviderType.Microsoft, settings.Type == ProviderType.Google);
        var registered = microsoft && Guid.TryParse(settings.ClientId, out _);
        var portal = ProviderCatalog.Of(settings).Portal;
        yield return new("grant", T["How it signs in"], Select, null) { Choices = [.. Grants.Where(grant => Possible(settings, grant.Item1))], Shapes = true };
        if (settings.Type == ProviderType.OAuth2)
            foreach (var field in Endpoints(settings))
                yield return field;
        if (settings.Grant == ProviderGrant.ServiceAccount)
        {
            yield return new("serviceAccountKey", T["Service account key"], SecretArea, T["The JSON key file, whole: open it in an editor and copy all of it."], "{ \"type\": \"service_account\", …") { Link = "https://console.cloud.google.com/iam-admin/serviceaccounts", LinkText = T["Service accounts"] };
            yield return Scope(settings);
            yield break;
        }
        if (microsoft)
            yield return new("tenant", T["Tenant"], Text, T["Directory (tenant) ID on the application's overview page, or a domain of the tenant."], "contoso.com") { Link = registered ? PortalLinks.Overview(settings) : portal, LinkText = T["Its overview page"] };
        yield return new("clientId", microsoft ? T["Application (client) ID"] : T["Client ID"], Text, microsoft ? T["On the application's overview page, the first of the three IDs."] : google ? T["Under Clients, the client's name, on the right."] : T["What the identity platform calls the application by."],
            microsoft ? "11111111-2222-3333-4444-555555555555" : google ? "1234-abcd.apps.googleusercontent.com" : "") { Link = microsoft ? registered ? PortalLinks.Overview(settings) : portal : google ? "https://console.cloud.google.com/auth/clients" : "", LinkText = microsoft ? T["Its overview page"] : T["Clients"] };
        yield return new("clientAuthentication", T["How the application proves itself"], Select, null) { Choices = google ? [.. Proofs.Where(proof => proof.Item1 is not (ClientAuthentication.PrivateKeyJwt or ClientAuthentication.Federated))] : Proofs, Shapes = true };
        if (settings.ClientAuthentication is "" or ClientAuthentication.Post or ClientAuthentication.Basic)
        {
            yield return new("clientSecret", T["Client secret"], Secret, microsoft ? T["The column Value, not the Secret ID. The portal shows it once, just after the secret was made."] : google ? T["Shown once, when the client is made; make another one if it is gone."] : T["Empty for a public client."],
                microsoft ? T["abc8Q~…, about 40 characters"] : google ? "GOCSPX-…" : "") { Link = registered ? PortalLinks.Credentials(settings) : microsoft ? portal : google ? "https://console.cloud.google.com/auth/clients" : "", LinkText = microsoft ? T["Certificates & secrets"] : T["Clients"], Optional = !microsoft };
            yield return new("clientSecretExpiresAt", T["Secret ends on"], Date, T["Its column Expires. Postrider warns 30, 14, 7 and 1 days before."]) { Optional = true };
        }
        if (settings.ClientAuthentication == ClientAuthentication.Federated)
            yield return new("federatedTokenFile", T["Federated token file"], Text, T["The whole path, on the machine of the gateway. It is read anew for each request."], "/var/run/secrets/azure/tokens/azure-identity-token");
        yield return Scope(settings);
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            yield return new("redirectUri", T["Redirect-URI"], Text, T["Exactly as it is registered for the application. Empty: this installation's own."], "https://mail.example.com/oauth/callback") { Optional = true, Link = registered ? PortalLinks.Authentication(settings) : "", LinkText = T["Authentication"] };
        if (!ProviderGrant.WithoutPeople(settings.Grant))
            yield return new("refreshToken", T["Refresh Token"], Secret, settings.Grant == ProviderGrant.RefreshToken ? T["As one line."] : T["Leave it empty: Connect gets it. One that was obtained elsewhere for this application can be pasted."]) { Optional = settings.Grant != ProviderGrant.RefreshToken };
    }

    private static ProviderField Scope(ProviderSettings settings) => new("scope", T["Scope"], Text, settings.Type == ProviderType.Microsoft
            ? T["The preset's is what Exchange takes; the portal lists the permission under Microsoft Graph, and a scope of Graph does not work for SMTP."]
            : settings.Type == ProviderType.Google ? T["Gmail's SMTP server takes this one alone."] : T["What the provider's documentation names for SMTP, with blanks in between."],
        ProviderCatalog.Of(settings).Scope);

    private static IEnumerable<ProviderField> Endpoints(ProviderSettings settings)
    {
        yield return new("authority", settings.Type == ProviderType.OAuth2 ? T["Issuer"] : T["Identity platform"], Text, settings.Type == ProviderType.OAuth2
            ? T["The issuer's address, whose discovery document names the others. Or leave it empty and write them."] : T["Only for another cloud than the preset's."], "https://login.example.com") { Optional = true };
        yield return new("authorizeUrl", T["Authorize URL"], Text, T["Where a browser signs in."], "https://login.example.com/authorize") { Optional = true };
        yield return new("tokenUrl", T["Token URL"], Text, T["Where tokens are had."], "https://login.example.com/token") { Optional = true };
        yield return new("deviceUrl", T["Device code URL"], Text, T["Where device codes are had."], "https://login.example.com/device") { Optional = true };
    }

    private static IEnumerable<ProviderField> More(ProviderSettings settings, IReadOnlyList<string> others)
    {
        yield return new("senders", T["Sends for these authors too"], Area, T["An address or a domain on each line. Mail of the mailbox itself and of its domain always goes here."], "alerts@contoso.com\n@shop.contoso.com") { Optional = true };
        yield return new("default", T["The default: it sends what no other provider is named for"], Check, T["There is one; the one before loses it."]);
        if (others.Count > Ui.Part.MostChoices)
            yield return new("failover", T["When it cannot send for some minutes, mail goes through"], Text, T["The name of another provider. Empty: mail waits."]) { Optional = true };
        else if (others.Count > 0)
            yield return new("failover", T["When it cannot send for some minutes"], Select, null) { Choices = [("", T["Mail waits"]), .. others.Select(name => (name, T[$"Mail goes through {name}"]))] };
        if (settings.Type == ProviderType.Password)
            yield break;
        if (settings.Type != ProviderType.OAuth2)
            foreach (var field in Endpoints(settings))
                yield return field;
        yield return new("authorizeParameters", T["More parameters of the sign-in page"], Area, T["name=value on each line."], "domain_hint=contoso.com") { Optional = true };
    }

    private static bool Possible(ProviderSettings settings, string grant) => grant switch
    {
        ProviderGrant.ServiceAccount => settings.Type == ProviderType.Google,
        ProviderGrant.DeviceCode or ProviderGrant.ClientCredentials => settings.Type != ProviderType.Google,
        _ => true,
    };
}
