using System.Text;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.History;

/// <summary>What became of every message, newest first.</summary>
public sealed class MessageHistory(Database database, TimeProvider time)
{
    /// <summary>As many recipients are named in a list.</summary>
    public const int RecipientsNamed = 5;

    private const string SelectSummary = """
        select m.*, q.due_at as due_at, q.attempts as queue_attempts, q.lease_owner is not null and q.due_at > @now as sending,
               q.held_at as held_at, q.held_reason as held_reason
        from messages m left join queue q on q.message_id = m.id
        """;
    private const string SelectRecipients = "select * from recipients where message_id in @ids order by message_id, number";
    private const string SelectLastAttempts = """
        select a.* from attempts a join (select message_id, max(number) as number from attempts where message_id in @ids group by message_id) l
        on l.message_id = a.message_id and l.number = a.number
        """;

    public Task<IReadOnlyList<StoredMessage>> ListAsync(MessageFilter filter, CancellationToken cancellation) =>
        database.ReadAsync(async session =>
        {
            var (where, parameters) = Where(filter);
            var rows = await session.QueryAsync<StoredMessage>($"{SelectSummary} {where} order by m.id {(filter.After is null ? "desc" : "asc")} limit @limit", parameters);
            if (filter.After is not null)
                rows = [.. rows.Reverse()];
            if (rows.Count == 0)
                return rows;
            var ids = rows.Select(row => row.Id).ToArray();
            var recipients = (await session.QueryAsync<StoredRecipient>(SelectRecipients, new { ids })).ToLookup(row => row.MessageId);
            var attempts = (await session.QueryAsync<StoredAttempt>(SelectLastAttempts, new { ids })).ToLookup(row => row.MessageId);
            foreach (var row in rows)
            {
                row.Recipients = [.. recipients[row.Id]];
                row.Attempts = [.. attempts[row.Id]];
            }
            return rows;
        }, cancellation);

    /// <returns>Null when there is no such message.</returns>
    public Task<StoredMessage?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(async session =>
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
            message.Events = await session.QueryAsync<StoredEvent>("select at, kind, actor, detail from events where message_id = @id order by at", new { id });
            return message;
        }, cancellation);

    /// <summary>The ids that a filter reaches, for acts on many messages at once; its limit and cursor do not count.</summary>
    public Task<IReadOnlyList<string>> IdsAsync(MessageFilter filter, int most, CancellationToken cancellation) =>
        database.ReadAsync(session =>
        {
            var (where, parameters) = Where(filter with { Cursor = null, After = null, Limit = most });
            return session.QueryAsync<string>($"select m.id from messages m left join queue q on q.message_id = m.id {where} order by m.id desc limit @limit", parameters);
        }, cancellation);

    private (string Where, object Parameters) Where(MessageFilter filter)
    {
        var where = new StringBuilder("where 1 = 1");
        if (filter.State == "sending")
            where.Append(" and m.id in (select message_id from queue where lease_owner is not null and due_at > @now)");
        else if (filter.State == "held")
            where.Append(" and m.id in (select message_id from queue where held_at is not null)");
        else if (filter.State is not null)
            where.Append(" and m.state = @state");
        if (filter.ProviderId is not null)
            where.Append(" and m.provider_id = @provider");
        if (filter.ClientId is not null)
            where.Append(" and m.client_id = @client");
        if (filter.From is not null)
            where.Append(" and lower(m.mail_from) = lower(@from)");
        if (filter.To is not null)
            where.Append(" and m.id in (select message_id from recipients where lower(address) = lower(@to))");
        if (filter.Since is not null)
            where.Append(" and m.id >= @since");
        if (filter.Until is not null)
            where.Append(" and m.id < @until");
        if (filter.Text is not null)
            where.Append(" and (m.subject /*postgres:i*/like @text escape '\\' or m.header_id = @exact or m.remote_id = @exact)");
        if (filter.Cursor is not null)
            where.Append(" and m.id < @cursor");
        if (filter.After is not null)
            where.Append(" and m.id > @after");
        return (where.ToString(), new
        {
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            state = filter.State, provider = filter.ProviderId, client = filter.ClientId, from = filter.From, to = filter.To,
            since = filter.Since is { } since ? MessageIds.FirstAt(since) : null,
            until = filter.Until is { } until ? MessageIds.FirstAt(until) : null,
            text = filter.Text is { } text ? $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%" : null,
            exact = filter.Text, cursor = filter.Cursor, after = filter.After, limit = filter.Limit,
        });
    }
}
