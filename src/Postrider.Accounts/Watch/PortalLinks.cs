using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Watch;

/// <summary>Deep links into the vendor's portal, with the provider's own values in them. Each national cloud has a portal of its own.</summary>
public static class PortalLinks
{
    /// <summary>The application's first page, with its two IDs.</summary>
    public static string Overview(ProviderSettings provider) => Blade(provider, "Overview");

    /// <summary>The application's secrets and certificates.</summary>
    public static string Credentials(ProviderSettings provider) => Blade(provider, "Credentials");

    /// <summary>The application's API permissions.</summary>
    public static string Permissions(ProviderSettings provider) => Blade(provider, "CallAnAPI");

    /// <summary>The application's redirect URIs.</summary>
    public static string Authentication(ProviderSettings provider) => Blade(provider, "Authentication");

    private static string Blade(ProviderSettings provider, string blade) =>
        $"{Portal(provider)}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{blade}/appId/{Uri.EscapeDataString(provider.ClientId)}";

    private static string Portal(ProviderSettings provider) => Uri.TryCreate(ProviderCatalog.Of(provider).Portal, UriKind.Absolute, out var uri)
        ? uri.GetLeftPart(UriPartial.Authority) : "https://entra.microsoft.com";
}
