using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using static Postrider.Server.Console.Languages.Speech;
using static Postrider.Server.Console.ProviderSetup.RegistrationGuide;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Microsoft Entra and Exchange Online.</summary>
internal static class MicrosoftGuide
{
    public static IEnumerable<GuideStep> AsPerson(ProviderSettings settings, string redirectUri)
    {
        var (personal, device) = (settings.Preset == "outlook.com", settings.Grant == ProviderGrant.DeviceCode);
        yield return Register(settings, personal ? T["Personal Microsoft accounts only"] : T["Accounts in this organizational directory only (single tenant)"], settings.Grant == ProviderGrant.AuthorizationCode ? redirectUri : null);
        yield return Identifiers();
        List<GuidePart> permissions = [Portal(settings, T["API permissions"], PortalLinks.Permissions(settings)), Say(T["Add a permission › Microsoft Graph › Delegated permissions. Search for both, tick them, and press Add permissions."]), Copy(T["Permission"], "SMTP.Send"), Copy(T["Permission"], "offline_access")];
        if (!personal)
        {
            permissions.Add(Say(T["Press Grant admin consent. If you are no administrator, send one this link instead; who opens it consents for the whole tenant."]));
            permissions.Add(AdminConsent(settings, redirectUri) is { } link ? Copy(T["For the administrator"], link) : Say(T["The link appears here once the Application (client) ID is known: paste it above, or write it in the next step."]));
        }
        yield return new(T["Allow it to send"], permissions);
        if (device)
            yield return new(T["Allow the device code"], [Portal(settings, T["Authentication"], PortalLinks.Authentication(settings)), Say(T["Advanced settings › Allow public client flows › Yes, then Save. A client secret is then not needed."])]);
        else
            yield return Secret(settings);
        if (!personal)
            yield return new(T["Open SMTP for the mailbox"],
            [
                Say(T["Microsoft 365 admin center › Users › Active users › the mailbox › Mail › Manage email apps: tick Authenticated SMTP. Or an Exchange administrator runs:"]),
                Link(T["Microsoft 365 admin center"], "https://admin.microsoft.com/#/users"),
                Commands("Exchange Online PowerShell", $"Connect-ExchangeOnline\nSet-CASMailbox -Identity {Mailbox(settings)} -SmtpClientAuthenticationDisabled $false"),
            ]);
    }

    public static IEnumerable<GuideStep> AsApplication(ProviderSettings settings)
    {
        var application = Guid.TryParse(settings.ClientId, out _) ? settings.ClientId : "APPLICATION_CLIENT_ID";
        yield return Register(settings, T["Accounts in this organizational directory only (single tenant)"], null);
        yield return Identifiers();
        yield return new(T["Allow it to send"],
        [
            Portal(settings, T["API permissions"], PortalLinks.Permissions(settings)),
            Say(T["Add a permission › APIs my organization uses › Office 365 Exchange Online › Application permissions. Tick it, add it, and press Grant admin consent."]), Copy(T["Permission"], "SMTP.SendAsApp"),
        ]);
        yield return settings.ClientAuthentication == ClientAuthentication.PrivateKeyJwt
            ? new(T["The certificate"], [Say(T["Nothing to do yet. Postrider makes the key pair after the next step, and shows the certificate to upload under Certificates & secrets."])])
            : Secret(settings);
        yield return new(T["Give it the mailbox"],
        [
            Say(T["An Exchange administrator runs this. The object ID is the one of the Enterprise application (Entra › Enterprise applications › the application), not the one of the app registration: with that one every sign-in ends in 535 5.7.3."]),
            Commands("Exchange Online PowerShell", $"""
                Connect-ExchangeOnline
                New-ServicePrincipal -AppId {application} -ObjectId OBJECT_ID_OF_ENTERPRISE_APPLICATION -DisplayName "{AppName(settings)}"
                $principal = Get-ServicePrincipal -Identity {application}
                Add-MailboxPermission -Identity {Mailbox(settings)} -User $principal.Identity -AccessRights FullAccess
                Add-RecipientPermission -Identity {Mailbox(settings)} -Trustee $principal.Identity -AccessRights SendAs -Confirm:$false
                Set-CASMailbox -Identity {Mailbox(settings)} -SmtpClientAuthenticationDisabled $false
                """),
            Say(T["It takes effect within two hours."]),
        ]);
    }

    private static GuideStep Register(ProviderSettings settings, string accounts, string? redirectUri)
    {
        List<GuidePart> parts = [Link(T["Open App registrations"], ProviderCatalog.Of(settings).Portal), Say(T["Press New registration and fill in:"]), Copy(T["Name"], AppName(settings)), Say(T[$"Supported account types: {accounts}."])];
        if (redirectUri is not null)
            parts.AddRange([Copy(T["Redirect URI: choose Web, and paste it exactly as it is"], redirectUri)]);
        else
            parts.Add(Say(T["Redirect URI: leave it empty."]));
        parts.Add(Say(T["Press Register."]));
        return new(T["Register the application"], parts);
    }

    private static GuideStep Identifiers() => new(T["Note its two IDs"], [Say(T["The page that opens shows the Application (client) ID and the Directory (tenant) ID. The Object ID between them is not needed. Write both in the next step, or paste the lot into the box above."])]);

    private static GuideStep Secret(ProviderSettings settings) => new(T["Make a client secret"],
    [
        Portal(settings, T["Certificates & secrets"], PortalLinks.Credentials(settings)), Say(T["Client secrets › New client secret. Choose the longest time that your rules allow, and press Add."]), Copy(T["Description"], $"postrider-{settings.Name}"),
        Warn(T["Copy the column Value now: it is shown this once. The Secret ID beside it is not the secret. Note the day in the column Expires too: Postrider warns before it."]),
    ]);

    private static GuidePart Portal(ProviderSettings settings, string page, string deep) =>
        Guid.TryParse(settings.ClientId, out _) ? Link(T[$"Open {page}"], deep) : Say(T[$"In the application's menu: {page}."]);

    private static string? AdminConsent(ProviderSettings settings, string redirectUri) =>
        Guid.TryParse(settings.ClientId, out _) && settings.Tenant.Length > 0 && settings.Tenant != "common" && Uri.TryCreate(settings.Authority, UriKind.Absolute, out var authority)
            ? $"{authority.GetLeftPart(UriPartial.Authority)}/{Uri.EscapeDataString(settings.Tenant)}/v2.0/adminconsent?client_id={settings.ClientId}&scope={Uri.EscapeDataString(settings.Scope)}&redirect_uri={Uri.EscapeDataString(redirectUri)}"
            : null;

    /// <summary>As PowerShell takes it.</summary>
    private static string Mailbox(ProviderSettings settings) => settings.UserName.Length > 0 ? $"'{settings.UserName.Replace("'", "''", StringComparison.Ordinal)}'" : "MAILBOX";
}
