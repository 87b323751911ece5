using System.Runtime.CompilerServices;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>The stored bytes of messages, read back piece by piece.</summary>
public sealed class ContentStore(Database database)
{
    private const string SelectPiece = "select bytes from contents where message_id = @id and number = @number";

    /// <returns>The first piece, which is the whole of a small message; null when the content is no longer kept.</returns>
    public Task<byte[]?> FirstPieceAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<byte[]>(SelectPiece, new { id, number = 0 }), cancellation);

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(string id, int from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var number = from; ; number++)
        {
            var at = number;
            var piece = await database.ReadAsync(session => session.FirstOrDefaultAsync<byte[]>(SelectPiece, new { id, number = at }), cancellation);
            if (piece is null)
                yield break;
            yield return piece;
        }
    }
}
