using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>What a person may do to messages.</summary>
public sealed partial class MessageQueue
{
    private const string CancelRecipients = """
        update recipients set state = 'cancelled', updated_at = @now where message_id = @id and state = 'queued'
        """;
    private const string RetryNow = "update queue set due_at = @now where message_id = @id and lease_owner is null";
    private const string RequeueRecipients = """
        update recipients set state = 'queued', updated_at = @now where message_id = @id and state in ('failed', 'bounced', 'cancelled')
        """;
    private const string RequeueMessage = "update messages set state = 'queued', finished_at = null, expires_at = @expires where id = @id";
    private const string InsertEvent = "insert into events (message_id, at, kind, actor, detail) values (@id, @now, @kind, @actor, @detail)";

    /// <summary>Tries messages now: those that wait at once, and those that failed or were cancelled again, for the recipients they did not reach.</summary>
    /// <returns>How many messages were reached; one that is being sent or has been sent is not.</returns>
    public async Task<int> RetryAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation)
    {
        var providers = new HashSet<string>();
        var count = 0;
        foreach (var id in ids)
            if (await database.WriteAsync(session => RetryAsync(session, id, actor), cancellation) is { } provider)
            {
                count++;
                providers.Add(provider);
            }
        foreach (var provider in providers)
            Due?.Invoke(provider);
        return count;
    }

    private async Task<string?> RetryAsync(DbSession session, string id, string actor)
    {
        var now = Now();
        var message = await session.FirstOrDefaultAsync<MessageRow>(SelectMessage, new { id });
        if (message is null)
            return null;
        if (await session.ExecuteAsync(RetryNow, new { id, now }) == 0)
        {
            if (message.FinishedAt is null || await session.ExecuteAsync(RequeueRecipients, new { id, now }) == 0)
                return null;
            var expires = time.GetUtcNow().Add(options.Value.Lifetime).ToUnixTimeMilliseconds();
            await session.ExecuteAsync(RequeueMessage, new { id, expires });
            await session.ExecuteAsync(InsertQueue, new { Id = id, message.ProviderId, due = now, expires });
        }
        await session.ExecuteAsync(InsertEvent, new { id, now, kind = "retried", actor, detail = "Tried again at once, by request." });
        return message.ProviderId;
    }

    /// <summary>Stops trying to reach the recipients that have not been reached.</summary>
    /// <returns>How many messages were stopped; one that is at this moment being sent is not.</returns>
    public async Task<int> CancelAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation)
    {
        var count = 0;
        foreach (var id in ids)
            count += await database.WriteAsync(session => CancelAsync(session, id, actor), cancellation);
        return count;
    }

    private async Task<int> CancelAsync(DbSession session, string id, string actor)
    {
        var now = Now();
        if (await session.ExecuteAsync("delete from queue where message_id = @id and (lease_owner is null or due_at <= @now)", new { id, now }) == 0)
            return 0;
        await session.ExecuteAsync(CancelRecipients, new { id, now });
        await session.ExecuteAsync(Finish, new { id, now, remote = (string?)null, state = (string?)null });
        await session.ExecuteAsync(InsertEvent, new { id, now, kind = "cancelled", actor, detail = "Stopped by request; recipients already reached stay sent." });
        return 1;
    }
}
