using System.Buffers;
using System.IO.Pipelines;

namespace Postrider.Smtp;

/// <summary>Reads the content of BDAT (RFC 3030): counted, so nothing in it can end it. One reader for a message, one call for a chunk.</summary>
/// <param name="sink">Null: the octets are thrown away.</param>
public sealed class SmtpChunkReader(PipeReader pipe, IBufferWriter<byte>? sink, long limit)
{
    private readonly SmtpContentScanner scanner = new(sink, limit, dots: false);

    /// <summary>What has been seen in all chunks so far.</summary>
    public SmtpContentSummary Summary => scanner.Summary(complete: true);

    /// <summary>Takes exactly <paramref name="size"/> octets, even those beyond the limit (they are not kept): the next command begins behind them.
    /// False when the client went before.</summary>
    public async ValueTask<bool> ReadAsync(long size, Action? afterEachRead, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        while (size > 0)
        {
            var result = await pipe.ReadAsync(cancellation);
            var chunk = result.Buffer.Slice(0, Math.Min(size, result.Buffer.Length));
            foreach (var segment in chunk)
                scanner.Take(segment.Span, out _);
            size -= chunk.Length;
            pipe.AdvanceTo(chunk.End);
            afterEachRead?.Invoke();
            if (result.IsCompleted && size > 0)
                return false;
        }
        return true;
    }
}
