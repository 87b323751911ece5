using System.Text.RegularExpressions;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Who can repair a refusal by the identity platform.</summary>
public enum OAuthRepair
{
    /// <summary>Whoever may sign in as the mailbox: the grant is dead.</summary>
    SignIn,

    /// <summary>Whoever manages the application: the grant is alive, and what was repaired there is found out by a rare probe.</summary>
    Administrator,

    /// <summary>Whoever manages Postrider: the request itself is wrong.</summary>
    Settings,

    /// <summary>Nobody: it passes.</summary>
    Wait,
}

/// <summary>A refusal in plain words.</summary>
public sealed record OAuthExplanation(string Cause, string Remedy, OAuthRepair Repair);

/// <summary>Says what an answer of an identity platform means. What the program does follows <c>error</c> alone; the description's
/// AADSTS number only chooses better words (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).</summary>
internal static partial class OAuthFailures
{
    public const string Network = "postrider_network", Html = "postrider_html", RotationLost = "postrider_rotation_lost";

    public static OAuthExplanation Explain(string providerType, string error, string? description)
    {
        var repair = RepairOf(error);
        var (cause, remedy) = ByNumber(Number(description)) ?? ByError(providerType, error);
        return new(cause, remedy, repair);
    }

    private static OAuthRepair RepairOf(string error) => error switch
    {
        "invalid_grant" or "interaction_required" or "login_required" or "consent_required" or "access_denied" or "authorization_declined" or RotationLost => OAuthRepair.SignIn,
        "invalid_client" or "unauthorized_client" => OAuthRepair.Administrator,
        "temporarily_unavailable" or "server_error" or "slow_down" or Network or Html => OAuthRepair.Wait,
        _ => OAuthRepair.Settings,
    };

    private static (string, string)? ByNumber(string? number) => number switch
    {
        "7000215" => ("The client secret is wrong; often the Secret ID was pasted instead of the Value.", "Set clientSecret to the secret's Value (Certificates & secrets in the app registration). Nobody has to sign in again."),
        "7000222" => ("The client secret has expired.", "Make a new secret under Certificates & secrets and set clientSecret to its Value. Nobody has to sign in again."),
        "7000216" or "7000218" or "7000219" => ("The application needs a client secret and none was sent.", "Set clientSecret."),
        "700025" => ("The application is registered as a public client, and a secret was sent.", "Remove the client secret, or register the redirect URI under the platform Web."),
        "7000112" => ("The application is disabled in the tenant.", "Enable it under Enterprise applications."),
        "50173" => ("The sign-in was revoked: the password was reset, or the sessions were ended.", "Connect again as the mailbox."),
        "70008" or "700082" => ("The sign-in expired because it was not used for too long (90 days).", "Connect again as the mailbox."),
        "700084" => ("The sign-in ended after 24 hours, because the redirect URI is registered as a single-page application.", "Register the redirect URI under the platform Web, then connect again."),
        "70043" => ("A sign-in frequency policy ended the session.", "Connect again, and exclude this account from the policy."),
        "65001" => ("Nobody has consented to the application using this mailbox for SMTP.", "Connect again and accept, or let an administrator consent for the tenant."),
        "65004" => ("The consent was declined.", "Connect again and accept."),
        "90094" or "90095" => ("The tenant lets only administrators consent.", "Let an administrator grant consent for the application, then connect again."),
        "50011" or "500113" or "900971" => ("The redirect URI is not registered for the application.", "Register exactly the provider's redirectUri under the platform Web of the app registration."),
        "700016" or "700003" or "70001" or "700011" => ("The tenant does not know this application.", "Compare the Application (client) ID and the tenant with the app registration's overview page."),
        "90002" or "900023" or "90013" => ("The tenant was not found.", "Correct the tenant ID, or choose the preset of the right cloud."),
        "90038" or "900382" or "900432" => ("The tenant belongs to another cloud.", "Choose the preset of that cloud, for example microsoft-gcc-high."),
        "50194" => ("The application is for one tenant, and \"common\" was used.", "Write the Directory (tenant) ID in tenant."),
        "53003" or "530032" or "53011" or "50131" => ("A Conditional Access policy blocks the sign-in.", "Look for the policy in the Entra sign-in log and exclude this application or allow this location, then connect again."),
        "50074" or "50076" or "50078" or "50072" or "50079" => ("The account must confirm its sign-in with a second factor.", "Connect again and complete the second factor."),
        "50105" or "501051" => ("The account is not assigned to the application.", "Assign it under Enterprise applications, or set \"Assignment required\" to No; then connect again."),
        "50034" or "50057" => ("The account is disabled or does not exist.", "Enable or restore it, then connect again."),
        "50020" or "90072" => ("The account is not in this tenant.", "Sign in with an account of the tenant."),
        "54005" => ("The code was used already.", "Connect again; each code works once."),
        "28000" or "700022" or "70011" or "28002" or "28003" => ("The scope is wrong.", "Write \"https://outlook.office.com/SMTP.Send offline_access\"."),
        "500011" or "650057" => ("The tenant does not know the resource in the scope, or it lacks Exchange Online.", "Check the scope for typing errors and the cloud."),
        _ => null,
    };

    private static (string, string) ByError(string providerType, string error) => error switch
    {
        "invalid_grant" when providerType == ProviderType.Google => ("Google no longer accepts the sign-in: it was revoked, expired, or the password was changed.", "Connect again. If it ends every 7 days, set the OAuth consent screen to In production or Internal."),
        "invalid_grant" => ("The sign-in has expired or was revoked.", "Connect again as the mailbox."),
        "interaction_required" or "login_required" or "consent_required" => ("The identity platform wants the mailbox's owner to sign in again.", "Connect again as the mailbox."),
        "invalid_client" => ("The identity platform does not accept the application's client ID or secret.", "Check clientId and set clientSecret anew. Nobody has to sign in again."),
        "unauthorized_client" => ("The application may not use this way to get tokens.", "Check the application's registration and the grant."),
        "invalid_scope" or "invalid_resource" => ("The scope is wrong.", "Compare the scope with the provider's documentation."),
        "access_denied" or "authorization_declined" => ("The sign-in was cancelled or consent was declined.", "Connect again and accept."),
        "redirect_uri_mismatch" => ("The redirect URI is not registered for the application.", "Register exactly the provider's redirectUri."),
        "temporarily_unavailable" or "server_error" or "slow_down" => ("The identity platform is busy.", "Nothing to do: it is tried again."),
        RotationLost => ("The last refresh was cut off, and the identity platform had already replaced the refresh token: the new one was lost on the way.", "Connect again as the mailbox."),
        Network => ("The identity platform could not be reached.", "Nothing to do if it passes. Otherwise check the network, the name server and, if this machine needs a proxy, HTTPS_PROXY."),
        Html => ("Something that is not the identity platform answered, such as a proxy or a sign-in page of the network.", "Let this machine reach the identity platform directly, or set HTTPS_PROXY."),
        _ => ($"The identity platform refused: {error}.", "Read its own words below and correct the settings."),
    };

    private static string? Number(string? description) =>
        description is not null && Aadsts().Match(description) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"AADSTS(\d{5,9})")]
    private static partial Regex Aadsts();
}
