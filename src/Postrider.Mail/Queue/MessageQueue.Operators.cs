using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>What a person may do to messages.</summary>
public sealed partial class MessageQueue
{
    private const string CancelRecipients = """
        update recipients set state = 'cancelled', updated_at = @now where message_id = @id and state = 'queued'
        """;
    private const string RetryNow = """
        update queue set due_at = @now, expires_at = expires_at + coalesce(@now - held_at, 0), held_at = null, held_reason = null
        where message_id = @id and lease_owner is null
        """;

    // Not due for ages, so that a claim needs no second look at what is held.
    private const string HoldBack = """
        update queue set held_at = @now, held_reason = @reason, due_at = @never, lease_owner = null, claimed_at = null
        where message_id = @id and held_at is null and (lease_owner is null or due_at <= @now)
        """;

    // The time that it was held does not count against its lifetime.
    private const string LetGo = """
        update queue set due_at = @now, expires_at = expires_at + @now - held_at, held_at = null, held_reason = null
        where message_id = @id and held_at is not null
        returning provider_id
        """;
    private const string GiveUpNow = """
        update queue set expires_at = @now, held_at = null, held_reason = null, due_at = case when held_at is null then due_at else @now end
        where message_id = @id and (lease_owner is null or due_at <= @now)
        """;

    // What is being sent, held or scheduled stays where it is.
    private const string SelectMovable = """
        select q.message_id from queue q join messages m on m.id = q.message_id
        where q.provider_id = @from and q.held_at is null and (q.lease_owner is null or q.due_at <= @now)
              and (q.attempts > 0 or q.due_at <= @now) and (@largest = 0 or m.size <= @largest)
        order by q.due_at limit @max
        /*postgres: for update of q skip locked*/
        """;
    private const string MoveQueued = """
        update queue set provider_id = @to, due_at = @now, lease_owner = null, claimed_at = null
        where message_id = @id and provider_id = @from
        """;

    /// <summary>Later than every moment that is waited for: the year 9999.</summary>
    internal const long Never = 253_370_764_800_000;

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

    /// <summary>Holds messages back until somebody releases them: they are not tried, and they do not expire.</summary>
    /// <returns>How many messages were held; one that is being sent, has a final state or is held already is not.</returns>
    public Task<int> HoldAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.ExecuteAsync(HoldBack, new { id, now = Now(), never = Never, reason = $"Held by {actor}." }) == 0)
                return false;
            await TellAsync(session, id, "held", actor, "Held by request until it is released.");
            return true;
        }, cancellation);

    /// <summary>Lets held messages go again, at once.</summary>
    /// <returns>How many messages were released.</returns>
    public async Task<int> ReleaseHeldAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation)
    {
        var providers = new HashSet<string>();
        var count = await EachAsync(ids, async (session, id) =>
        {
            if (await session.FirstOrDefaultAsync<string>(LetGo, new { id, now = Now() }) is not { } provider)
                return false;
            providers.Add(provider);
            await TellAsync(session, id, "released", actor, "Released by request.");
            return true;
        }, cancellation);
        foreach (var provider in providers)
            Due?.Invoke(provider);
        return count;
    }

    /// <summary>Gives messages up as if their time were over: their senders are told.</summary>
    /// <returns>How many messages are given up; one that is being sent or has a final state is not.</returns>
    public Task<int> ExpireAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.ExecuteAsync(GiveUpNow, new { id, now = Now() }) == 0)
                return false;
            await session.ExecuteAsync("update messages set expires_at = @now where id = @id", new { id, now = Now() });
            await TellAsync(session, id, "expired", actor, "Given up by request; the sender is told.");
            return true;
        }, cancellation);

    /// <summary>Gives waiting messages of one provider to another; they are due at once.</summary>
    /// <param name="largest">In octets, what the other one takes; zero: no limit.</param>
    /// <returns>How many were moved.</returns>
    public async Task<int> MoveAsync(string from, string to, long largest, int max, string why, CancellationToken cancellation)
    {
        var moved = await database.WriteAsync(async session =>
        {
            var now = Now();
            var ids = await session.QueryAsync<string>(SelectMovable, new { from, now, largest, max });
            foreach (var id in ids)
            {
                await session.ExecuteAsync(MoveQueued, new { id, from, to, now });
                await session.ExecuteAsync("update messages set provider_id = @to where id = @id", new { id, to });
                await TellAsync(session, id, "moved", "postrider", why);
            }
            return ids.Count;
        }, cancellation);
        if (moved > 0)
            Due?.Invoke(to);
        return moved;
    }

    private async Task<int> EachAsync(IReadOnlyCollection<string> ids, Func<DbSession, string, Task<bool>> act, CancellationToken cancellation)
    {
        var count = 0;
        foreach (var id in ids)
            count += await database.WriteAsync(session => act(session, id), cancellation) ? 1 : 0;
        return count;
    }

    private Task<int> TellAsync(DbSession session, string id, string kind, string actor, string detail) =>
        session.ExecuteAsync(InsertEvent, new { id, now = Now(), kind, actor, detail });

    private async Task<string?> RetryAsync(DbSession session, string id, string actor)
    {
        var now = Now();
        var message = await session.FirstOrDefaultAsync<MessageRow>(SelectMessage, new { id });
        if (message is null)
            return null;
        if (await session.ExecuteAsync(RetryNow, new { id, now }) == 0)
        {
            if (message.FinishedAt is null || !await HasContentAsync(session, id) || await session.ExecuteAsync(RequeueRecipients, new { id, now }) == 0)
                return null;
            var expires = time.GetUtcNow().Add(options.Value.Lifetime).ToUnixTimeMilliseconds();
            await session.ExecuteAsync(RequeueMessage, new { id, expires });
            await session.ExecuteAsync(InsertQueue, new { Id = id, message.ProviderId, sharer = SharerOf(message.ClientId, null, message.Source), due = now, expires });
        }
        await TellAsync(session, id, "retried", actor, "Tried again at once, by request.");
        return message.ProviderId;
    }

    // Locked first: what was deleted while we waited for the lock is seen to be gone only by a statement that begins after it.
    private static async Task<bool> HasContentAsync(DbSession session, string id) =>
        await session.FirstOrDefaultAsync<string>("select id from messages where id = @id /*postgres: for update*/", new { id }) is not null
        && await session.SingleAsync<long>("select count(*) from contents where message_id = @id and number = 0", new { id }) == 1;

    /// <summary>Stops trying to reach the recipients that have not been reached.</summary>
    /// <returns>How many messages were stopped; one that is at this moment being sent is not.</returns>
    public Task<int> CancelAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, (session, id) => CancelAsync(session, id, actor), cancellation);

    private async Task<bool> CancelAsync(DbSession session, string id, string actor)
    {
        var now = Now();
        if (await session.ExecuteAsync("delete from queue where message_id = @id and (lease_owner is null or due_at <= @now)", new { id, now }) == 0)
            return false;
        await session.ExecuteAsync(CancelRecipients, new { id, now });
        await session.ExecuteAsync(Finish, new { id, now, remote = (string?)null, state = (string?)null });
        await TellAsync(session, id, "cancelled", actor, "Stopped by request; recipients already reached stay sent.");
        return true;
    }
}
