using Postrider.Accounts.Providers;
using static Postrider.Server.Console.ProviderSetup.RegistrationGuide;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>The Google Cloud console and, for a service account, the admin console.</summary>
internal static class GoogleGuide
{
    public static IEnumerable<GuideStep> Client(ProviderSettings settings, string redirectUri)
    {
        yield return new("Say who may use it",
        [
            Link("Open Audience", "https://console.cloud.google.com/auth/audience"), Say("Choose a project or make one. User type: Internal, if you have Google Workspace."),
            Warn("With External, press Publish app as well: as long as it is in Testing, Google ends the connection after seven days."),
        ]);
        yield return new("Allow it to send", [Link("Open Data access", "https://console.cloud.google.com/auth/scopes"), Say("Add or remove scopes › Manually add scopes, then Update and Save."), Copy("Scope", settings.Scope)]);
        List<GuidePart> client = [Link("Open Clients", "https://console.cloud.google.com/auth/clients"), Say("Create client › Application type: Web application."), Copy("Name", AppName(settings))];
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            client.Add(Copy("Authorized redirect URIs › Add URI, exactly as it is", redirectUri));
        client.Add(Say("Press Create. The page shows the client ID and, this once, the client secret. Write both in the next step, or paste them into the box above."));
        yield return new("Make the client", client);
    }

    public static IEnumerable<GuideStep> ServiceAccount(ProviderSettings settings)
    {
        yield return new("Make the service account", [Link("Open Service accounts", "https://console.cloud.google.com/iam-admin/serviceaccounts"), Say("Create service account. It needs no role in the project."), Copy("Name", AppName(settings))]);
        yield return new("Make its key", [Say("The account › Keys › Add key › Create new key › JSON. The file is downloaded once; the next step takes its whole text.")]);
        yield return new("Delegate the mailboxes to it",
        [
            Link("Open Domain-wide delegation in the admin console", "https://admin.google.com/ac/owl/domainwidedelegation"),
            Say("Add new › Client ID: the number that the account shows as its Unique ID. Then its scope:"), Copy("OAuth scope", settings.Scope), Say("It usually takes effect within minutes, at most a day."),
        ]);
    }
}
