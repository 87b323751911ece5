using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postrider.Smtp;

/// <summary>The receiving side of LOGIN: never a standard, and the only mechanism that many printers know.
/// The client may put its name behind <c>AUTH LOGIN</c>; otherwise each is asked for in turn.</summary>
public static class SaslLogin
{
    /// <summary><c>Username:</c> in base64, to be sent behind 334.</summary>
    public const string UsernamePrompt = "VXNlcm5hbWU6";

    /// <summary><c>Password:</c> in base64, to be sent behind 334.</summary>
    public const string PasswordPrompt = "UGFzc3dvcmQ6";

    /// <summary>Decodes one answer: not empty, valid UTF-8, no NUL.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out string? answer) =>
        SaslBase64.TryDecodeText(base64, out answer) && answer.Length > 0 && !answer.Contains('\0', StringComparison.Ordinal);

    public static bool TryDecode(string base64, [NotNullWhen(true)] out string? answer) => TryDecode(Encoding.UTF8.GetBytes(base64), out answer);
}
