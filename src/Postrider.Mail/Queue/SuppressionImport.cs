namespace Postrider.Mail.Queue;

/// <summary>A list of addresses as people keep them: one a line, with a comma or tab and more behind it where there is more. The second
/// column is the reason.</summary>
public sealed record SuppressionImport(IReadOnlyList<(string Key, string Detail)> Addresses, IReadOnlyList<(int Line, string Text, string Why)> NotTaken)
{
    /// <summary>In octets; about two hundred thousand addresses.</summary>
    public const int Longest = 8 * 1024 * 1024;

    private const int LongestShown = 200;

    public static SuppressionImport Read(string text)
    {
        var (taken, not) = (new Dictionary<string, string>(), new List<(int, string, string)>());
        foreach (var (index, line) in text.ReplaceLineEndings("\n").Split('\n').Index())
        {
            var cells = line.TrimStart('\uFEFF').Split([',', ';', '\t'], 3);
            var address = Plain(cells[0]);
            // Empty lines, remarks and the head of a table say nothing.
            if (address.Length == 0 || address[0] == '#' || (index == 0 && !line.Contains('@', StringComparison.Ordinal)))
                continue;
            if (SuppressionList.Key(address, out var why) is { } key)
                taken.TryAdd(key, cells.Length > 1 ? Plain(cells[1]) : "");
            else
                not.Add((index + 1, line.Length > LongestShown ? line[..LongestShown] : line, why!));
        }
        return new([.. taken.Select(one => (one.Key, one.Value))], not);
    }

    private static string Plain(string cell) => cell.Trim() is ['"', .. var inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal).Trim() : cell.Trim();
}
