using System.Text;

namespace Postrider.Simulator;

/// <summary>The few header fields that the server looks at. Not a parser for mail: only what the checks need.</summary>
internal sealed record MailHeaders(string? From, int FromCount, string? MessageId, string? Subject)
{
    public static MailHeaders Read(ReadOnlySpan<byte> message)
    {
        var end = message.IndexOf("\r\n\r\n"u8);
        var rest = end < 0 ? message : message[..(end + 2)];
        string? from = null, id = null, subject = null;
        var fromCount = 0;
        while (!rest.IsEmpty)
        {
            var line = TakeField(ref rest);
            switch (line.IsEmpty ? 0 : line[0] | 0x20)
            {
                case 'f' when Value(line, "From:") is { } value:
                    from = Address(value);
                    fromCount++;
                    break;
                case 'm' when Value(line, "Message-ID:") is { } value:
                    id ??= value;
                    break;
                case 's' when Value(line, "Subject:") is { } value:
                    subject ??= value;
                    break;
                default:
                    break;
            }
        }
        return new MailHeaders(from, fromCount, string.IsNullOrEmpty(id) ? null : id, subject);
    }

    /// <summary>One field with its continuation lines.</summary>
    private static ReadOnlySpan<byte> TakeField(ref ReadOnlySpan<byte> rest)
    {
        var length = 0;
        while (true)
        {
            var end = rest[length..].IndexOf((byte)'\n');
            if (end < 0)
            {
                length = rest.Length;
                break;
            }
            length += end + 1;
            if (length == rest.Length || rest[length] is not ((byte)' ' or (byte)'\t'))
                break;
        }
        var field = rest[..length];
        rest = rest[length..];
        return field;
    }

    private static string? Value(ReadOnlySpan<byte> field, string name)
    {
        if (field.Length < name.Length || !Ascii.EqualsIgnoreCase(field[..name.Length], name))
            return null;
        return Encoding.UTF8.GetString(field[name.Length..]).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
    }

    /// <summary>The address in angle brackets, or the whole value.</summary>
    private static string Address(string value)
    {
        var open = value.LastIndexOf('<');
        var close = value.LastIndexOf('>');
        return open >= 0 && close > open ? value[(open + 1)..close] : value;
    }
}
