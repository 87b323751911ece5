using System.Buffers;

namespace Postrider.Smtp;

/// <summary>Makes content transparent for DATA (RFC 5321 section 4.5.2): a dot that begins a line is doubled, wherever the pieces are cut,
/// and the end is written exactly once. Content that breaks the CRLF rule is refused before the end is written:
/// a bare CR or LF is how a second message is smuggled into the first.</summary>
internal struct DotStuffer
{
    private enum At { LineStart, Line, Cr }

    private At at;

    /// <summary>Appends <paramref name="content"/> with its dots doubled.</summary>
    /// <exception cref="InvalidDataException">A CR or LF stands alone.</exception>
    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (content.Length > 0)
        {
            if (at == At.Cr)
            {
                if (content[0] != '\n')
                    throw Bare("CR");
                output.Write("\n"u8);
                content = content[1..];
                at = At.LineStart;
                continue;
            }
            if (at == At.LineStart && content[0] == '.')
                output.Write("."u8);
            // Whole lines that need nothing go out together: up to the next line that begins with a dot.
            var taken = TakeUntilDottedLine(content);
            output.Write(content[..taken]);
            content = content[taken..];
        }
    }

    /// <summary>Ends the content: a lone dot on a line of its own.</summary>
    public readonly void Finish(IBufferWriter<byte> output)
    {
        if (at == At.Cr)
            throw Bare("CR");
        if (at == At.Line)
            output.Write("\r\n"u8);
        output.Write(".\r\n"u8);
    }

    private int TakeUntilDottedLine(ReadOnlySpan<byte> content)
    {
        var position = 0;
        while (true)
        {
            var next = content[position..].IndexOfAny((byte)'\r', (byte)'\n');
            if (next < 0)
            {
                if (position < content.Length)
                    at = At.Line;
                return content.Length;
            }
            position += next;
            if (content[position] == '\n')
                throw Bare("LF");
            position++;
            if (position == content.Length)
            {
                at = At.Cr;
                return position;
            }
            if (content[position] != '\n')
                throw Bare("CR");
            position++;
            at = At.LineStart;
            if (position == content.Length || content[position] == '.')
                return position;
        }
    }

    private static InvalidDataException Bare(string which) =>
        new($"The message contains a bare {which}; only CRLF may end a line. It was not sent.");
}
