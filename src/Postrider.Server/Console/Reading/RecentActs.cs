using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Storage;

namespace Postrider.Server.Console.Reading;

/// <summary>Acts on many messages, and for some minutes the way back. What has been sent meanwhile stays sent; a retry has no way back.</summary>
internal sealed class RecentActs(Database database, MessageQueue queue, MessageHistory history, TimeProvider time)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private const string Insert = "insert into recent_acts (id, actor, act, at, ids, held) values (@id, @actor, @act, @now, @ids, @held)";
    // An id has 32 characters, and a blank behind all but the last.
    private const string SelectLast = "select id, act, at, (length(ids) + 1) / 33 as count from recent_acts where actor = @actor and at > @since order by at desc limit 1";
    private const string Take = "delete from recent_acts where id = @id and actor = @actor and at > @since returning id, act, at, ids, held, (length(ids) + 1) / 33 as count";

    /// <returns>Those that were reached.</returns>
    public async Task<IReadOnlyList<string>> DoAsync(MessageAct act, IReadOnlyList<string> ids, string actor, CancellationToken cancellation)
    {
        var held = act.Name == MessageAct.Cancel ? await history.ThoseAsync(ids, "q.held_at is not null", cancellation) : [];
        var reached = await act.DoAsync(queue, ids, actor, cancellation);
        if (reached.Count > 0 && act.Name is MessageAct.Cancel or MessageAct.Hold or MessageAct.Release)
            await database.WriteAsync(async session =>
            {
                await session.ExecuteAsync("delete from recent_acts where at <= @since", new { since = Since() });
                await session.ExecuteAsync(Insert, new
                {
                    id = MessageIds.New(time), actor, act = act.Name, now = time.GetUtcNow().ToUnixTimeMilliseconds(), ids = string.Join(' ', reached), held = string.Join(' ', held),
                });
            }, cancellation);
        return reached;
    }

    /// <summary>What somebody did last and can take back.</summary>
    public Task<RecentAct?> LastAsync(string actor, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<RecentAct>(SelectLast, new { actor, since = Since() }), cancellation);

    /// <returns>The act, and those for which it was taken back; null when it is too late, or another person's.</returns>
    public async Task<(RecentAct Act, IReadOnlyList<string> Reached)?> UndoAsync(string id, string actor, CancellationToken cancellation)
    {
        if (await database.WriteAsync(session => session.FirstOrDefaultAsync<RecentAct>(Take, new { id, actor, since = Since() }), cancellation) is not { } act)
            return null;
        var ids = act.Ids.Split(' ');
        return (act, act.Act switch
        {
            MessageAct.Hold => await queue.ReleaseHeldAsync(ids, actor, cancellation),
            MessageAct.Release => await queue.HoldAsync(ids, actor, cancellation),
            _ => await queue.RestoreAsync(ids, act.Held.Split(' ').ToHashSet(), actor, cancellation),
        });
    }

    private long Since() => (time.GetUtcNow() - Window).ToUnixTimeMilliseconds();
}

internal sealed class RecentAct
{
    public string Id { get; init; } = "";
    public string Act { get; init; } = "";
    public long At { get; init; }
    public int Count { get; init; }

    /// <summary>Separated by blanks; left out of <see cref="RecentActs.LastAsync"/>.</summary>
    public string Ids { get; init; } = "";
    public string Held { get; init; } = "";
}
