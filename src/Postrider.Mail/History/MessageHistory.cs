using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Storage;

namespace Postrider.Mail.History;

/// <summary>What became of every message, newest first.</summary>
public sealed class MessageHistory(Database database, TimeProvider time)
{
    /// <summary>As many recipients are named in a list.</summary>
    public const int RecipientsNamed = 5;

    /// <summary>A page takes about as long as this at the most, and then as long as one more window of the search.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(12);

    /// <summary>The same for somebody who has seen that it is rare and asks to look further.</summary>
    private static readonly TimeSpan MorePatience = TimeSpan.FromSeconds(1);

    private const int AtOnce = 500;

    private const string SelectSummary = """
        select m.*, q.due_at as due_at, q.attempts as queue_attempts, q.lease_owner is not null and q.due_at > @now as sending,
               q.held_at as held_at, q.held_reason as held_reason
        from messages m left join queue q on q.message_id = m.id
        """;
    private const string SelectId = "select m.id from messages m left join queue q on q.message_id = m.id";
    private const string SelectRecipients = "select * from recipients where message_id in @ids order by message_id, number";
    private const string SelectLastAttempts = """
        select a.* from attempts a join (select message_id, max(number) as number from attempts where message_id in @ids group by message_id) l
        on l.message_id = a.message_id and l.number = a.number
        """;

    /// <summary>All that a filter reaches, up to its limit, however long that takes.</summary>
    public async Task<IReadOnlyList<StoredMessage>> ListAsync(MessageFilter filter, CancellationToken cancellation) => (await LookAsync(filter, Timeout.InfiniteTimeSpan, cancellation)).Rows;

    /// <summary>A page that a person waits for. Where what is asked for is rare, it is looked for a while and the page says how far.</summary>
    /// <param name="further">They were told how far it went, and wait longer.</param>
    public Task<MessagePage> PageAsync(MessageFilter filter, CancellationToken cancellation, bool further = false) => LookAsync(filter, further ? MorePatience : Patience, cancellation);

    private Task<MessagePage> LookAsync(MessageFilter filter, TimeSpan patience, CancellationToken cancellation) =>
        database.ReadAtOneMomentAsync(async session =>
        {
            var (rows, lookedTo) = await new MessageSearch(filter, time.GetUtcNow()).WalkAsync<StoredMessage>(session, SelectSummary, filter.Limit + 1, patience);
            var next = lookedTo;
            if (rows.Count > filter.Limit)
            {
                rows.RemoveAt(filter.Limit);
                next = rows[^1].Id;
            }
            if (filter.After is not null)
                rows.Reverse();
            await AddDetailsAsync(session, rows);
            return new MessagePage(rows, next, lookedTo is null ? null : MessageIds.TimeOf(lookedTo));
        }, cancellation);

    private static async Task AddDetailsAsync(DbSession session, List<StoredMessage> rows)
    {
        if (rows.Count == 0)
            return;
        var ids = rows.Select(row => row.Id).ToArray();
        var recipients = (await session.QueryAsync<StoredRecipient>(SelectRecipients, new { ids })).ToLookup(row => row.MessageId);
        var attempts = (await session.QueryAsync<StoredAttempt>(SelectLastAttempts, new { ids })).ToLookup(row => row.MessageId);
        foreach (var row in rows)
        {
            row.Recipients = [.. recipients[row.Id]];
            row.Attempts = [.. attempts[row.Id]];
        }
    }

    /// <returns>Null when there is no such message.</returns>
    public Task<StoredMessage?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAtOneMomentAsync(async session =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (await session.FirstOrDefaultAsync<StoredMessage>(SelectSummary + " where m.id = @id", new { id, now }) is not { } message)
                return null;
            message.Recipients = await session.QueryAsync<StoredRecipient>("select * from recipients where message_id = @id order by number", new { id });
            message.Attempts = await session.QueryAsync<StoredAttempt>("select * from attempts where message_id = @id order by number", new { id });
            message.Replies = await session.QueryAsync<StoredReply>("""
                select p.attempt, r.address, p.outcome, p.reply from attempt_replies p
                join recipients r on r.message_id = p.message_id and r.number = p.recipient
                where p.message_id = @id order by p.attempt, p.recipient
                """, new { id });
            message.Reports = await Reports.OfMessageAsync(session, id);
            message.Events = await session.QueryAsync<StoredEvent>("select at, kind, actor, detail from events where message_id = @id order by at", new { id });
            return message;
        }, cancellation);

    /// <summary>The ids of the newest that a filter means, and of them only those that an act can do something about; its limit and cursor do not count.</summary>
    public Task<IReadOnlyList<string>> IdsAsync(MessageFilter filter, int most, CancellationToken cancellation, MessageReach? reach = null) =>
        database.ReadAsync<IReadOnlyList<string>>(async session => (await new MessageSearch(filter with { Cursor = null, After = null }, time.GetUtcNow(), reach)
            .WalkAsync<string>(session, SelectId, most, Timeout.InfiniteTimeSpan)).Found, cancellation);

    /// <summary>The next of those that an act on many can do something about, behind the filter's cursor; its limit does not count.</summary>
    /// <returns>Few or none where they are rare, and where to go on; null at the end.</returns>
    public Task<(IReadOnlyList<string> Ids, string? Next)> NextAsync(MessageFilter filter, MessageReach reach, int most, CancellationToken cancellation) =>
        database.ReadAsync<(IReadOnlyList<string>, string?)>(async session =>
        {
            var (found, lookedTo) = await new MessageSearch(filter, time.GetUtcNow(), reach).WalkAsync<string>(session, SelectId, most, MorePatience);
            return (found, lookedTo ?? (found.Count < most ? null : found[^1]));
        }, cancellation);

    /// <summary>Those of some messages of which a condition on <c>messages m</c> and <c>queue q</c> is true, in their order.</summary>
    public Task<IReadOnlyList<string>> ThoseAsync(IReadOnlyList<string> ids, string condition, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<string>>(async session =>
        {
            var found = new HashSet<string>();
            foreach (var some in ids.Chunk(AtOnce))
                found.UnionWith(await session.QueryAsync<string>($"{SelectId} where m.id in @some and {condition}", new { some, now = time.GetUtcNow().ToUnixTimeMilliseconds() }));
            return [.. ids.Where(found.Contains)];
        }, cancellation);
}

/// <summary>Messages of a list.</summary>
/// <param name="Next">Where the next page begins; null at the end.</param>
/// <param name="LookedTo">Set where the page was cut off before it was full: what was accepted since then has been looked at.</param>
public sealed record MessagePage(IReadOnlyList<StoredMessage> Rows, string? Next, DateTimeOffset? LookedTo);
