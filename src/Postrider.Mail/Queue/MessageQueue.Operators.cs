using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>What a person may do to messages.</summary>
public sealed partial class MessageQueue
{
    private const string StopWaiting = $"delete from queue where message_id = @id and {MessageReach.NotInHand}";
    private const string CancelRecipients = """
        update recipients set state = 'cancelled', updated_at = @now where message_id = @id and state = 'queued'
        """;
    private const string RetryNow = $"""
        update queue set due_at = @now, expires_at = expires_at + coalesce(@now - held_at, 0), held_at = null, held_reason = null
        where message_id = @id and {MessageReach.IsFree}
        """;

    // Not due for ages, so that a claim needs no second look at what is held.
    private const string HoldBack = $"""
        update queue set held_at = @now, held_reason = @reason, due_at = @never, lease_owner = null, claimed_at = null
        where message_id = @id and {MessageReach.CanBeHeld}
        """;

    // The time that it was held does not count against its lifetime.
    private const string LetGo = $"""
        update queue set due_at = @now, expires_at = expires_at + @now - held_at, held_at = null, held_reason = null
        where message_id = @id and {MessageReach.IsHeld}
        returning provider_id
        """;

    // Not due for ages here as well: it is taken by those who tell its sender, and by nobody who would send it.
    private const string GiveUpNow = $"""
        update queue set expires_at = @now, due_at = @never, held_at = null, held_reason = null, lease_owner = null, claimed_at = null
        where message_id = @id and {MessageReach.NotInHand}
        """;

    // What is being sent, held, scheduled or given up stays where it is.
    private const string SelectMovable = """
        select q.message_id from queue q join messages m on m.id = q.message_id
        where q.provider_id = @from and q.held_at is null and (q.lease_owner is null or q.due_at <= @now)
              and (q.attempts > 0 or q.due_at <= @now) and q.expires_at > @now and (@largest = 0 or m.size <= @largest)
        order by q.due_at limit @max
        /*postgres: for update of q skip locked*/
        """;
    private const string MoveQueued = """
        update queue set provider_id = @to, due_at = @now, lease_owner = null, claimed_at = null
        where message_id = @id and provider_id = @from
        """;

    /// <inheritdoc cref="Moments.Never"/>
    internal const long Never = Moments.Never;

    private const string RequeueRecipients = $"update recipients set state = 'queued', updated_at = @now where message_id = @id and {MessageReach.NotReached}";
    private const string RequeueCancelled = "update recipients set state = 'queued', updated_at = @now where message_id = @id and state = 'cancelled'";
    private const string RequeueMessage = "update messages set state = 'queued', finished_at = null, expires_at = @expires where id = @id";
    private const string InsertEvent = "insert into events (message_id, at, kind, actor, detail) values (@id, @now, @kind, @actor, @detail)";

    /// <summary>Many messages are changed by few commits, none of which holds up others for long.</summary>
    private const int ChangedAtOnce = 100;

    /// <summary>Tries messages now: those that wait at once, and those that failed or were cancelled again, for the recipients they did not reach.</summary>
    /// <returns>Those that were reached; one that is being sent or has been sent is not.</returns>
    public Task<IReadOnlyList<string>> RetryAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, (session, id) => RetryAsync(session, id, actor), cancellation);

    /// <summary>Takes a cancellation back: what it stopped is queued again, and held again where it was held.</summary>
    /// <param name="held">Those of them that were held when they were cancelled.</param>
    /// <returns>Those that wait again; one that has been retried since, or whose content is gone, is not.</returns>
    public Task<IReadOnlyList<string>> RestoreAsync(IReadOnlyCollection<string> ids, IReadOnlySet<string> held, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.FirstOrDefaultAsync<MessageRow>(SelectMessage, new { id }) is not { } message || !await RequeueAsync(session, message, RequeueCancelled))
                return null;
            if (held.Contains(id))
                await session.ExecuteAsync(HoldBack, new { id, now = Now(), never = Never, reason = $"Held by {actor}." });
            await TellAsync(session, id, "restored", actor, held.Contains(id) ? "Its cancellation was taken back; it is held again." : "Its cancellation was taken back.");
            return message.ProviderId;
        }, cancellation);

    /// <summary>Holds messages back until somebody releases them: they are not tried, and they do not expire.</summary>
    /// <returns>Those that were held; one that is being sent, has a final state or is held already is not.</returns>
    public Task<IReadOnlyList<string>> HoldAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.ExecuteAsync(HoldBack, new { id, now = Now(), never = Never, reason = $"Held by {actor}." }) == 0)
                return null;
            await TellAsync(session, id, "held", actor, "Held by request until it is released.");
            return "";
        }, cancellation);

    /// <summary>Lets held messages go again, at once.</summary>
    /// <returns>Those that were released.</returns>
    public Task<IReadOnlyList<string>> ReleaseHeldAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.FirstOrDefaultAsync<string>(LetGo, new { id, now = Now() }) is not { } provider)
                return null;
            await TellAsync(session, id, "released", actor, "Released by request.");
            return provider;
        }, cancellation);

    /// <summary>Gives messages up as if their time were over: their senders are told.</summary>
    /// <returns>Those that are given up; one that is being sent or has a final state is not.</returns>
    public Task<IReadOnlyList<string>> ExpireAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, async (session, id) =>
        {
            if (await session.ExecuteAsync(GiveUpNow, new { id, now = Now(), never = Never }) == 0)
                return null;
            await session.ExecuteAsync("update messages set expires_at = @now where id = @id", new { id, now = Now() });
            await TellAsync(session, id, "expired", actor, "Given up by request; the sender is told.");
            return "";
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

    /// <param name="act">Returns the provider that has something to send now, empty when none has, and null when the message was not reached.</param>
    /// <returns>Those that were reached.</returns>
    private async Task<IReadOnlyList<string>> EachAsync(IReadOnlyCollection<string> ids, Func<DbSession, string, Task<string?>> act, CancellationToken cancellation)
    {
        var reached = new List<string>(ids.Count);
        foreach (var some in ids.Chunk(ChangedAtOnce))
        {
            var changed = await database.WriteAsync(async session =>
            {
                var these = new List<(string Id, string Provider)>(some.Length);
                foreach (var id in some)
                    if (await act(session, id) is { } provider)
                        these.Add((id, provider));
                return these;
            }, cancellation);
            reached.AddRange(changed.Select(one => one.Id));
            foreach (var provider in changed.Select(one => one.Provider).Where(provider => provider.Length > 0).Distinct())
                Due?.Invoke(provider);
        }
        return reached;
    }

    /// <summary>Writes into a message's story what was done with it elsewhere.</summary>
    public Task TellAsync(string id, string kind, string actor, string detail, CancellationToken cancellation) =>
        database.WriteAsync(session => TellAsync(session, id, kind, actor, detail), cancellation);

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
            if (!await RequeueAsync(session, message, RequeueRecipients))
                return null;
        }
        await TellAsync(session, id, "retried", actor, "Tried again at once, by request.");
        return message.ProviderId;
    }

    /// <summary>Puts a finished message into the queue again, with a new life.</summary>
    private async Task<bool> RequeueAsync(DbSession session, MessageRow message, string recipients)
    {
        var (id, now) = (message.Id, Now());
        if (message.FinishedAt is null || !await HasContentAsync(session, id) || await session.ExecuteAsync(recipients, new { id, now }) == 0)
            return false;
        var expires = time.GetUtcNow().Add(options.Value.Lifetime).ToUnixTimeMilliseconds();
        await session.ExecuteAsync(RequeueMessage, new { id, expires });
        await session.ExecuteAsync(InsertQueue, new
        {
            Id = id, message.ProviderId, sharer = SharerOf(message.ClientId, null, message.Source), due = now, expires,
            fence = 0L, holder = (string?)null, claimed = (long?)null,
        });
        return true;
    }

    // Locked first: what was deleted while we waited for the lock is seen to be gone only by a statement that begins after it.
    private static async Task<bool> HasContentAsync(DbSession session, string id) =>
        await session.FirstOrDefaultAsync<string>("select id from messages where id = @id /*postgres: for update*/", new { id }) is not null
        && (await session.QueryAsync<long>($"{MessageReach.FirstPieceOf} @id", new { id })).Count == 1;

    /// <summary>Stops trying to reach the recipients that have not been reached.</summary>
    /// <returns>Those that were stopped; one that is at this moment being sent is not.</returns>
    public Task<IReadOnlyList<string>> CancelAsync(IReadOnlyCollection<string> ids, string actor, CancellationToken cancellation) =>
        EachAsync(ids, (session, id) => CancelAsync(session, id, actor), cancellation);

    private async Task<string?> CancelAsync(DbSession session, string id, string actor)
    {
        var now = Now();
        if (await session.ExecuteAsync(StopWaiting, new { id, now }) == 0)
            return null;
        await session.ExecuteAsync(CancelRecipients, new { id, now });
        await session.ExecuteAsync(Finish, new { id, now, remote = (string?)null });
        await TellAsync(session, id, "cancelled", actor, "Stopped by request; recipients already reached stay sent.");
        return "";
    }
}
