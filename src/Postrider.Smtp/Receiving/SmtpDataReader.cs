using System.Buffers;
using System.IO.Pipelines;

namespace Postrider.Smtp;

/// <summary>Reads the content of DATA. It ends at CRLF.CRLF and at nothing that only looks like it (LF.LF, CR.CRLF and so on: SMTP smuggling,
/// CVE-2023-51764 to 51766). Reads to the terminator even when the content is refused already, in bounded memory:
/// a reply before the end would be read as the answer to something else.</summary>
public static class SmtpDataReader
{
    /// <param name="sink">Receives the message without its transparency dots, up to the limit.</param>
    /// <param name="limit">Octets that the message may have.</param>
    /// <param name="afterEachRead">Lets the sink write to disk what it has, so that a large message does not lie in memory. Null: not needed.</param>
    public static async ValueTask<SmtpContentSummary> ReadAsync(
        PipeReader pipe, IBufferWriter<byte> sink, long limit, Action? afterEachRead, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(sink);
        var scanner = new SmtpContentScanner(sink, limit, dots: true);
        while (true)
        {
            var result = await pipe.ReadAsync(cancellation);
            var (ended, position) = Take(scanner, result.Buffer);
            pipe.AdvanceTo(position);
            afterEachRead?.Invoke();
            if (ended || result.IsCompleted)
                return scanner.Summary(ended);
        }
    }

    private static (bool Ended, SequencePosition Position) Take(SmtpContentScanner scanner, ReadOnlySequence<byte> buffer)
    {
        long before = 0;
        foreach (var segment in buffer)
        {
            if (scanner.Take(segment.Span, out var taken))
                return (true, buffer.GetPosition(before + taken));
            before += segment.Length;
        }
        return (false, buffer.End);
    }
}
