using System.Buffers;
using System.Text;

namespace Postrider.Smtp;

/// <summary>Text from the other side, made safe to show: UTF-8 where it is, and nothing that a terminal,
/// a log line or a bidirectional layout would obey.</summary>
public static class HostileText
{
    private const char Replacement = '\uFFFD';
    private static readonly SearchValues<byte> Printable = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5F).Select(b => (byte)b)]);

    public static string From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOfAnyExcept(Printable) < 0)
            return Encoding.ASCII.GetString(bytes);
        return string.Create(Encoding.UTF8.GetCharCount(bytes), bytes, static (chars, source) =>
        {
            Encoding.UTF8.GetChars(source, chars);
            foreach (ref var c in chars)
                if (c == '\t')
                    c = ' ';
                else if (IsObeyed(c))
                    c = Replacement;
        });
    }

    /// <summary>Control characters, line and paragraph separators, bidirectional controls, byte order marks.</summary>
    public static bool IsObeyed(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200E' or '\u200F' or '\uFEFF' or '\u061C'
        or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
