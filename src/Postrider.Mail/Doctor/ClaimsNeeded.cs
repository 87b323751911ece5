using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;

namespace Postrider.Mail.Doctor;

/// <summary>What a provider's SMTP server wants to find in a token, where that is known. It is for Exchange; other platforms' tokens
/// are opaque or say nothing that could be judged.</summary>
internal static class ClaimsNeeded
{
    private const string Delegated = "SMTP.Send", App = "SMTP.SendAsApp", GraphId = "00000003-0000-0000-c000-000000000000";

    /// <returns>Cause and remedy of the first thing that is not as it should be; null when nothing is wrong.</returns>
    public static (string Cause, string Remedy)? Missing(Provider provider, TokenClaims claims)
    {
        if (provider.Type != ProviderType.Microsoft)
            return null;
        if (IsGraph(claims.Audience))
            return ($"The token is made for Microsoft Graph, and Exchange's SMTP server refuses such tokens (535 5.7.3), although the portal lists {Delegated} under Microsoft Graph. It was asked for with the scope \"{provider.Scope}\".",
                OtherScope(provider));
        if (claims.Scopes.Count > 0 && !claims.Scopes.Contains(Delegated, StringComparer.OrdinalIgnoreCase))
            return ($"The token allows {string.Join(", ", claims.Scopes)}, and not {Delegated}.", OtherScope(provider));
        if (claims.Scopes.Count == 0 && claims.Roles.Count > 0 && !claims.Roles.Contains(App, StringComparer.OrdinalIgnoreCase))
            return ($"The application may {string.Join(", ", claims.Roles)}, and not {App}.",
                $"In the application's API permissions ({PortalLinks.Permissions(provider)}) add Office 365 Exchange Online > Application permissions > {App}, grant admin consent, and test again. A script does it:\n    postrider provider script {provider.Name} --for azure-cli");
        if (Guid.TryParse(provider.Tenant, out var wanted) && Guid.TryParse(claims.Tenant, out var tenant) && tenant != wanted)
            return ($"The token is of the tenant {tenant}, and the provider's is {wanted}.",
                $"Correct the tenant, or connect again and sign in with an account of {wanted}:\n    postrider provider set {provider.Name} --tenant {tenant}");
        if (claims.Account is { } account && !provider.SharedMailbox && !account.Equals(provider.UserName, StringComparison.OrdinalIgnoreCase))
            return ($"The token is of {account}, and the mailbox of this provider is {provider.UserName}.",
                $"Connect again and sign in as {provider.UserName}:\n    postrider provider connect {provider.Name}\nIf {account} shall use the mailbox of {provider.UserName}, mark the provider as a shared mailbox.");
        return null;
    }

    /// <summary>An audience in few words: the host of the resource where it is an address.</summary>
    public static string InWords(string audience) => IsGraph(audience) ? "Microsoft Graph"
        : Uri.TryCreate(audience, UriKind.Absolute, out var resource) && resource.Host.Length > 0 ? resource.Host
        : audience.Length > 0 ? audience : "not named";

    private static bool IsGraph(string audience) =>
        audience.Equals(GraphId, StringComparison.OrdinalIgnoreCase)
        || audience.Contains("graph.microsoft", StringComparison.OrdinalIgnoreCase) || audience.Contains("microsoftgraph", StringComparison.OrdinalIgnoreCase);

    private static string OtherScope(Provider provider)
    {
        var preset = ProviderCatalog.Of(provider);
        var scope = provider.Grant == ProviderGrant.ClientCredentials && preset.AppScope.Length > 0 ? preset.AppScope : preset.Scope;
        var again = provider.Grant == ProviderGrant.ClientCredentials ? "" : $"\n    postrider provider connect {provider.Name}";
        return $"Ask for a token for Exchange:\n    postrider provider set {provider.Name} --scope {scope}{again}";
    }
}
