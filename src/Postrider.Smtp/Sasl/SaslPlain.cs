using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postrider.Smtp;

/// <summary>The receiving side of PLAIN (RFC 4616): <c>authzid NUL authcid NUL password</c> in base64.</summary>
public static class SaslPlain
{
    /// <summary>Decodes a response. False when it is not base64 of UTF-8 with exactly two NULs, when name or password is empty, or when
    /// the authorization identity is neither empty nor equal to the name: signing in as one and acting as another
    /// was an authorisation bypass elsewhere (maddy, GHSA-4g76-w3xw-2x6w).</summary>
    public static bool TryDecode(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out string? authzid, [NotNullWhen(true)] out string? authcid, [NotNullWhen(true)] out string? password)
    {
        authzid = authcid = password = null;
        if (!SaslBase64.TryDecodeText(base64, out var text))
            return false;
        var parts = text.Split('\0');
        if (parts.Length != 3 || parts[1].Length == 0 || parts[2].Length == 0)
            return false;
        if (parts[0].Length > 0 && parts[0] != parts[1])
            return false;
        (authzid, authcid, password) = (parts[0], parts[1], parts[2]);
        return true;
    }

    public static bool TryDecode(string base64, [NotNullWhen(true)] out string? authzid, [NotNullWhen(true)] out string? authcid, [NotNullWhen(true)] out string? password) =>
        TryDecode(Encoding.UTF8.GetBytes(base64), out authzid, out authcid, out password);
}
