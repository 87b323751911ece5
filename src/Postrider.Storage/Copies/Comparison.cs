using System.Data.Common;

namespace Postrider.Storage.Copies;

/// <summary>What the installation that was backed up has done since with a message that waited in the backup.</summary>
public static class DifferenceKind
{
    /// <summary>Everybody was sent it.</summary>
    public const string Sent = "sent";

    /// <summary>It ended there otherwise: it failed or was cancelled, for some of its recipients at least.</summary>
    public const string Ended = "ended";

    /// <summary>Some of its recipients have their outcome; the others wait.</summary>
    public const string Partly = "partly";

    /// <summary>It may have been sent: that attempt has no answer.</summary>
    public const string Uncertain = "uncertain";

    /// <summary>It was held there, and is held here.</summary>
    public const string Held = "held";

    /// <summary>It is not known there any more, and is held here.</summary>
    public const string Unknown = "unknown";
}

/// <summary>How many messages that waited in a backup have fared how since, as told by the installation that was backed up.</summary>
/// <param name="WaitingThere">Messages that wait there and not in the copy: most were accepted after the backup.</param>
public sealed record Compared(IReadOnlyDictionary<string, long> Messages, long WaitingThere)
{
    public long Of(string kind) => Messages.GetValueOrDefault(kind);
}

/// <summary>Compares a restored copy with the installation that was backed up. Whom that has reached since counts as reached here too, with the
/// attempts that did it; what it held, and what it does not know any more, is held here.</summary>
/// <param name="there">Open, within a transaction that sees one moment.</param>
internal sealed class Comparison(Database here, DbConnection there, TimeProvider time)
{
    private const int AtOnce = 200;

    private const string Forgotten = "The installation that was backed up does not know it any more: it has ended there and was removed. Look whether it has arrived; then release it to send it again, or cancel it.";

    private static readonly Dictionary<string, string> Words = new()
    {
        [DifferenceKind.Sent] = "The installation that was backed up has sent it since.",
        [DifferenceKind.Ended] = "It has ended in the installation that was backed up since.",
        [DifferenceKind.Partly] = "The installation that was backed up has dealt with some of its recipients since; the others wait here.",
        [DifferenceKind.Uncertain] = "The installation that was backed up may have sent it since: that attempt has no answer.",
        [DifferenceKind.Held] = "It was held in the installation that was backed up since.",
        [DifferenceKind.Unknown] = Forgotten,
    };

    private const string Mine = """
        select message_id, provider_id, attempts, dot_at, held_at, (select count(*) from recipients r where r.message_id = queue.message_id and r.state = 'queued') as pending
        from queue where message_id in @ids
        """;
    private const string Reach = """
        update recipients set state = @state, uncertain = @uncertain, reply = @reply, cause = @cause, remedy = @remedy, updated_at = @at
        where message_id = @id and number = @number and state = 'queued'
        """;
    private const string Doubt = "update recipients set uncertain = 1 where message_id = @id and number = @number and state = 'queued' and uncertain = 0";
    private const string Try = """
        insert into attempts (message_id, number, provider_id, started_at, dot_at, finished_at, outcome, stage, reply, cause, remedy)
        values (@id, @number, @provider, @started, @dot, @finished, @outcome, @stage, @reply, @cause, @remedy) on conflict do nothing
        """;
    private const string Answer = """
        insert into attempt_replies (message_id, attempt, recipient, outcome, reply) values (@id, @attempt, @recipient, @outcome, @reply) on conflict do nothing
        """;
    private const string Finish = "update messages set state = @state, finished_at = @at, remote_id = @remote where id = @id";
    private const string Leave = "delete from queue where message_id = @id";
    private const string Wait = "update queue set attempts = @attempts, dot_at = @dot where message_id = @id";
    private const string Hold = "update queue set held_at = @at, held_reason = @reason, due_at = @Never where message_id = @id and held_at is null";
    private const string Note = "insert into differences (message_id, provider_id, kind, reached, at) values (@id, @provider, @kind, @reached, @at)";
    private const string Tell = "insert into events (message_id, at, kind, actor, detail) values (@id, @now, 'compared', 'postrider', @detail)";

    private readonly Dictionary<string, long> found = [];

    public async Task<Compared> RunAsync(CancellationToken cancellation)
    {
        var waiting = await here.ReadAsync(session => session.QueryAsync<string>("select message_id from queue order by message_id"), cancellation);
        foreach (var ids in waiting.Chunk(AtOnce))
        {
            var mine = await here.ReadAsync(session => session.QueryAsync<Waiting>(Mine, new { ids }), cancellation);
            var (queue, recipients) = (await AskAsync("queue", "message_id", ids, cancellation), await AskAsync("recipients", "message_id", ids, cancellation));
            var changed = mine.Where(one => !one.IsAsIn(queue[one.MessageId].FirstOrDefault(), recipients[one.MessageId])).ToList();
            if (changed.Count == 0)
                continue;
            string[] asked = [.. changed.Select(one => one.MessageId)];
            var told = new Told(queue, await AskAsync("messages", "id", asked, cancellation), recipients, await AskAsync("attempts", "message_id", asked, cancellation), await AskAsync("attempt_replies", "message_id", asked, cancellation));
            var kinds = await here.WriteAsync(async session =>
            {
                var these = new List<string?>(changed.Count);
                foreach (var one in changed)
                    these.Add(await TakeOverAsync(session, one, told));
                return these;
            }, cancellation);
            foreach (var kind in kinds.OfType<string>())
                found[kind] = found.GetValueOrDefault(kind) + 1;
        }
        return new Compared(found, await OthersAsync([.. waiting], cancellation));
    }

    /// <returns>What is different, where something is.</returns>
    private async Task<string?> TakeOverAsync(DbSession session, Waiting mine, Told told)
    {
        var (id, now) = (mine.MessageId, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (told.Messages[id].FirstOrDefault() is not { } message)
        {
            await session.ExecuteAsync(Hold, new { id, at = now, reason = Forgotten, Moments.Never });
            return await NoteAsync(DifferenceKind.Unknown, 0, null);
        }
        var (reached, ended, doubts, last) = (0, 0, 0, (long?)null);
        foreach (var one in told.Recipients[id])
        {
            var (number, state, at) = (one.Number("number"), one.Text("state"), one.Number("updated_at"));
            if (state == "queued" && one.Number("uncertain") == 1)
                doubts += await session.ExecuteAsync(Doubt, new { id, number });
            if (await session.ExecuteAsync(Reach, new { id, number, state, uncertain = one.Number("uncertain"), reply = one.Text("reply"), cause = one.Text("cause"), remedy = one.Text("remedy"), at }) == 0 || state == "queued")
                continue;
            (reached, ended) = IsSent(state) ? (reached + 1, ended) : (reached, ended + 1);
            last = Math.Max(last ?? 0, at ?? 0);
        }
        await TakeStoryAsync(session, id, told);
        if (told.Queue[id].FirstOrDefault() is not { } theirs)
        {
            // What has no end and waits nowhere is not known to have left.
            if (message.Number("finished_at") is not { } finished)
                return null;
            await session.ExecuteAsync(Finish, new { id, state = message.Text("state"), at = finished, remote = message.Text("remote_id") });
            await session.ExecuteAsync(Leave, new { id });
            return await NoteAsync(told.Recipients[id].All(one => IsSent(one.Text("state"))) ? DifferenceKind.Sent : DifferenceKind.Ended, reached, finished);
        }
        // A mark of the final dot is told as uncertain by whoever sends the message next, or holds it where its app has asked for that.
        var dot = theirs.Number("dot_at");
        await session.ExecuteAsync(Wait, new { id, attempts = theirs.Number("attempts"), dot });
        if (theirs.Number("held_at") is { } heldAt && await session.ExecuteAsync(Hold, new { id, at = heldAt, reason = theirs.Text("held_reason"), Moments.Never }) > 0)
            return await NoteAsync(DifferenceKind.Held, reached, heldAt);
        if (doubts > 0 || dot is not null && dot != mine.DotAt)
            return await NoteAsync(DifferenceKind.Uncertain, reached, dot ?? told.Attempts[id].Max(one => one.Number("finished_at")));
        return reached + ended > 0 ? await NoteAsync(DifferenceKind.Partly, reached, last) : null;

        async Task<string> NoteAsync(string kind, int reached, long? at)
        {
            await session.ExecuteAsync(Note, new { id, provider = mine.ProviderId, kind, reached, at });
            await session.ExecuteAsync(Tell, new { id, now, detail = Words[kind] });
            return kind;
        }
    }

    private static async Task TakeStoryAsync(DbSession session, string id, Told told)
    {
        foreach (var one in told.Attempts[id])
            await session.ExecuteAsync(Try, new
            {
                id, number = one.Number("number"), provider = one.Text("provider_id"), started = one.Number("started_at"), dot = one.Number("dot_at"), finished = one.Number("finished_at"),
                outcome = one.Text("outcome"), stage = one.Text("stage"), reply = one.Text("reply"), cause = one.Text("cause"), remedy = one.Text("remedy"),
            });
        foreach (var one in told.Replies[id])
            await session.ExecuteAsync(Answer, new { id, attempt = one.Number("attempt"), recipient = one.Number("recipient"), outcome = one.Text("outcome"), reply = one.Text("reply") });
    }

    // What came back later about what was sent does not make it unsent.
    private static bool IsSent(string? state) => state is "sent" or "delivered" or "delayed" or "bounced";

    private async Task<ILookup<string, Row>> AskAsync(string table, string key, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using var look = there.CreateCommand();
        look.CommandText = $"select * from {table} where {key} in ({string.Join(", ", ids.Select((_, at) => $"@p{at}"))})";
        foreach (var (at, id) in ids.Index())
        {
            var parameter = look.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"@p{at}", id);
            look.Parameters.Add(parameter);
        }
        await using var reader = await look.ExecuteReaderAsync(cancellation);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(Row.Of(reader));
        return rows.ToLookup(row => row.Text(key)!);
    }

    private async Task<long> OthersAsync(HashSet<string> known, CancellationToken cancellation)
    {
        await using var look = there.CreateCommand();
        look.CommandText = "select message_id from queue";
        await using var reader = await look.ExecuteReaderAsync(cancellation);
        var others = 0L;
        while (await reader.ReadAsync(cancellation))
            others += known.Contains(reader.GetString(0)) ? 0 : 1;
        return others;
    }

    private sealed record Told(ILookup<string, Row> Queue, ILookup<string, Row> Messages, ILookup<string, Row> Recipients, ILookup<string, Row> Attempts, ILookup<string, Row> Replies);

    /// <summary>A row of either engine; a column that an older schema does not have is null.</summary>
    private sealed class Row(Dictionary<string, object> values)
    {
        public string? Text(string column) => values.GetValueOrDefault(column) as string;

        public long? Number(string column) => values.GetValueOrDefault(column) switch { long whole => whole, int whole => whole, _ => null };

        public static Row Of(DbDataReader reader) => new(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetValue));
    }

    private sealed class Waiting
    {
        public string MessageId { get; init; } = "";
        public string ProviderId { get; init; } = "";
        public long Attempts { get; init; }
        public long? DotAt { get; init; }
        public long? HeldAt { get; init; }

        /// <summary>Recipients that have no outcome.</summary>
        public long Pending { get; init; }

        public bool IsAsIn(Row? there, IEnumerable<Row> recipients) => there is not null && there.Number("attempts") == Attempts && there.Number("dot_at") == DotAt
            && there.Number("held_at") == HeldAt && recipients.Count(one => one.Text("state") == "queued") == Pending;
    }
}
