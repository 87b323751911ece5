namespace Postrider.Mail.Queue;

/// <summary>What this process has stored and not claimed yet, so that its first claim need not read it back. A message with one recipient
/// alone: as long as it is in the queue, that one has no outcome. What is not here is read; nothing depends on it.</summary>
internal sealed class FreshMessages
{
    /// <summary>Octets of contents that are kept at most.</summary>
    private const long Most = 8 * 1024 * 1024;

    private readonly Lock guard = new();
    private readonly Dictionary<string, LinkedListNode<(MessageRow Message, string Recipient)>> known = [];
    private readonly LinkedList<(MessageRow Message, string Recipient)> eldest = [];
    private long octets;

    public void Keep(MessageRow message, string recipient)
    {
        lock (guard)
        {
            // Its transaction may be run again.
            Remove(message.Id);
            known[message.Id] = eldest.AddLast((message, recipient));
            octets += message.Size;
            while (octets > Most)
                Remove(eldest.First!.Value.Message.Id);
        }
    }

    /// <returns>Null when it is not known, or may have changed since it was stored.</returns>
    public (MessageRow Message, string Recipient)? Take(ClaimedRow claimed)
    {
        lock (guard)
            return Remove(claimed.MessageId) is { } fresh && claimed is { Fence: 1, Attempts: 0, DotAt: null }
                   && claimed.ProviderId == fresh.Message.ProviderId && claimed.ExpiresAt == fresh.Message.ExpiresAt ? fresh : null;
    }

    private (MessageRow Message, string Recipient)? Remove(string id)
    {
        if (!known.Remove(id, out var node))
            return null;
        eldest.Remove(node);
        octets -= node.Value.Message.Size;
        return node.Value;
    }
}
