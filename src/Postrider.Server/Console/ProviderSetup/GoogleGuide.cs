using Postrider.Accounts.Providers;
using static Postrider.Server.Console.Languages.Speech;
using static Postrider.Server.Console.ProviderSetup.RegistrationGuide;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>The Google Cloud console and, for a service account, the admin console.</summary>
internal static class GoogleGuide
{
    public static IEnumerable<GuideStep> Client(ProviderSettings settings, string redirectUri)
    {
        yield return new(T["Say who may use it"],
        [
            Link(T["Open Audience"], "https://console.cloud.google.com/auth/audience"), Say(T["Choose a project or make one. User type: Internal, if you have Google Workspace."]),
            Warn(T["With External, press Publish app as well: as long as it is in Testing, Google ends the connection after seven days."]),
        ]);
        yield return new(T["Allow it to send"], [Link(T["Open Data access"], "https://console.cloud.google.com/auth/scopes"), Say(T["Add or remove scopes › Manually add scopes, then Update and Save."]), Copy(T["Scope"], settings.Scope)]);
        List<GuidePart> client = [Link(T["Open Clients"], "https://console.cloud.google.com/auth/clients"), Say(T["Create client › Application type: Web application."]), Copy(T["Name"], AppName(settings))];
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            client.Add(Copy(T["Authorized redirect URIs › Add URI, exactly as it is"], redirectUri));
        client.Add(Say(T["Press Create. The page shows the client ID and, this once, the client secret. Write both in the next step, or paste them into the box above."]));
        yield return new(T["Make the client"], client);
    }

    public static IEnumerable<GuideStep> ServiceAccount(ProviderSettings settings)
    {
        yield return new(T["Make the service account"], [Link(T["Open Service accounts"], "https://console.cloud.google.com/iam-admin/serviceaccounts"), Say(T["Create service account. It needs no role in the project."]), Copy(T["Name"], AppName(settings))]);
        yield return new(T["Make its key"], [Say(T["The account › Keys › Add key › Create new key › JSON. The file is downloaded once; the next step takes its whole text."])]);
        yield return new(T["Delegate the mailboxes to it"],
        [
            Link(T["Open Domain-wide delegation in the admin console"], "https://admin.google.com/ac/owl/domainwidedelegation"),
            Say(T["Add new › Client ID: the number that the account shows as its Unique ID. Then its scope:"]), Copy(T["OAuth scope"], settings.Scope), Say(T["It usually takes effect within minutes, at most a day."]),
        ]);
    }
}
