namespace Postrider.Accounts.Providers;

/// <summary>The hosts and names of a Microsoft cloud.</summary>
internal sealed record MicrosoftCloud(string AzureName, string GraphName, string GraphHost, string ExchangeName, string Portal)
{
    public bool IsGlobal => AzureName == "AzureCloud";

    public static MicrosoftCloud Of(ProviderSettings provider) => (Uri.TryCreate(provider.Authority, UriKind.Absolute, out var authority) ? authority.Host : "", provider.Preset) switch
    {
        ("login.microsoftonline.us", "microsoft-dod") => new("AzureUSGovernment", "USGovDoD", "dod-graph.microsoft.us", "O365USGovDoD", "https://portal.azure.us"),
        ("login.microsoftonline.us", _) => new("AzureUSGovernment", "USGov", "graph.microsoft.us", "O365USGovGCCHigh", "https://portal.azure.us"),
        ("login.partner.microsoftonline.cn", _) => new("AzureChinaCloud", "China", "microsoftgraph.chinacloudapi.cn", "O365China", "https://portal.azure.cn"),
        _ => new("AzureCloud", "Global", "graph.microsoft.com", "O365Default", "https://entra.microsoft.com"),
    };

    /// <summary>Where Microsoft Graph answers. An authority that is none of Microsoft's, such as a stand-in, answers for Graph too.</summary>
    public Uri GraphAddress(ProviderSettings provider) =>
        Uri.TryCreate(provider.Authority, UriKind.Absolute, out var authority) && !authority.Host.Contains("microsoftonline", StringComparison.OrdinalIgnoreCase)
            ? new(authority, "/") : new($"https://{GraphHost}/");

    /// <summary>All that an administrator has granted the application at Graph.</summary>
    public string GraphScope => $"https://{GraphHost}/.default";
}
