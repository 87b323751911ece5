using System.Globalization;

namespace Postrider.Accounts.Failures;

/// <summary>An enhanced status code of RFC 3463, such as 5.7.139.</summary>
internal readonly record struct EnhancedCode(int Class, int Subject, int Detail) : IComparable<EnhancedCode>
{
    /// <summary>Reads the code at the start of a text; null when there is none, or only half of one ("5.7").</summary>
    public static EnhancedCode? ReadStart(string? text)
    {
        var word = (text ?? "").TrimStart().Split((char[]?)null, 2)[0];
        var parts = word.Split('.');
        return parts.Length == 3 && parts[0] is "2" or "4" or "5"
            && TryNumber(parts[1], out var subject) && TryNumber(parts[2], out var detail)
            ? new EnhancedCode(parts[0][0] - '0', subject, detail)
            : null;
    }

    public static EnhancedCode Parse(string text) =>
        ReadStart(text) ?? throw new FormatException($"\"{text}\" is not an enhanced status code such as 5.7.139.");

    public int CompareTo(EnhancedCode other) =>
        (Class, Subject, Detail).CompareTo((other.Class, other.Subject, other.Detail));

    private static bool TryNumber(string text, out int number)
    {
        number = 0;
        return text.Length is >= 1 and <= 3
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}

/// <summary>One code, or all from the first to the last: <c>4.7.500-4.7.699</c>.</summary>
internal readonly record struct EnhancedCodeRange(EnhancedCode First, EnhancedCode Last)
{
    public bool IsOne => First == Last;

    public bool Contains(EnhancedCode code) => code.CompareTo(First) >= 0 && code.CompareTo(Last) <= 0;

    public static EnhancedCodeRange Parse(string text)
    {
        var ends = text.Split('-');
        return new EnhancedCodeRange(EnhancedCode.Parse(ends[0]), EnhancedCode.Parse(ends[^1]));
    }
}
