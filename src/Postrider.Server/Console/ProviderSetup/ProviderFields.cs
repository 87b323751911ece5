using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using static Postrider.Server.Console.ProviderSetup.FieldKind;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Which fields a provider has, by its type and the way it signs in, in the words of the portals that they are copied from.</summary>
internal static class ProviderFields
{
    private static readonly (string, string)[] Grants =
    [
        (ProviderGrant.AuthorizationCode, "Somebody signs in once, in a browser"), (ProviderGrant.DeviceCode, "Somebody signs in once, on another device (code)"),
        (ProviderGrant.ClientCredentials, "The application signs in by itself"), (ProviderGrant.ServiceAccount, "A Google service account signs in by itself"),
        (ProviderGrant.RefreshToken, "A refresh token that was obtained elsewhere"),
    ];

    private static readonly (string, string)[] Proofs =
    [
        ("", "With what is there (usual)"), (ClientAuthentication.Post, "A client secret, in the body"), (ClientAuthentication.Basic, "A client secret, in the header"),
        (ClientAuthentication.PrivateKeyJwt, "A certificate that Postrider makes"), (ClientAuthentication.Federated, "A federated token in a file"), (ClientAuthentication.None, "Nothing: a public client"),
    ];

    /// <param name="settings">Filled from the preset.</param>
    /// <param name="others">Names of the other providers.</param>
    public static IReadOnlyList<FieldGroup> Of(ProviderSettings settings, IReadOnlyList<string> others)
    {
        var groups = new List<FieldGroup> { Naming, Mailbox(settings), Server(settings) };
        if (settings.Type == ProviderType.Password)
            groups.Add(new("Sign-in", [Password]));
        else
            groups.Add(new("The application and its sign-in", [.. SignIn(settings)]));
        groups.Add(Limits);
        groups.Add(new("What comes back",
        [
            new("readReports", "Read bounces from its mailbox, over IMAP", Check, settings.Type == ProviderType.Microsoft ? "The application needs the permission IMAP.AccessAsUser.All, its scope in the field Scope, and the mailbox a new sign-in." : "Nothing in the mailbox is changed, and only what can be a report is read."),
            new("imapAddress", "IMAP server", Text, "With its port for TLS. Empty: the usual one of this kind of provider, where there is one.", ProviderCatalog.Of(settings).ImapAddress is { Length: > 0 } usual ? usual : "imap.example.org:993") { Optional = true },
            new("imapFolder", "Folder", Text, "Empty: the inbox.", "INBOX/Bounces") { Optional = true },
        ], Folded: true));
        groups.Add(new("More", [.. More(settings, others)], Folded: true));
        return groups;
    }

    private static readonly FieldGroup Naming = new("What it is called",
    [
        new("name", "Name", Text, "What scripts, the command line and applications call it. Lower-case letters, digits, \"-\", \"_\" and \".\".", "contoso"),
        new("displayName", "Display Name", Text, "What people read in the console and in alerts.", "Contoso mail"),
        new("enabled", "Enabled: mail leaves through it as soon as it can sign in", Check, ""),
    ]);

    private static readonly ProviderField Password = new("password", "Password", Secret, "The mailbox's password, or an application password where the mailbox has a second factor. Without a user name none is sent.") { Optional = true };

    private static readonly FieldGroup Limits = new("Limits",
    [
        new("limits.connections", "Connections at a time", Number, "The preset's is what the provider allows. 0 means no limit.", "3"),
        new("limits.messagesPerMinute", "Messages a minute", Number, "What would go faster waits its turn. 0 means no limit.", "25"),
        new("limits.recipientsPerDay", "Recipients in 24 hours", Number, "What goes beyond waits, and is not refused. 0 means no limit.", "10000"),
        new("limits.messageBytes", "Largest message, in octets", Number, "A larger one is refused when it is handed in. 0 means no limit.", "36700160"),
    ], Folded: true);

    private static FieldGroup Mailbox(ProviderSettings settings) => new("Mailbox",
    [
        new("userName", "User Name (Email)", Text, settings.Type == ProviderType.Password ? "What the server asks for, usually the mailbox's address. Empty: nobody signs in." : "The whole address of the mailbox that sends.", "noreply@contoso.com") { Optional = settings.Type == ProviderType.Password },
        new("domain", "Domain", Text, "Mail from addresses of this domain goes through this provider too.", "contoso.com") { Optional = true },
        new("sharedMailbox", "A shared mailbox, or another address of who signs in", Check, "Then somebody with the rights Full Access and Send As signs in for it; otherwise only the mailbox itself may."),
    ]);

    private static FieldGroup Server(ProviderSettings settings) => new("SMTP server",
    [
        new("address", "Address", Text, "The server's host name or IP address.", ProviderCatalog.Of(settings).Address is { Length: > 0 } address ? address : "smtp.example.com"),
        new("port", "Port", Number, "587 begins in clear text and changes to TLS; 465 speaks TLS from the first byte.", "587"),
        new("security", "Encryption", Select, "") { Choices = [(SmtpSecurity.StartTls, "STARTTLS (port 587)"), (SmtpSecurity.Tls, "TLS (port 465)"), (SmtpSecurity.None, "None: only for a server on this machine")] },
    ]);

    private static IEnumerable<ProviderField> SignIn(ProviderSettings settings)
    {
        var (microsoft, google) = (settings.Type == ProviderType.Microsoft, settings.Type == ProviderType.Google);
        var registered = microsoft && Guid.TryParse(settings.ClientId, out _);
        var portal = ProviderCatalog.Of(settings).Portal;
        yield return new("grant", "How it signs in", Select, "") { Choices = [.. Grants.Where(grant => Possible(settings, grant.Item1))], Shapes = true };
        if (settings.Type == ProviderType.OAuth2)
            foreach (var field in Endpoints(settings))
                yield return field;
        if (settings.Grant == ProviderGrant.ServiceAccount)
        {
            yield return new("serviceAccountKey", "Service account key", SecretArea, "The JSON key file, whole: open it in an editor and copy all of it.", "{ \"type\": \"service_account\", …") { Link = "https://console.cloud.google.com/iam-admin/serviceaccounts", LinkText = "Service accounts" };
            yield return Scope(settings);
            yield break;
        }
        if (microsoft)
            yield return new("tenant", "Tenant", Text, "Directory (tenant) ID on the application's overview page, or a domain of the tenant.", "contoso.com") { Link = registered ? PortalLinks.Overview(settings) : portal, LinkText = "Overview" };
        yield return new("clientId", microsoft ? "Application (client) ID" : "Client ID", Text, microsoft ? "On the application's overview page, the first of the three IDs." : google ? "Under Clients, the client's name, on the right." : "What the identity platform calls the application by.",
            microsoft ? "11111111-2222-3333-4444-555555555555" : google ? "1234-abcd.apps.googleusercontent.com" : "") { Link = microsoft ? registered ? PortalLinks.Overview(settings) : portal : google ? "https://console.cloud.google.com/auth/clients" : "", LinkText = microsoft ? "Overview" : "Clients" };
        yield return new("clientAuthentication", "How the application proves itself", Select, "") { Choices = google ? [.. Proofs.Where(proof => proof.Item1 is not (ClientAuthentication.PrivateKeyJwt or ClientAuthentication.Federated))] : Proofs, Shapes = true };
        if (settings.ClientAuthentication is "" or ClientAuthentication.Post or ClientAuthentication.Basic)
        {
            yield return new("clientSecret", "Client secret", Secret, microsoft ? "The column Value, not the Secret ID. The portal shows it once, just after the secret was made." : google ? "Shown once, when the client is made; make another one if it is gone." : "Empty for a public client.",
                microsoft ? "abc8Q~…, about 40 characters" : google ? "GOCSPX-…" : "") { Link = registered ? PortalLinks.Credentials(settings) : microsoft ? portal : google ? "https://console.cloud.google.com/auth/clients" : "", LinkText = microsoft ? "Certificates & secrets" : "Clients", Optional = !microsoft };
            yield return new("clientSecretExpiresAt", "Secret ends on", Date, "Its column Expires. Postrider warns 30, 14, 7 and 1 days before.") { Optional = true };
        }
        if (settings.ClientAuthentication == ClientAuthentication.Federated)
            yield return new("federatedTokenFile", "Federated token file", Text, "The whole path, on the machine of the gateway. It is read anew for each request.", "/var/run/secrets/azure/tokens/azure-identity-token");
        yield return Scope(settings);
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            yield return new("redirectUri", "Redirect-URI", Text, "Exactly as it is registered for the application. Empty: this installation's own.", "https://mail.example.com/oauth/callback") { Optional = true, Link = registered ? PortalLinks.Authentication(settings) : "", LinkText = "Authentication" };
        if (!ProviderGrant.WithoutPeople(settings.Grant))
            yield return new("refreshToken", "Refresh Token", Secret, settings.Grant == ProviderGrant.RefreshToken ? "As one line." : "Leave it empty: Connect gets it. One that was obtained elsewhere for this application can be pasted.") { Optional = settings.Grant != ProviderGrant.RefreshToken };
    }

    private static ProviderField Scope(ProviderSettings settings) => new("scope", "Scope", Text, settings.Type == ProviderType.Microsoft
            ? "The preset's is what Exchange takes; the portal lists the permission under Microsoft Graph, and a scope of Graph does not work for SMTP."
            : settings.Type == ProviderType.Google ? "Gmail's SMTP server takes this one alone." : "What the provider's documentation names for SMTP, with blanks in between.",
        ProviderCatalog.Of(settings).Scope);

    private static IEnumerable<ProviderField> Endpoints(ProviderSettings settings)
    {
        yield return new("authority", settings.Type == ProviderType.OAuth2 ? "Issuer" : "Identity platform", Text, settings.Type == ProviderType.OAuth2
            ? "The issuer's address, whose discovery document names the others. Or leave it empty and write them." : "Only for another cloud than the preset's.", "https://login.example.com") { Optional = true };
        yield return new("authorizeUrl", "Authorize URL", Text, "Where a browser signs in.", "https://login.example.com/authorize") { Optional = true };
        yield return new("tokenUrl", "Token URL", Text, "Where tokens are had.", "https://login.example.com/token") { Optional = true };
        yield return new("deviceUrl", "Device code URL", Text, "Where device codes are had.", "https://login.example.com/device") { Optional = true };
    }

    private static IEnumerable<ProviderField> More(ProviderSettings settings, IReadOnlyList<string> others)
    {
        yield return new("senders", "Sends for these authors too", Area, "An address or a domain on each line. Mail of the mailbox itself and of its domain always goes here.", "alerts@contoso.com\n@shop.contoso.com") { Optional = true };
        yield return new("default", "The default: it sends what no other provider is named for", Check, "There is one; the one before loses it.");
        if (others.Count > Ui.Part.MostChoices)
            yield return new("failover", "When it cannot send for some minutes, mail goes through", Text, "The name of another provider. Empty: mail waits.") { Optional = true };
        else if (others.Count > 0)
            yield return new("failover", "When it cannot send for some minutes", Select, "") { Choices = [("", "Mail waits"), .. others.Select(name => (name, $"Mail goes through {name}"))] };
        if (settings.Type == ProviderType.Password)
            yield break;
        if (settings.Type != ProviderType.OAuth2)
            foreach (var field in Endpoints(settings))
                yield return field;
        yield return new("authorizeParameters", "More parameters of the sign-in page", Area, "name=value on each line.", "domain_hint=contoso.com") { Optional = true };
    }

    private static bool Possible(ProviderSettings settings, string grant) => grant switch
    {
        ProviderGrant.ServiceAccount => settings.Type == ProviderType.Google,
        ProviderGrant.DeviceCode or ProviderGrant.ClientCredentials => settings.Type != ProviderType.Google,
        _ => true,
    };
}
