using System.Buffers;
using System.Text;

namespace Postrider.Smtp;

/// <summary>What was seen in received content. The session judges it after the terminator: 552 5.3.4 for size, 550 5.6.11 for stray bytes.</summary>
/// <param name="IsComplete">False when the client went before the end: there is no message.</param>
/// <param name="Length">Octets of the message after the removal of dots, counted on even past the limit.</param>
/// <param name="TooLarge">More than the limit: the sink holds only a part.</param>
/// <param name="LongestLine">Octets without CRLF; RFC 5321 section 4.5.3.1.6 allows 998.</param>
/// <param name="HeaderLength">Octets up to the empty line.</param>
/// <param name="EndsWithCrLf">Always true of DATA; of BDAT it is for the client to see to.</param>
/// <param name="HeaderIsClean">What <see cref="IsClean"/> says holds for the header at least.</param>
public readonly record struct SmtpContentSummary(
    bool IsComplete, long Length, bool TooLarge, bool BareCr, bool BareLf, bool Nul, bool EightBit,
    long LongestLine, int HeaderLines, long HeaderLength, bool EndsWithCrLf, bool HeaderIsClean)
{
    /// <summary>The bytes may be stored and sent on as they are: lines end with CRLF only, and there is no NUL.</summary>
    public bool IsClean => !BareCr && !BareLf && !Nul;

    /// <summary>The least that must be offered by a server to which the bytes go as they are.</summary>
    public SmtpBody Body => !IsClean ? SmtpBody.BinaryMime : EightBit ? SmtpBody.EightBitMime : SmtpBody.SevenBit;
}

/// <summary>Walks over content as it arrives: hands it on in large pieces, takes the dots of DATA out (RFC 5321 section 4.5.2) and notes what it sees.
/// A line begins after CRLF, and not after a CRLF that another CR precedes: some servers take CR CR LF for one line end and some for none,
/// and what two servers read differently is how a second message is smuggled in.</summary>
/// <param name="sink">Null: what comes is only looked at.</param>
internal sealed class SmtpContentScanner(IBufferWriter<byte>? sink, long limit, bool dots)
{
    private enum At { LineStart, Line, Cr, CrCr, Dot, DotCr }

    private static readonly SearchValues<byte> Noted = SearchValues.Create("\r\n\0"u8);

    private At at = At.LineStart;
    private long length, lineLength, longestLine, headerLength;
    private int headerLines;
    private bool inHeader = true, headerIsClean, bareCr, bareLf, nul, eightBit, tooLarge;

    public bool EndsWithCrLf => at == At.LineStart && length > 0;

    /// <summary>Looks at the next bytes. True when the terminator was among them; <paramref name="taken"/> then ends behind it.</summary>
    public bool Take(ReadOnlySpan<byte> bytes, out int taken)
    {
        var from = 0;       // what lies between here and i has not been handed on
        var i = 0;
        while (i < bytes.Length)
        {
            var b = bytes[i];
            switch (at)
            {
                case At.LineStart when dots && b == '.':
                    HandOn(bytes[from..i]);
                    from = ++i;
                    at = At.Dot;
                    break;

                case At.Dot when b == '\r':
                    at = At.DotCr;
                    from = ++i;
                    break;

                case At.DotCr when b == '\n':
                    taken = i + 1;
                    at = At.LineStart;
                    return true;

                case At.DotCr:
                    // Not the end after all: the CR belongs to the content, and it stands alone.
                    HandOn("\r"u8);
                    bareCr = true;
                    lineLength++;
                    at = b == '\r' ? At.CrCr : At.Line;
                    if (b == '\r')
                        i++;
                    break;

                case At.Cr or At.CrCr when b == '\n':
                    i++;
                    if (at == At.Cr)
                        EndLine();
                    else
                    {
                        bareLf = true;
                        lineLength += 2;
                        at = At.Line;
                    }
                    break;

                case At.Cr or At.CrCr:
                    bareCr = true;
                    lineLength++;
                    at = b == '\r' ? At.CrCr : At.Line;
                    if (b == '\r')
                        i++;
                    break;

                default:
                    at = At.Line;
                    i += Line(bytes[i..]);
                    break;
            }
        }
        HandOn(bytes[from..]);
        taken = bytes.Length;
        return false;
    }

    public SmtpContentSummary Summary(bool complete) => new(
        complete, length, tooLarge, EndsInCr || bareCr, bareLf, nul, eightBit,
        Math.Max(longestLine, lineLength), headerLines, headerLength, EndsWithCrLf, inHeader ? IsClean && !EndsInCr : headerIsClean);

    private bool EndsInCr => at is At.Cr or At.CrCr;

    private bool IsClean => !bareCr && !bareLf && !nul;

    // Up to and with the next CR, or over a lone LF or NUL.
    private int Line(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (position < bytes.Length)
        {
            var next = bytes[position..].IndexOfAny(Noted);
            if (next < 0)
            {
                lineLength += bytes.Length - position;
                return bytes.Length;
            }
            lineLength += next;
            position += next + 1;
            switch (bytes[position - 1])
            {
                case (byte)'\r':
                    at = At.Cr;
                    return position;
                case (byte)'\n':
                    bareLf = true;
                    lineLength++;
                    break;
                default:
                    nul = true;
                    lineLength++;
                    break;
            }
        }
        return position;
    }

    private void EndLine()
    {
        if (inHeader)
        {
            inHeader = lineLength > 0;
            headerLength += lineLength + 2;
            if (inHeader)
                headerLines++;
            else
                headerIsClean = IsClean;
        }
        longestLine = Math.Max(longestLine, lineLength);
        lineLength = 0;
        at = At.LineStart;
    }

    private void HandOn(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return;
        eightBit = eightBit || !Ascii.IsValid(bytes);
        length += bytes.Length;
        tooLarge = tooLarge || length > limit;
        if (!tooLarge)
            sink?.Write(bytes);
    }
}
