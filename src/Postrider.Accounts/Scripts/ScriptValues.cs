using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Scripts;

/// <summary>What all three kinds of script fill in.</summary>
internal sealed record ScriptValues(ProviderSettings Provider, ScriptWay Way, ScriptCredential Credential, string RedirectUri)
{
    public const string GraphApp = "00000003-0000-0000-c000-000000000000", ExchangeApp = "00000002-0000-0ff1-ce00-000000000000";

    public bool AsApp => Provider.Grant == ProviderGrant.ClientCredentials;

    /// <summary>A code is typed on another device: there is no redirect, and public client flows have to be allowed.</summary>
    public bool ByDevice => Provider.Grant == ProviderGrant.DeviceCode;
    public string AppName => $"Postrider {Provider.Name}";

    /// <summary>The secret's label at the platform: by it the second run knows that there is one.</summary>
    public string CredentialLabel => $"postrider-{Provider.Name}";
    public string SecretFile => $"{Provider.Name}.secret";
    public string CertificateFile => $"{Provider.Name}.pem";
    public MicrosoftCloud Cloud => MicrosoftCloud.Of(Provider);

    public IEnumerable<string> Head(string comment)
    {
        yield return $"Registers the application of Postrider's provider {ScriptQuoting.Comment(Provider.Name)} ({ScriptQuoting.Comment(Provider.UserName)}) at Microsoft.";
        yield return "It can be run again: what is there already is left as it is.";
        yield return "No secret stands in this file, and none is printed.";
        yield return AsApp
            ? Way == ScriptWay.AppRole
                ? "App-only, way A: the Entra application role SMTP.SendAsApp, and rights on the mailbox. Not to be mixed with way B."
                : "App-only, way B: RBAC for Applications in Exchange. The application gets no API permission at all. Not to be mixed with way A."
            : "Delegated: somebody signs in as the mailbox once.";
        yield return $"Needed: {comment}";
    }
}

/// <summary>How an application is let send without a person (oauth-smtp reference 1.11). The two are never mixed.</summary>
public enum ScriptWay
{
    /// <summary>A: the Entra application role SMTP.SendAsApp with rights on the mailbox.</summary>
    AppRole,

    /// <summary>B: RBAC for Applications, without any API permission.</summary>
    Rbac,
}

public enum ScriptCredential
{
    Secret,
    Certificate,
}
