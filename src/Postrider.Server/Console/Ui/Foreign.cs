namespace Postrider.Server.Console.Ui;

/// <summary>Text that strangers wrote, on one line and without what a layout would obey.</summary>
internal static class Foreign
{
    /// <summary>Control characters and line ends become blanks; what turns the direction of writing or cannot be seen becomes U+FFFD.</summary>
    public static string Clean(string text) => !text.Any(IsObeyed) ? text
        : string.Create(text.Length, text, static (chars, source) =>
        {
            for (var at = 0; at < chars.Length; at++)
                chars[at] = !IsObeyed(source[at]) ? source[at] : char.IsControl(source[at]) || source[at] is '\u2028' or '\u2029' ? ' ' : '\uFFFD';
        });

    /// <summary>A name for a file on the reader's machine: no folder, nothing a shell or a layout obeys, not hidden, not empty.</summary>
    public static string FileName(string? name, string otherwise)
    {
        var last = Clean(name ?? "").Split('/', '\\')[^1];
        var kept = new string([.. last.Select(letter => "<>:\"|?*;%".Contains(letter, StringComparison.Ordinal) || letter == '\uFFFD' ? '_' : letter)]).Trim(' ', '.');
        if (kept.Length > 120)
            kept = kept[..100] + Path.GetExtension(kept) is var cut && cut.Length <= 120 ? cut : kept[..120];
        return kept.Length > 0 ? kept : otherwise;
    }

    private static bool IsObeyed(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\u200B' or '\u200E' or '\u200F' or '\uFEFF' or '\u061C'
        or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
