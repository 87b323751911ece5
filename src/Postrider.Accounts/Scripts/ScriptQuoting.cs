namespace Postrider.Accounts.Scripts;

/// <summary>Values inside scripts. Names of mailboxes and tenants come from people; a quote in one must not end the quotes around it.</summary>
internal static class ScriptQuoting
{
    public static string Bash(string text) => $"'{OneLine(text).Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // PowerShell takes the typographic quotes for quotes too.
    public static string PowerShell(string text) => $"'{string.Concat(OneLine(text).Select(letter => letter is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? $"{letter}{letter}" : $"{letter}"))}'";

    /// <summary>Within a comment: one line, whatever was typed.</summary>
    public static string Comment(string text) => OneLine(text);

    private static string OneLine(string text) => string.Concat(text.Where(letter => !char.IsControl(letter) && letter is not ('\u2028' or '\u2029')));
}
