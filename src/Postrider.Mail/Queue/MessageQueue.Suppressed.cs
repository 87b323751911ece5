using Postrider.Storage;

namespace Postrider.Mail.Queue;

public sealed partial class MessageQueue
{
    private const string CountSuppressed = "update messages set suppressed = @count where id = @Id";

    /// <summary>The recipients of a new message that are on the suppression list.</summary>
    private async Task<IReadOnlyList<RecipientOutcome>> SuppressedAsync(DbSession session, NewMessage message)
    {
        if (suppressions.IsEmpty)
            return [];
        var keys = message.Recipients.Select(address => SuppressionList.Key(address, out _) ?? address).ToList();
        var entries = await SuppressionList.AmongAsync(session, keys);
        return entries.Count == 0 ? [] : [.. keys.Index().Where(one => entries.ContainsKey(one.Item)).Select(one => SuppressionList.Refuse(one.Index, message.Recipients[one.Index], entries[one.Item]))];
    }

    /// <summary>Lets those recipients fail with the message's acceptance, and tells their sender. The others are sent to.</summary>
    private async Task RefuseAsync(DbSession session, NewMessage message, IReadOnlyList<RecipientOutcome> refused, long now)
    {
        var (id, first) = (message.Id, refused[0]);
        await session.ExecuteLaterAsync(CountSuppressed, new { message.Id, count = refused.Count });
        var attempt = await session.SingleAsync<int>(InsertNumbered, new
        {
            id, provider = message.ProviderId, started = now, dot = (long?)null, now, outcome = "refused", Stage = "suppressed", first.Reply, first.Cause, first.Remedy,
        });
        foreach (var one in refused)
        {
            await session.ExecuteLaterAsync(UpdateRecipient, new { id, one.Number, state = "failed", uncertain = false, one.Reply, one.Cause, one.Remedy, now });
            if (message.Recipients.Count > 1)
                await session.ExecuteLaterAsync(InsertAttemptReply, new { id, attempt, one.Number, outcome = Wire(one.Kind), one.Reply });
        }
        if (message.Notice?.Invoke(message, refused) is { } notice)
            await InsertAsync(session, notice);
        if (refused.Count < message.Recipients.Count)
            return;
        await session.ExecuteLaterAsync(Leave, new { id });
        await session.ExecuteLaterAsync(Finish, new { id, now, remote = (string?)null });
        if (Finishing is { } tell)
            await tell(session, id, false);
    }
}
