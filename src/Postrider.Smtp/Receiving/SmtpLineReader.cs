using System.Buffers;
using System.IO.Pipelines;

namespace Postrider.Smtp;

public enum SmtpLineKind
{
    /// <summary>A command line, without its CRLF.</summary>
    Line,

    /// <summary>The line exceeds the limit. Its rest is skipped by the next read, without being kept.</summary>
    TooLong,

    /// <summary>A CR or an LF stands alone in the line: told as soon as it is seen, so that a device that ends its lines with LF
    /// gets an answer. The rest up to the next CRLF is skipped by the next read: it is never taken for a command.</summary>
    BareLineEnd,

    /// <summary>The client has gone; an unfinished line is dropped.</summary>
    EndOfStream,
}

/// <summary>What was read. <see cref="Bytes"/> is valid until the next read.</summary>
public readonly record struct SmtpLine(SmtpLineKind Kind, ReadOnlyMemory<byte> Bytes);

/// <summary>Reads command lines (RFC 5321 section 2.3.8): CRLF ends a line and nothing else does. What follows the line stays in the pipe,
/// so the same pipe can then be read as content, or be refused after STARTTLS (<see cref="HasPipelinedInput"/>).</summary>
public sealed class SmtpLineReader(PipeReader pipe)
{
    /// <summary>RFC 5321 section 4.5.3.1.4, CRLF included. Extensions add to it: MAIL and RCPT want 1024 with DSN and SMTPUTF8.</summary>
    public const int DefaultLimit = 512;

    /// <summary>RFC 4954 section 4: a line of an authentication exchange, CRLF included.</summary>
    public const int AuthenticationLimit = 12288;

    private byte[] line = new byte[DefaultLimit];
    private int length;
    private bool skipping;
    private bool afterCr;

    /// <summary>Bytes that were sent before we answered: behind STARTTLS they must be refused (RFC 3207 section 4.2),
    /// and without PIPELINING they are a sign of a robot.</summary>
    public bool HasPipelinedInput
    {
        get
        {
            if (!pipe.TryRead(out var result))
                return false;
            pipe.AdvanceTo(result.Buffer.Start);
            return !result.Buffer.IsEmpty;
        }
    }

    /// <param name="limit">Octets of the line with its CRLF. No more than this is ever kept, however long the line is.</param>
    public async ValueTask<SmtpLine> ReadAsync(int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 3);
        length = 0;
        if (line.Length < limit)
            line = new byte[limit];
        while (true)
        {
            var result = await pipe.ReadAsync(cancellation);
            var reader = new SequenceReader<byte>(result.Buffer);
            var kind = Take(ref reader, limit);
            pipe.AdvanceTo(reader.Position, kind is null ? result.Buffer.End : reader.Position);
            if (kind is { } known)
                return new SmtpLine(known, known == SmtpLineKind.Line ? line.AsMemory(0, length) : default);
            if (result.IsCompleted)
                return new SmtpLine(SmtpLineKind.EndOfStream, default);
        }
    }

    // Consumes what it looks at; null when more is needed.
    private SmtpLineKind? Take(ref SequenceReader<byte> reader, int limit)
    {
        while (!reader.End)
        {
            if (afterCr)
            {
                reader.TryPeek(out var next);
                afterCr = false;
                if (next == '\n')
                {
                    reader.Advance(1);
                    if (!skipping)
                        return SmtpLineKind.Line;
                    skipping = false;
                    continue;
                }
                if (!skipping)
                {
                    skipping = true;
                    return SmtpLineKind.BareLineEnd;
                }
            }
            var rest = reader.UnreadSpan;
            var end = skipping ? rest.IndexOf((byte)'\r') : rest.IndexOfAny((byte)'\r', (byte)'\n');
            var plain = end < 0 ? rest : rest[..end];
            if (!skipping)
            {
                if (length + plain.Length > limit - 2)
                {
                    reader.Advance(plain.Length);
                    skipping = true;
                    length = 0;
                    return SmtpLineKind.TooLong;
                }
                plain.CopyTo(line.AsSpan(length));
                length += plain.Length;
            }
            reader.Advance(plain.Length);
            if (end < 0)
                continue;
            reader.Advance(1);
            if (rest[end] == '\r')
                afterCr = true;
            else
            {
                skipping = true;
                return SmtpLineKind.BareLineEnd;
            }
        }
        return null;
    }
}
