using System.Globalization;
using System.Text;

namespace Postrider.Cli;

/// <summary>Text from elsewhere (subjects, addresses, replies) made safe to print: a message must not steer the terminal.</summary>
internal static class Plain
{
    public static string Text(string? text)
    {
        if (text is null)
            return "";
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            safe.Append(Steers(rune) ? "\uFFFD" : rune.ToString());
        return safe.ToString();
    }

    // Line ends are written by us alone. Format characters can turn the reading direction around.
    private static bool Steers(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    public static string Size(long octets) => octets switch
    {
        < 1024 => $"{octets} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1024.0:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1048576.0:0.#} MiB"),
    };

    /// <summary>"1 message", "42 messages".</summary>
    public static string Count(long count, string thing) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {thing}{(count == 1 ? "" : "s")}";
}
