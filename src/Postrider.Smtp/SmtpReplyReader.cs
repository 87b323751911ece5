using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Postrider.Smtp;

/// <summary>Reads replies, one or many lines long, in whatever pieces they arrive (RFC 5321 section 4.2.1).
/// Bounded: a line of at most <see cref="MaxLine"/> octets and a reply of at most <see cref="MaxLines"/> lines;
/// what exceeds them, or is no reply at all, is a <see cref="SmtpProtocolException"/>.</summary>
internal sealed class SmtpReplyReader(PipeReader pipe)
{
    /// <summary>RFC 5321 section 4.5.3.1.5 says 512; servers that explain a refusal at length exceed it.</summary>
    public const int MaxLine = 4096;
    public const int MaxLines = 100;

    // The same few answers come for every message: `250 2.1.0 Ok`. Remembering them saves their strings.
    private const int RememberedReplies = 8;
    private const int RememberedLength = 48;
    private readonly List<(byte[] Line, SmtpReply Reply)> remembered = [];

    // Lines of a reply that is still arriving; one that is complete is consumed at once,
    // so that a server that drips bytes costs a scan of one line and not of the whole reply.
    private readonly List<string> lines = [];
    private int code;

    /// <summary>Null when the stream ends cleanly or within a reply: a cut reply is no reply.</summary>
    public async ValueTask<SmtpReply?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellation);
            if (Consume(result) is { } reply)
                return reply;
            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>A reply that has already arrived, without waiting.</summary>
    public SmtpReply? TryRead() => pipe.TryRead(out var result) ? Consume(result) : null;

    /// <summary>Whether bytes lie here that nobody has asked for yet.</summary>
    public bool HasBufferedBytes
    {
        get
        {
            if (lines.Count > 0)
                return true;
            if (!pipe.TryRead(out var result))
                return false;
            pipe.AdvanceTo(result.Buffer.Start);
            return !result.Buffer.IsEmpty;
        }
    }

    private SmtpReply? Consume(ReadResult result)
    {
        var buffer = result.Buffer;
        SmtpReply? reply = null;
        while (reply is null && TryLine(ref buffer, out var line))
            reply = line.IsSingleSegment ? Take(line.FirstSpan) : Take(line.ToArray());
        if (reply is null && buffer.Length > MaxLine)
            throw new SmtpProtocolException($"The server sent a reply line longer than {MaxLine} octets.");
        // Examined to the end only when more is needed: otherwise the next read would wait for new bytes.
        pipe.AdvanceTo(buffer.Start, reply is null ? buffer.End : buffer.Start);
        return reply;
    }

    private static bool TryLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } end)
            return false;
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private SmtpReply? Take(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxLine)
            throw new SmtpProtocolException($"The server sent a reply line longer than {MaxLine} octets.");
        if (line is [.. var withoutCr, (byte)'\r'])
            line = withoutCr;
        if (lines.Count == 0)
            foreach (var (known, reply) in remembered)
                if (line.SequenceEqual(known))
                    return reply;
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])
            || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
            throw new SmtpProtocolException($"The server sent something that is not an SMTP reply: {HostileText.From(line[..Math.Min(line.Length, 80)])}");
        var number = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        if (lines.Count == 0)
            code = number;
        else if (number != code)
            throw new SmtpProtocolException($"The server began a reply with {code} and went on with {number}.");
        if (lines.Count == MaxLines)
            throw new SmtpProtocolException($"The server sent a reply of more than {MaxLines} lines.");
        lines.Add(line.Length > 4 ? HostileText.From(line[4..]) : "");
        if (line.Length > 3 && line[3] == '-')
            return null;
        var single = lines.Count == 1;
        var complete = Complete();
        if (single && line.Length <= RememberedLength && remembered.Count < RememberedReplies)
            remembered.Add((line.ToArray(), complete));
        return complete;
    }

    private SmtpReply Complete()
    {
        var bareFirst = SplitEnhanced(lines[0], out var parsed);
        EnhancedCode? enhanced = bareFirst is null ? null : parsed;
        if (lines.Count == 1)
        {
            var text = bareFirst ?? lines[0];
            lines.Clear();
            return new SmtpReply(code, enhanced, text);
        }
        var joined = new StringBuilder();
        foreach (var line in lines)
            joined.Append(enhanced is not null && SplitEnhanced(line, out var repeated) is { } bare && repeated == enhanced ? bare : line).Append('\n');
        lines.Clear();
        return new SmtpReply(code, enhanced, joined.ToString(0, joined.Length - 1));
    }

    // Only a code of the reply's own class counts (RFC 2034 section 4): `250 4.7.1` is text.
    private string? SplitEnhanced(string line, out EnhancedCode enhanced)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var head = end < 0 ? line : line[..end];
        if (!EnhancedCode.TryParse(head, out enhanced) || enhanced.Class != code / 100)
            return null;
        return end < 0 ? "" : line[(end + 1)..];
    }
}
