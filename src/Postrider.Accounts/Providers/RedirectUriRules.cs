namespace Postrider.Accounts.Providers;

/// <summary>What a redirect URI may look like. Microsoft's rules are those of
/// https://learn.microsoft.com/entra/identity-platform/reply-url; Google's are alike.</summary>
internal static class RedirectUriRules
{
    private const int Longest = 256;
    private const string ForbiddenByMicrosoft = "!$'(),;";

    /// <returns>What to write instead, or null when the URI is good.</returns>
    public static string? Check(string text, string type)
    {
        if (text.Length is 0)
            return "Write the redirect URI that is registered for the application, for example \"http://localhost:8080/oauth/callback\".";
        if (text.Contains('*'))
            return "Wildcards are not matched. Write the exact address.";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return "Write a whole address, for example \"https://postrider.example.com/oauth/callback\".";
        if (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            return type == ProviderType.OAuth2 ? null : "Write an address that begins with https://, or with http://localhost.";
        if (text.Contains('#'))
            return "A redirect URI has no fragment: leave out \"#\" and what follows.";
        if (uri.UserInfo.Length > 0)
            return "Leave the user name out of the address.";
        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            return $"http is only allowed for localhost. Write https://, or \"http://localhost{uri.AbsolutePath}\" and paste the address that the sign-in ends on.";
        return type == ProviderType.Microsoft ? Microsoft(text, uri) : null;
    }

    private static string? Microsoft(string text, Uri uri)
    {
        if (text.Length > Longest)
            return $"Microsoft takes at most {Longest} characters. Write a shorter address.";
        if (text.FirstOrDefault(c => ForbiddenByMicrosoft.Contains(c)) is not '\0' and var forbidden)
            return $"Microsoft does not allow \"{forbidden}\" in a redirect URI. Choose an address without it.";
        if (uri.HostNameType == UriHostNameType.IPv6)
            return "Microsoft does not support [::1]. Write \"http://localhost\" instead.";
        return null;
    }
}
