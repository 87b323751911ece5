using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Mail.Delivery;

/// <summary>A stored message as the sending session reads it: its first piece at hand, the others from the database as they are needed.</summary>
internal sealed class StoredContent(ContentStore contents, ClaimedMessage message, byte[] first) : MessageContent
{
    public override long Length => message.Size;

    public override SmtpBody Body => message.Body;

    public byte[] Head => first;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> whole)
    {
        whole = first;
        return first.Length == message.Size;
    }

    public override async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return first;
        if (first.Length == message.Size)
            yield break;
        await foreach (var piece in contents.PiecesAsync(message.Id, 1, cancellation))
            yield return piece;
    }
}
