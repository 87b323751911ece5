namespace Postrider.Accounts.Import;

/// <summary>Sections of <c>name = value</c> lines, as Python's configparser reads them: <c>#</c> and <c>;</c> begin a comment line, and an
/// indented line continues the value before it.</summary>
internal static class IniText
{
    public static List<(string Name, Dictionary<string, string> Values)> Read(string text)
    {
        var sections = new List<(string, Dictionary<string, string>)>();
        string? last = null;
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = raw.TrimEnd('\r', ' ', '\t');
            var trimmed = line.TrimStart();
            if (trimmed.Length is 0 || trimmed[0] is '#' or ';')
                continue;
            if (trimmed[0] is '[' && trimmed.IndexOf(']') is var end and > 0)
            {
                sections.Add((trimmed[1..end].Trim(), new(StringComparer.OrdinalIgnoreCase)));
                last = null;
            }
            else if (char.IsWhiteSpace(line[0]) && last is not null && sections.Count > 0)
                sections[^1].Item2[last] = (sections[^1].Item2[last] + "\n" + trimmed).Trim();
            else if (sections.Count > 0 && trimmed.IndexOfAny(['=', ':']) is var mark and > 0)
                sections[^1].Item2[last = trimmed[..mark].TrimEnd()] = trimmed[(mark + 1)..].Trim();
        }
        return sections;
    }
}
