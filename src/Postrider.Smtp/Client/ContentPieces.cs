using System.Buffers;

namespace Postrider.Smtp;

/// <summary>Cuts content into the sizes that the protocol wants, and holds it to its word: as many octets as its length says.</summary>
internal sealed class ContentPieces(MessageContent content, SmtpWire wire, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> source = content.ReadAsync(cancellation).GetAsyncEnumerator(cancellation);
    private ReadOnlyMemory<byte> rest;

    /// <summary>The next piece of at most <paramref name="most"/> octets; empty when <paramref name="most"/> is 0.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(long most)
    {
        if (most == 0)
            return default;
        while (rest.Length == 0)
        {
            wire.Disarm();
            if (!await source.MoveNextAsync())
                throw new InvalidDataException("The stored message is shorter than its recorded length. It was not sent.");
            rest = source.Current;
        }
        var piece = rest[..(int)Math.Min(rest.Length, most)];
        rest = rest[piece.Length..];
        return piece;
    }

    public async ValueTask CopyAsync(int count, IBufferWriter<byte> output)
    {
        while (count > 0)
        {
            var piece = await NextAsync(count);
            output.Write(piece.Span);
            count -= piece.Length;
        }
    }

    /// <summary>Nothing may be left.</summary>
    public async ValueTask EndAsync()
    {
        while (rest.Length == 0)
        {
            if (!await source.MoveNextAsync())
                return;
            rest = source.Current;
        }
        throw new InvalidDataException("The stored message is longer than its recorded length. It was not sent.");
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
