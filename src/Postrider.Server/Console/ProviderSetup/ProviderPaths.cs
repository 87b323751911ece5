using Postrider.Accounts.Providers;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Where a provider's pages are.</summary>
internal static class ProviderPaths
{
    // One that is named like the wizard's own page is found by its id.
    public static string Of(Provider provider) => $"/providers/{(provider.Name == "add" ? provider.Id : Uri.EscapeDataString(provider.Name))}";

    public static string Edit(Provider provider) => $"{Of(provider)}/edit";

    /// <summary>How mail is handed in for it.</summary>
    public static string Use(Provider provider) => $"{Of(provider)}/use";

    public static string Remove(Provider provider) => $"{Of(provider)}/remove";
}
