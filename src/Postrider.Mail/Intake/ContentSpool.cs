using System.Buffers;
using System.Security.Cryptography;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Intake;

/// <summary>Takes a message's bytes as they arrive: in memory while they are few, in a temporary file beyond that, so that many large
/// messages at once do not fill the memory. The file is the spool's alone and goes with it; what counts is what the queue stores.</summary>
public sealed class ContentSpool(string directory) : IBufferWriter<byte>, IDisposable
{
    private const int MemoryLimit = StoredBytes.PieceLength;
    private const int SmallestBuffer = 8 * 1024;

    /// <summary>A burst from the network may be longer than what memory should hold: so much more, and it goes to disk at once.</summary>
    private const int Burst = 64 * 1024;

    private byte[] memory = [];
    private int used;
    private FileStream? file;

    public long Length { get; private set; }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (used >= MemoryLimit + Burst)
            Spill();
        var needed = used + Math.Max(sizeHint, 1);
        if (memory.Length < needed)
            Array.Resize(ref memory, Math.Max(needed, Math.Max(SmallestBuffer, Math.Min(memory.Length * 2, MemoryLimit + Burst))));
        return memory.AsMemory(used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        used += count;
        Length += count;
    }

    /// <summary>Moves to disk what memory should not hold. The head stays in memory all the same: the header is read from there.</summary>
    /// <exception cref="StorageFullException">The disk has no room for it.</exception>
    public void Spill()
    {
        if (used <= MemoryLimit)
            return;
        try
        {
            File().Write(memory, MemoryLimit, used - MemoryLimit);
        }
        catch (IOException full)
        {
            throw new StorageFullException(full);
        }
        used = MemoryLimit;
    }

    // The file holds the head as well: what is in it is the whole message but for the overflow.
    private FileStream File()
    {
        if (file is null)
        {
            file = Create();
            file.Write(memory, 0, MemoryLimit);
        }
        return file;
    }

    /// <summary>The beginning of the message: all of a small one, and otherwise more than a header may be long.</summary>
    internal ReadOnlySpan<byte> Head => memory.AsSpan(0, Math.Min(used, MemoryLimit));

    public void AppendTo(IncrementalHash hash)
    {
        if (file is null)
        {
            hash.AppendData(memory, 0, used);
            return;
        }
        file.Position = 0;   // what is appended later is written at the end: see With
        var buffer = new byte[MemoryLimit];
        for (int read; (read = file.Read(buffer)) > 0;)
            hash.AppendData(buffer, 0, read);
        hash.AppendData(memory, MemoryLimit, used - MemoryLimit);
    }

    /// <summary>The message as it is stored: a new head in place of the first <paramref name="replaced"/> bytes.</summary>
    internal StoredBytes With(byte[] head, int replaced)
    {
        if (file is not null)
        {
            file.Seek(0, SeekOrigin.End);
            Spill();
            return new Spooled(this, head, replaced);
        }
        var whole = new byte[head.Length + used - replaced];
        head.CopyTo(whole, 0);
        memory.AsSpan(replaced, used - replaced).CopyTo(whole.AsSpan(head.Length));
        return StoredBytes.From(whole);
    }

    private FileStream Create()
    {
        Directory.CreateDirectory(directory);
        // Without a buffer of its own: what finds no room is told when it is written.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(directory, Path.GetRandomFileName()), options);
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
