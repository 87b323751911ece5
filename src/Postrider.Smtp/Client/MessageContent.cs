namespace Postrider.Smtp;

/// <summary>The bytes of one message, header and body, exactly as they go out: never re-encoded, so signatures survive.
/// Lines end in CRLF and only there, unless it is binary; whoever stores a message refuses or repairs others before.</summary>
public abstract class MessageContent
{
    /// <summary>In octets. <see cref="ReadAsync"/> delivers exactly as many.</summary>
    public abstract long Length { get; }

    /// <summary>What the server must be able to carry (<see cref="SmtpCapabilities.Carries"/>).</summary>
    public abstract SmtpBody Body { get; }

    /// <summary>The whole message when it lies in memory anyway: then a small one leaves in a single write.</summary>
    public virtual bool TryGetMemory(out ReadOnlyMemory<byte> whole)
    {
        whole = default;
        return false;
    }

    /// <summary>The message in pieces, each valid until the next is asked for. May be called again for another attempt.</summary>
    public abstract IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation);

    /// <summary>What these bytes are.</summary>
    public static SmtpBody BodyOf(ReadOnlySpan<byte> bytes)
    {
        var scanner = new SmtpContentScanner(sink: null, long.MaxValue, dots: false);
        scanner.Take(bytes, out _);
        return scanner.Summary(complete: true).Body;
    }

    public static MessageContent FromMemory(ReadOnlyMemory<byte> bytes) => new InMemory(bytes);

    private sealed class InMemory(ReadOnlyMemory<byte> bytes) : MessageContent
    {
        public override long Length => bytes.Length;

        public override SmtpBody Body { get; } = BodyOf(bytes.Span);

        public override bool TryGetMemory(out ReadOnlyMemory<byte> whole)
        {
            whole = bytes;
            return true;
        }

        public override async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await ValueTask.CompletedTask;
            cancellation.ThrowIfCancellationRequested();
            yield return bytes;
        }
    }
}
