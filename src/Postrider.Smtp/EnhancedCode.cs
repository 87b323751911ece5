using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postrider.Smtp;

/// <summary>An enhanced status code such as 5.7.1 (RFC 3463): what failed, in numbers that do not depend on wording.</summary>
public readonly record struct EnhancedCode(int Class, int Subject, int Detail)
{
    /// <summary>Reads <c>class.subject.detail</c>: class 2, 4 or 5, the others up to three digits (RFC 3463 section 2).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedCode code)
    {
        code = default;
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
            return false;
        var rest = text[2..];
        var dot = rest.IndexOf('.');
        if (dot < 0 || !TryNumber(rest[..dot], out var subject) || !TryNumber(rest[(dot + 1)..], out var detail))
            return false;
        code = new EnhancedCode(text[0] - '0', subject, detail);
        return true;
    }

    public static EnhancedCode Parse([StringSyntax("enhanced status code")] string text) =>
        TryParse(text, out var code) ? code : throw new FormatException($"'{text}' is not an enhanced status code such as 5.7.1.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    private static bool TryNumber(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        if (digits.Length is 0 or > 3)
            return false;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = value * 10 + (c - '0');
        }
        return true;
    }
}
