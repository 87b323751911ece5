using System.Buffers;
using Postrider.Mail.Queue;

namespace Postrider.Mail.Intake;

/// <summary>Takes a message's bytes as they arrive: in memory while they are few, in a temporary file beyond that, so that many large
/// messages at once do not fill the memory. The file is the spool's alone and goes with it; what counts is what the queue stores.</summary>
public sealed class ContentSpool(string directory) : IDisposable
{
    internal const int MemoryLimit = StoredBytes.PieceLength;
    private const int FirstBuffer = 8 * 1024;

    private byte[] memory = [];
    private int inMemory;
    private FileStream? file;

    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation)
    {
        foreach (var piece in bytes)
        {
            Length += piece.Length;
            // The head stays in memory even when a file holds the whole: that is where the header is read from.
            var fits = Math.Min(piece.Length, MemoryLimit - inMemory);
            Grow(inMemory + fits);
            piece[..fits].CopyTo(memory.AsMemory(inMemory));
            inMemory += fits;
            if (file is not null)
            {
                await file.WriteAsync(piece, cancellation);
            }
            else if (fits < piece.Length)
            {
                file = Create();
                await file.WriteAsync(memory.AsMemory(0, inMemory), cancellation);
                await file.WriteAsync(piece[fits..], cancellation);
            }
        }
    }

    /// <summary>The beginning of the message: all of a small one, and otherwise at least enough for its header.</summary>
    internal ReadOnlySpan<byte> Head => memory.AsSpan(0, inMemory);

    /// <summary>The message as it is stored: a new head in place of the first <paramref name="replaced"/> bytes.</summary>
    internal StoredBytes With(byte[] head, int replaced)
    {
        if (file is not null)
            return new Spooled(this, head, replaced);
        var whole = new byte[head.Length + inMemory - replaced];
        head.CopyTo(whole, 0);
        memory.AsSpan(replaced, inMemory - replaced).CopyTo(whole.AsSpan(head.Length));
        return StoredBytes.From(whole);
    }

    private void Grow(int needed)
    {
        if (memory.Length < needed)
            Array.Resize(ref memory, Math.Min(MemoryLimit, Math.Max(needed, Math.Max(FirstBuffer, memory.Length * 2))));
    }

    private FileStream Create()
    {
        Directory.CreateDirectory(directory);
        return new FileStream(Path.Combine(directory, Path.GetRandomFileName()), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    public void Dispose() => file?.Dispose();

    private sealed class Spooled(ContentSpool spool, byte[] head, int replaced) : StoredBytes
    {
        public override long Length => head.Length + spool.Length - replaced;

        public override IEnumerable<byte[]> Pieces()
        {
            var file = spool.file!;
            file.Position = replaced;
            for (var taken = 0; taken < head.Length || file.Position < file.Length;)
            {
                var piece = new byte[Math.Min(PieceLength, head.Length - taken + file.Length - file.Position)];
                var ofHead = Math.Min(piece.Length, head.Length - taken);
                head.AsSpan(taken, ofHead).CopyTo(piece);
                file.ReadExactly(piece.AsSpan(ofHead));
                taken += ofHead;
                yield return piece;
            }
        }
    }
}
