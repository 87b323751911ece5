using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Storage;

namespace Postrider.Server.Console.Reading;

/// <summary>Acts on many messages, which go on without the page that began them, and for some minutes the way back. What has been sent
/// meanwhile stays sent; a retry has no way back.</summary>
internal sealed partial class RecentActs(Database database, MessageQueue queue, MessageHistory history, IHostApplicationLifetime life, TimeProvider time, ILogger<RecentActs> log)
{
    /// <summary>One act reaches at most so many messages.</summary>
    public const int Most = 100_000;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>What takes longer has a page that shows how far it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int AtOnce = 500;

    private const string ForgetParts = "delete from recent_act_parts where act_id in (select id from recent_acts where moved_at <= @since)";
    private const string Forget = "delete from recent_acts where moved_at <= @since";
    private const string Insert = """
        insert into recent_acts (id, actor, act, at, ids, held, total, query, may_undo, moved_at) values (@id, @actor, @Name, @now, '', '', @total, @query, @undoes, @now)
        """;
    private const string Move = "update recent_acts set done = done + @tried, reached = reached + @reached, moved_at = @now where id = @id";
    private const string End = "update recent_acts set ended_at = @now, moved_at = @now where id = @id";
    private const string InsertPart = "insert into recent_act_parts (act_id, number, ids, held) values (@id, @number, @ids, @held)";
    private const string Select = "select id, act, at, total, done, reached, query, may_undo, moved_at, ended_at from recent_acts where actor = @actor and moved_at > @since";
    private const string Take = "update recent_acts set may_undo = 0 where id = @id and actor = @actor and may_undo = 1 and reached > 0 and moved_at > @since and (ended_at is not null or moved_at <= @lost)";

    /// <summary>Begins an act, and waits a moment for its end. Nobody's leaving ends it.</summary>
    /// <param name="query">The filter of the list that it began from.</param>
    public Task<RecentAct> DoAsync(MessageAct act, IReadOnlyList<string> ids, string actor, string query, CancellationToken cancellation) =>
        BeginAsync(act.Name, ids, actor, query, act.Name is MessageAct.Cancel or MessageAct.Hold or MessageAct.Release,
            some => act.Name == MessageAct.Cancel ? history.ThoseAsync(some, "q.held_at is not null", life.ApplicationStopping) : Task.FromResult<IReadOnlyList<string>>([]),
            some => act.DoAsync(queue, some, actor, life.ApplicationStopping), cancellation);

    /// <summary>Takes an act back, as an act of its own.</summary>
    /// <returns>Null when it is too late, or another person's.</returns>
    public async Task<RecentAct?> UndoAsync(string id, string actor, CancellationToken cancellation)
    {
        var taken = await database.WriteAsync(async session => await session.ExecuteAsync(Take, new { id, actor, since = Since(), lost = Now() - (long)RecentAct.LostAfter.TotalMilliseconds }) == 1, cancellation);
        if (!taken || await FindAsync(id, actor, cancellation) is not { } act)
            return null;
        var parts = await database.ReadAsync(session => session.QueryAsync<Part>("select ids, held from recent_act_parts where act_id = @id order by number", new { id }), cancellation);
        var held = parts.SelectMany(part => part.Held.Split(' ')).ToHashSet();
        return await BeginAsync(RecentAct.Undo + act.Act, [.. parts.SelectMany(part => part.Ids.Split(' '))], actor, act.Query, undoes: false, _ => Task.FromResult<IReadOnlyList<string>>([]), some => act.Act switch
        {
            MessageAct.Hold => queue.ReleaseHeldAsync(some, actor, life.ApplicationStopping),
            MessageAct.Release => queue.HoldAsync(some, actor, life.ApplicationStopping),
            _ => queue.RestoreAsync(some, held, actor, life.ApplicationStopping),
        }, cancellation);
    }

    /// <summary>What somebody did last.</summary>
    public Task<RecentAct?> LastAsync(string actor, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<RecentAct>($"{Select} order by at desc, id desc limit 1", new { actor, since = Since() }), cancellation);

    /// <returns>Null when it is another person's, or long over.</returns>
    public Task<RecentAct?> FindAsync(string id, string actor, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<RecentAct>($"{Select} and id = @id", new { actor, id, since = Since() }), cancellation);

    private async Task<RecentAct> BeginAsync(string name, IReadOnlyList<string> ids, string actor, string query, bool undoes, Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> held,
        Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> change, CancellationToken cancellation)
    {
        var id = MessageIds.New(time);
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(ForgetParts, new { since = Since() });
            await session.ExecuteAsync(Forget, new { since = Since() });
            await session.ExecuteAsync(Insert, new { id, actor, Name = name, now = Now(), total = ids.Count, query, undoes = undoes ? 1 : 0 });
        }, cancellation);
        var running = Task.Run(() => RunAsync(id, ids, undoes, held, change), CancellationToken.None);
        await Task.WhenAny(running, Task.Delay(Patience, time, cancellation));
        return (await FindAsync(id, actor, cancellation))!;
    }

    private async Task RunAsync(string id, IReadOnlyList<string> ids, bool undoes, Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> held, Func<IReadOnlyList<string>, Task<IReadOnlyList<string>>> change)
    {
        try
        {
            foreach (var (number, some) in ids.Chunk(AtOnce).Index())
            {
                var before = await held(some);
                var reached = await change(some);
                await database.WriteAsync(async session =>
                {
                    await session.ExecuteAsync(Move, new { id, tried = some.Length, reached = reached.Count, now = Now() });
                    if (undoes && reached.Count > 0)
                        await session.ExecuteAsync(InsertPart, new { id, number, ids = string.Join(' ', reached), held = string.Join(' ', before) });
                });
            }
            await database.WriteAsync(session => session.ExecuteAsync(End, new { id, now = Now() }));
        }
        catch (Exception wrong)
        {
            // The page says how far it came; what was reached is done, and the rest as it was.
            Ended(log, id, wrong);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long Since() => (time.GetUtcNow() - Window).ToUnixTimeMilliseconds();

    private sealed class Part
    {
        public string Ids { get; init; } = "";
        public string Held { get; init; } = "";
    }

    [LoggerMessage(6102, LogLevel.Warning, "The act {Act} on many messages ended before it had reached all")]
    private static partial void Ended(ILogger log, string act, Exception why);
}

internal sealed class RecentAct
{
    /// <summary>Before the name of an act: it was taken back.</summary>
    public const string Undo = "undo ";

    /// <summary>A step takes a moment; after so long without one nobody works on it any more.</summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(1);

    public string Id { get; init; } = "";
    public string Act { get; init; } = "";
    public long At { get; init; }
    public int Total { get; init; }

    /// <summary>As many were tried.</summary>
    public int Done { get; init; }
    public int Reached { get; init; }

    /// <summary>The filter of the list that it began from.</summary>
    public string Query { get; init; } = "";
    public bool MayUndo { get; init; }
    public long MovedAt { get; init; }
    public long? EndedAt { get; init; }

    public bool IsUndo => Act.StartsWith(Undo, StringComparison.Ordinal);

    /// <summary>What was done, or taken back.</summary>
    public MessageAct Of => MessageAct.Find(IsUndo ? Act[Undo.Length..] : Act)!;

    public bool IsOver => EndedAt is not null;

    /// <summary>It ended on its way, as with its gateway.</summary>
    public bool IsLost(DateTimeOffset now) => !IsOver && now.ToUnixTimeMilliseconds() - MovedAt >= LostAfter.TotalMilliseconds;

    public bool CanBeUndone(DateTimeOffset now) => MayUndo && Reached > 0 && (IsOver || IsLost(now));

    /// <summary>Whoever began it has not been told of its end by then.</summary>
    public bool TookLong => EndedAt - At > RecentActs.Patience.TotalMilliseconds;
}
