namespace Postrider.Mail.Queue;

/// <summary>The bytes of a message on their way into the database, in pieces of at most <see cref="PieceLength"/>, so that neither
/// storing nor sending a large message needs it whole in memory.</summary>
public abstract class StoredBytes
{
    public const int PieceLength = 256 * 1024;

    public abstract long Length { get; }

    /// <summary>The pieces in order. Read on the writer's thread, inside the transaction.</summary>
    public abstract IEnumerable<byte[]> Pieces();

    public static StoredBytes From(byte[] whole) => new InMemory(whole);

    private sealed class InMemory(byte[] whole) : StoredBytes
    {
        public override long Length => whole.Length;

        public override IEnumerable<byte[]> Pieces() => whole.Length <= PieceLength ? [whole] : whole.Chunk(PieceLength);
    }
}
