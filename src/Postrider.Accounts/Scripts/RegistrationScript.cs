using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Scripts;

/// <summary>Writes what registers a provider's application: at Entra with the application, its permissions, consent and credential, and at
/// Exchange with SMTP AUTH and the right to send. The values of the provider are filled in.</summary>
public static class RegistrationScript
{
    public const string AzureCli = "azure-cli", PowerShell = "powershell", Graph = "graph";

    public static readonly IReadOnlyList<string> Kinds = [AzureCli, PowerShell, Graph];

    /// <returns>The script, or why there is none.</returns>
    public static (string? Text, string? Why) Write(ProviderSettings provider, string kind, ScriptWay way, ScriptCredential credential, string redirectUri)
    {
        if (provider.Type != ProviderType.Microsoft)
            return (null, provider.Type switch
            {
                ProviderType.Google => "Google has no command that registers an application for mail. Do it in the console: https://console.cloud.google.com/auth/clients > Create client > Web application, with the redirect URI " + redirectUri + ".",
                ProviderType.Password => "A provider with a password needs no application.",
                _ => "How an application is registered is the identity platform's own matter. Register a confidential web client with the redirect URI " + redirectUri + ".",
            });
        if (provider.Tenant is "consumers")
            return (null, "Applications for personal accounts are registered in the portal: https://entra.microsoft.com > App registrations > New registration > Personal Microsoft accounts only.");
        var values = new ScriptValues(provider, way, credential, redirectUri);
        return (kind switch
        {
            AzureCli => AzureCliScript.Write(values),
            PowerShell => PowerShellScript.Write(values),
            _ => GraphScript.Write(values),
        }, null);
    }
}
