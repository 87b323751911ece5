namespace Postrider.Cli;

/// <summary>The address on which a browser lands after a sign-in (RFC 6749 section 4.1.2): it carries a code or an error.</summary>
internal static class LandedAddress
{
    public static bool Looks(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address)
        && (address.Query + address.Fragment).Split('?', '&', '#')
            .Any(part => part.StartsWith("code=", StringComparison.Ordinal) || part.StartsWith("error=", StringComparison.Ordinal));
}
