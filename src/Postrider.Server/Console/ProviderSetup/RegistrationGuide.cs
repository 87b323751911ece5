using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A piece of a step: a sentence, a link, a value to copy with its label, or commands.</summary>
internal sealed record GuidePart(string Kind, string Text, string Value = "")
{
    public const string Say = "say", Link = "link", Copy = "copy", Commands = "commands", Warn = "warn";
}

internal sealed record GuideStep(string Title, IReadOnlyList<GuidePart> Parts);

/// <summary>What is done at the portal, with this installation's values filled in.</summary>
internal static class RegistrationGuide
{
    /// <param name="settings">Filled from the preset.</param>
    /// <returns>Empty where there is nothing to register.</returns>
    public static IReadOnlyList<GuideStep> Of(ProviderSettings settings, string redirectUri) => (settings.Type, settings.Grant) switch
    {
        (ProviderType.Password, _) => [],
        (ProviderType.Microsoft, ProviderGrant.ClientCredentials) => [.. MicrosoftGuide.AsApplication(settings)],
        (ProviderType.Microsoft, _) => [.. MicrosoftGuide.AsPerson(settings, redirectUri)],
        (ProviderType.Google, ProviderGrant.ServiceAccount) => [.. GoogleGuide.ServiceAccount(settings)],
        (ProviderType.Google, _) => [.. GoogleGuide.Client(settings, redirectUri)],
        _ => [.. Other(settings, redirectUri)],
    };

    private static IEnumerable<GuideStep> Other(ProviderSettings settings, string redirectUri)
    {
        var preset = ProviderCatalog.Of(settings);
        List<GuidePart> register = [Link(preset.Name == ProviderType.OAuth2 ? "What a discovery document holds (RFC 8414)" : $"{preset.Title}: documentation", preset.Documentation)];
        register.Add(Say("Register a confidential web application: one with a client ID and a client secret."));
        register.Add(Copy("Name", AppName(settings)));
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            register.Add(Copy("Redirect URI, exactly as it is", redirectUri));
        yield return new("Register the application", register);
        yield return new("Allow it to send",
        [
            settings.Scope.Length > 0 ? Copy("Scope", settings.Scope) : Say("Find the scope that the provider's documentation names for SMTP. You write it in the next step."),
            .. settings.Grant == ProviderGrant.AuthorizationCode ? [Say("Allow refresh tokens: at many platforms by the scope offline_access.")] : Array.Empty<GuidePart>(),
        ]);
        yield return new("Note what the next step asks for", [Say(settings.Grant == ProviderGrant.ClientCredentials && settings.ClientAuthentication == ClientAuthentication.PrivateKeyJwt
            ? "The client ID and the issuer's address. The certificate is made after the next step." : "The client ID, the client secret, and the issuer's address or the addresses of its endpoints.")]);
    }

    public static string AppName(ProviderSettings settings) => $"Postrider {settings.Name}";

    public static GuidePart Say(string text) => new(GuidePart.Say, text);
    public static GuidePart Warn(string text) => new(GuidePart.Warn, text);
    public static GuidePart Link(string text, string address) => new(GuidePart.Link, text, address);
    public static GuidePart Copy(string label, string value) => new(GuidePart.Copy, label, value);
    public static GuidePart Commands(string label, string lines) => new(GuidePart.Commands, label, lines);
}

/// <summary>Microsoft Entra and Exchange Online.</summary>
internal static class MicrosoftGuide
{
    public static IEnumerable<GuideStep> AsPerson(ProviderSettings settings, string redirectUri)
    {
        var (personal, device) = (settings.Preset == "outlook.com", settings.Grant == ProviderGrant.DeviceCode);
        yield return Register(settings, personal ? "Personal Microsoft accounts only" : "Accounts in this organizational directory only (single tenant)", settings.Grant == ProviderGrant.AuthorizationCode ? redirectUri : null);
        yield return Identifiers();
        List<GuidePart> permissions = [Portal(settings, "API permissions", PortalLinks.Permissions(settings)), RegistrationGuide.Say("Add a permission › Microsoft Graph › Delegated permissions. Search for both, tick them, and press Add permissions."), RegistrationGuide.Copy("Permission", "SMTP.Send"), RegistrationGuide.Copy("Permission", "offline_access")];
        if (!personal)
        {
            permissions.Add(RegistrationGuide.Say("Press Grant admin consent. If you are no administrator, send one this link instead; who opens it consents for the whole tenant."));
            permissions.Add(AdminConsent(settings, redirectUri) is { } link ? RegistrationGuide.Copy("For the administrator", link) : RegistrationGuide.Say("The link appears here once the Application (client) ID is known: paste it above, or write it in the next step."));
        }
        yield return new("Allow it to send", permissions);
        if (device)
            yield return new("Allow the device code", [Portal(settings, "Authentication", PortalLinks.Authentication(settings)), RegistrationGuide.Say("Advanced settings › Allow public client flows › Yes, then Save. A client secret is then not needed.")]);
        else
            yield return Secret(settings);
        if (!personal)
            yield return new("Open SMTP for the mailbox",
            [
                RegistrationGuide.Say("Microsoft 365 admin center › Users › Active users › the mailbox › Mail › Manage email apps: tick Authenticated SMTP. Or an Exchange administrator runs:"),
                RegistrationGuide.Link("Microsoft 365 admin center", "https://admin.microsoft.com/#/users"),
                RegistrationGuide.Commands("Exchange Online PowerShell", $"Connect-ExchangeOnline\nSet-CASMailbox -Identity {Mailbox(settings)} -SmtpClientAuthenticationDisabled $false"),
            ]);
    }

    public static IEnumerable<GuideStep> AsApplication(ProviderSettings settings)
    {
        var application = Guid.TryParse(settings.ClientId, out _) ? settings.ClientId : "APPLICATION_CLIENT_ID";
        yield return Register(settings, "Accounts in this organizational directory only (single tenant)", null);
        yield return Identifiers();
        yield return new("Allow it to send",
        [
            Portal(settings, "API permissions", PortalLinks.Permissions(settings)),
            RegistrationGuide.Say("Add a permission › APIs my organization uses › Office 365 Exchange Online › Application permissions. Tick it, add it, and press Grant admin consent."), RegistrationGuide.Copy("Permission", "SMTP.SendAsApp"),
        ]);
        yield return settings.ClientAuthentication == ClientAuthentication.PrivateKeyJwt
            ? new("The certificate", [RegistrationGuide.Say("Nothing to do yet. Postrider makes the key pair after the next step, and shows the certificate to upload under Certificates & secrets.")])
            : Secret(settings);
        yield return new("Give it the mailbox",
        [
            RegistrationGuide.Say("An Exchange administrator runs this. The object ID is the one of the Enterprise application (Entra › Enterprise applications › the application), not the one of the app registration: with that one every sign-in ends in 535 5.7.3."),
            RegistrationGuide.Commands("Exchange Online PowerShell", $"""
                Connect-ExchangeOnline
                New-ServicePrincipal -AppId {application} -ObjectId OBJECT_ID_OF_ENTERPRISE_APPLICATION -DisplayName "{RegistrationGuide.AppName(settings)}"
                $principal = Get-ServicePrincipal -Identity {application}
                Add-MailboxPermission -Identity {Mailbox(settings)} -User $principal.Identity -AccessRights FullAccess
                Add-RecipientPermission -Identity {Mailbox(settings)} -Trustee $principal.Identity -AccessRights SendAs -Confirm:$false
                Set-CASMailbox -Identity {Mailbox(settings)} -SmtpClientAuthenticationDisabled $false
                """),
            RegistrationGuide.Say("It takes effect within two hours."),
        ]);
    }

    private static GuideStep Register(ProviderSettings settings, string accounts, string? redirectUri)
    {
        List<GuidePart> parts = [RegistrationGuide.Link("Open App registrations", ProviderCatalog.Of(settings).Portal), RegistrationGuide.Say("Press New registration and fill in:"), RegistrationGuide.Copy("Name", RegistrationGuide.AppName(settings)), RegistrationGuide.Say($"Supported account types: {accounts}.")];
        if (redirectUri is not null)
            parts.AddRange([RegistrationGuide.Copy("Redirect URI: choose Web, and paste it exactly as it is", redirectUri)]);
        else
            parts.Add(RegistrationGuide.Say("Redirect URI: leave it empty."));
        parts.Add(RegistrationGuide.Say("Press Register."));
        return new("Register the application", parts);
    }

    private static GuideStep Identifiers() => new("Note its two IDs", [RegistrationGuide.Say("The page that opens shows the Application (client) ID and the Directory (tenant) ID. The Object ID between them is not needed. Write both in the next step, or paste the lot into the box above.")]);

    private static GuideStep Secret(ProviderSettings settings) => new("Make a client secret",
    [
        Portal(settings, "Certificates & secrets", PortalLinks.Credentials(settings)), RegistrationGuide.Say("Client secrets › New client secret. Choose the longest time that your rules allow, and press Add."), RegistrationGuide.Copy("Description", $"postrider-{settings.Name}"),
        RegistrationGuide.Warn("Copy the column Value now: it is shown this once. The Secret ID beside it is not the secret. Note the day in the column Expires too: Postrider warns before it."),
    ]);

    private static GuidePart Portal(ProviderSettings settings, string page, string deep) =>
        Guid.TryParse(settings.ClientId, out _) ? RegistrationGuide.Link($"Open {page}", deep) : RegistrationGuide.Say($"In the application's menu: {page}.");

    private static string? AdminConsent(ProviderSettings settings, string redirectUri) =>
        Guid.TryParse(settings.ClientId, out _) && settings.Tenant.Length > 0 && settings.Tenant != "common" && Uri.TryCreate(settings.Authority, UriKind.Absolute, out var authority)
            ? $"{authority.GetLeftPart(UriPartial.Authority)}/{Uri.EscapeDataString(settings.Tenant)}/v2.0/adminconsent?client_id={settings.ClientId}&scope={Uri.EscapeDataString(settings.Scope)}&redirect_uri={Uri.EscapeDataString(redirectUri)}"
            : null;

    /// <summary>As PowerShell takes it.</summary>
    private static string Mailbox(ProviderSettings settings) => settings.UserName.Length > 0 ? $"'{settings.UserName.Replace("'", "''", StringComparison.Ordinal)}'" : "MAILBOX";
}

/// <summary>The Google Cloud console and, for a service account, the admin console.</summary>
internal static class GoogleGuide
{
    public static IEnumerable<GuideStep> Client(ProviderSettings settings, string redirectUri)
    {
        yield return new("Say who may use it",
        [
            RegistrationGuide.Link("Open Audience", "https://console.cloud.google.com/auth/audience"), RegistrationGuide.Say("Choose a project or make one. User type: Internal, if you have Google Workspace."),
            RegistrationGuide.Warn("With External, press Publish app as well: as long as it is in Testing, Google ends the connection after seven days."),
        ]);
        yield return new("Allow it to send", [RegistrationGuide.Link("Open Data access", "https://console.cloud.google.com/auth/scopes"), RegistrationGuide.Say("Add or remove scopes › Manually add scopes, then Update and Save."), RegistrationGuide.Copy("Scope", settings.Scope)]);
        List<GuidePart> client = [RegistrationGuide.Link("Open Clients", "https://console.cloud.google.com/auth/clients"), RegistrationGuide.Say("Create client › Application type: Web application."), RegistrationGuide.Copy("Name", RegistrationGuide.AppName(settings))];
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            client.Add(RegistrationGuide.Copy("Authorized redirect URIs › Add URI, exactly as it is", redirectUri));
        client.Add(RegistrationGuide.Say("Press Create. The page shows the client ID and, this once, the client secret. Write both in the next step, or paste them into the box above."));
        yield return new("Make the client", client);
    }

    public static IEnumerable<GuideStep> ServiceAccount(ProviderSettings settings)
    {
        yield return new("Make the service account", [RegistrationGuide.Link("Open Service accounts", "https://console.cloud.google.com/iam-admin/serviceaccounts"), RegistrationGuide.Say("Create service account. It needs no role in the project."), RegistrationGuide.Copy("Name", RegistrationGuide.AppName(settings))]);
        yield return new("Make its key", [RegistrationGuide.Say("The account › Keys › Add key › Create new key › JSON. The file is downloaded once; the next step takes its whole text.")]);
        yield return new("Delegate the mailboxes to it",
        [
            RegistrationGuide.Link("Open Domain-wide delegation in the admin console", "https://admin.google.com/ac/owl/domainwidedelegation"),
            RegistrationGuide.Say("Add new › Client ID: the number that the account shows as its Unique ID. Then its scope:"), RegistrationGuide.Copy("OAuth scope", settings.Scope), RegistrationGuide.Say("It usually takes effect within minutes, at most a day."),
        ]);
    }
}
