using Microsoft.Extensions.Options;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>Deletes what is no longer kept of messages that are finished: first their content, much later all that is known of them. Reports that came back go the same way.
/// Each step is small, so that its commit holds up nobody's 250; the pages that it frees are used for new mail.</summary>
public sealed class Retention(Database database, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>The event that tells of it.</summary>
    public const string ContentDeleted = "content_deleted";

    private const int MessagesAStep = 50;
    private const long BytesAStep = 8 * 1024 * 1024;

    // Steps through what is stored, not through the history: what was deleted before costs nothing. The ids are in order of acceptance,
    // and nothing is finished before it is accepted. "Cross" keeps SQLite from turning the order of the two around.
    private const string SelectContent = """
        select m.id, m.size from contents c cross join messages m
        where m.id = c.message_id and c.number = 0 and c.message_id > @after and c.message_id < @before and m.finished_at <= @cutoff
        order by c.message_id limit @max
        /*postgres: for update of m skip locked*/
        """;
    private const string SelectHistory = """
        select id, size from messages where id > @after and id < @before and finished_at <= @cutoff
        order by id limit @max
        /*postgres: for update skip locked*/
        """;
    private const string SelectReportContent = """
        select id, size from report_mails where id > @after and id < @before and bytes is not null order by id limit @max
        /*postgres: for update skip locked*/
        """;
    private const string SelectReports = """
        select id, size from report_mails where id > @after and id < @before order by id limit @max
        /*postgres: for update skip locked*/
        """;
    private const string DeleteContent = "delete from contents where message_id = @id";
    private const string TellOfContent = "insert into events (message_id, at, kind, actor, detail) values (@id, @now, @kind, 'postrider', @detail)";
    private static readonly string[] DeleteAll =
    [
        DeleteContent,
        "delete from attempt_replies where message_id = @id",
        "delete from attempts where message_id = @id",
        "delete from recipients where message_id = @id",
        "delete from events where message_id = @id",
        "delete from messages where id = @id",
    ];

    /// <summary>Deletes the content of the next few messages.</summary>
    /// <param name="after">Where the step before ended; empty to begin with the oldest.</param>
    public Task<RetentionStep> DeleteContentAsync(string after, CancellationToken cancellation) =>
        StepAsync(SelectContent, options.Value.KeepContent, after, async (session, id) =>
        {
            await session.ExecuteAsync(DeleteContent, new { id });
            await session.ExecuteAsync(TellOfContent, new { id, now = Now(), kind = ContentDeleted, detail = "The content is no longer kept (Mail:KeepContent); it cannot be sent again." });
        }, cancellation);

    /// <summary>Deletes all that is known of the next few messages.</summary>
    /// <inheritdoc cref="DeleteContentAsync"/>
    public Task<RetentionStep> DeleteHistoryAsync(string after, CancellationToken cancellation) =>
        StepAsync(SelectHistory, options.Value.KeepHistory, after, async (session, id) =>
        {
            foreach (var statement in DeleteAll)
                await session.ExecuteAsync(statement, new { id });
        }, cancellation);

    /// <summary>Deletes the content of the next few reports that came back.</summary>
    /// <inheritdoc cref="DeleteContentAsync"/>
    public Task<RetentionStep> DeleteReportContentAsync(string after, CancellationToken cancellation) =>
        StepAsync(SelectReportContent, options.Value.KeepContent, after, (session, id) => session.ExecuteAsync("update report_mails set bytes = null where id = @id", new { id }), cancellation);

    /// <summary>Deletes the next few reports that came back.</summary>
    /// <inheritdoc cref="DeleteContentAsync"/>
    public Task<RetentionStep> DeleteReportsAsync(string after, CancellationToken cancellation) =>
        StepAsync(SelectReports, options.Value.KeepHistory, after, async (session, id) =>
        {
            await session.ExecuteAsync("delete from reports where mail_id = @id", new { id });
            await session.ExecuteAsync("delete from report_mails where id = @id", new { id });
        }, cancellation);

    private async Task<RetentionStep> StepAsync(string select, TimeSpan keep, string after, Func<DbSession, string, Task> delete, CancellationToken cancellation)
    {
        if (keep == TimeSpan.Zero)
            return new RetentionStep(0, null);
        var cutoff = time.GetUtcNow() - keep;
        return await database.WriteAsync(async session =>
        {
            var old = await session.QueryAsync<OldMessage>(select,
                new { after, before = MessageIds.FirstAt(cutoff.AddMilliseconds(1)), cutoff = cutoff.ToUnixTimeMilliseconds(), max = MessagesAStep });
            var (count, bytes) = (0, 0L);
            for (; count < old.Count && bytes < BytesAStep; bytes += old[count++].Size)
                await delete(session, old[count].Id);
            return new RetentionStep(count, count < old.Count || count == MessagesAStep ? old[count - 1].Id : null);
        }, cancellation);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class OldMessage
    {
        public string Id { get; init; } = "";
        public long Size { get; init; }
    }
}

/// <param name="Count">How many messages were reached.</param>
/// <param name="Next">Where the next step goes on; null when there is nothing more to delete for now.</param>
public sealed record RetentionStep(int Count, string? Next);
