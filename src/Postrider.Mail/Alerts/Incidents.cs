using Microsoft.Extensions.Options;
using Postrider.Accounts.Watch;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Keeps one incident a cause: opened when it is first found, told again while it stays, recovered when it is gone. What is to be
/// told of it is committed together with it, so that a crash between the two neither forgets nor repeats. Where several nodes share a database
/// each of them looks, and the one whose row changes is the one that tells.</summary>
public sealed class Incidents
{
    private const string SelectOpen = "select * from incidents where recovered_at is null";
    private const string Insert = """
        insert into incidents (id, cause, kind, severity, provider_id, title, detail, remedy, step, reminders, opened_at, told_at)
        values (@Id, @Cause, @Kind, @Severity, @ProviderId, @Title, @Detail, @Remedy, @Step, 0, @OpenedAt, @ToldAt)
        on conflict do nothing
        """;
    private const string Update = """
        update incidents set severity = @Severity, title = @Title, detail = @Detail, remedy = @Remedy, step = @Step, reminders = @Reminders, told_at = @ToldAt
        where id = @Id and told_at = @before and recovered_at is null
        """;
    private const string Recover = "update incidents set recovered_at = @now where id = @id and recovered_at is null";
    private const string Forget = "delete from incidents where recovered_at < @old";
    private const string SelectPage = """
        select * from incidents where (@before is null or id < @before) and (@all = 1 or recovered_at is null) and (@provider is null or provider_id = @provider)
        order by id desc limit @limit
        """;

    // What only one machine can see is named for it, and only it may say that it is over.
    private static readonly string Here = "@" + Environment.MachineName;

    /// <summary>The step of a finding that is reminded of by the clock.</summary>
    private const int NoStep = -1;

    private readonly Database database;
    private readonly EventFeed feed;
    private readonly TimeProvider time;
    private readonly AlertOptions options;

    internal Incidents(Database database, EventFeed feed, TimeProvider time, IOptions<AlertOptions> options) =>
        (this.database, this.feed, this.time, this.options) = (database, feed, time, options.Value);

    /// <param name="before">The id of the last one of the page before; null begins with the newest.</param>
    public async Task<IReadOnlyList<Incident>> ListAsync(bool all, string? providerId, string? before, int limit, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<IncidentRow>(SelectPage, new { before, all, provider = providerId, limit }), cancellation)).Select(row => row.ToIncident())];

    public async Task<Incident?> FindAsync(string id, CancellationToken cancellation) =>
        (await database.ReadAsync(session => session.FirstOrDefaultAsync<IncidentRow>("select * from incidents where id = @id", new { id }), cancellation))?.ToIncident();

    /// <summary>Makes the open incidents those that are wrong now.</summary>
    /// <param name="whole">The findings are the whole truth: what is not among them has recovered.</param>
    /// <returns>What is to be told, and has been stored.</returns>
    internal Task<IReadOnlyList<(Incident Incident, IncidentTurn Turn)>> ReconcileAsync(IReadOnlyList<Finding> findings, bool whole, CancellationToken cancellation) =>
        database.WriteAsync(async session =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var open = (await session.QueryAsync<IncidentRow>(SelectOpen)).Where(row => !row.Cause.Contains('@') || row.Cause.EndsWith(Here, StringComparison.Ordinal)).ToDictionary(row => row.Cause);
            var told = new List<(Incident, IncidentTurn)>();
            foreach (var finding in findings.DistinctBy(CauseOf))
            {
                open.Remove(CauseOf(finding), out var before);
                var (row, turn) = before is null ? (Opened(finding, now), IncidentTurn.Opened) : Again(before, finding, now);
                if (row is null)
                    continue;
                var ours = before is null ? await session.ExecuteAsync(Insert, row)
                    : await session.ExecuteAsync(Update, new { row.Severity, row.Title, row.Detail, row.Remedy, row.Step, row.Reminders, row.ToldAt, row.Id, before = before.ToldAt });
                if (ours == 1 && turn is { } tell)
                    told.Add((row.ToIncident(), tell));
            }
            foreach (var gone in open.Values.Where(_ => whole))
            {
                if (await session.ExecuteAsync(Recover, new { id = gone.Id, now }) == 1)
                    told.Add((gone.ToIncident() with { RecoveredAt = DateTimeOffset.FromUnixTimeMilliseconds(now) }, IncidentTurn.Recovered));
            }
            foreach (var (incident, turn) in told)
                await feed.AddAsync(session, incident, turn);
            if (told.Count > 0)
                await session.ExecuteAsync(Forget, new { old = now - (long)options.KeepFor.TotalMilliseconds });
            return (IReadOnlyList<(Incident, IncidentTurn)>)told;
        }, cancellation);

    private static string CauseOf(Finding finding) => finding.Local ? finding.Cause + Here : finding.Cause;

    private IncidentRow Opened(Finding finding, long now) => Row(finding, Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), now, now, 0);

    /// <returns>Null when nothing has changed. Words that change are kept and not told: the cause is the same.</returns>
    private (IncidentRow? Row, IncidentTurn? Turn) Again(IncidentRow before, Finding finding, long now)
    {
        var nearer = finding.Step is { } step && before.Step > step;
        var due = finding.Step is null or 0 && now - before.ToldAt >= (long)options.RemindEvery.TotalMilliseconds;
        if (nearer || due)
            return (Row(finding, before.Id, before.OpenedAt, now, before.Reminders + 1), IncidentTurn.Reminded);
        return (before.Title, before.Detail, before.Remedy) == (finding.Title, finding.Detail, finding.Remedy)
            ? (null, null)
            : (Row(finding, before.Id, before.OpenedAt, before.ToldAt, before.Reminders), null);
    }

    private static IncidentRow Row(Finding finding, string id, long openedAt, long toldAt, int reminders) => new()
    {
        Id = id, Cause = CauseOf(finding), Kind = finding.Kind, Severity = finding.Severity == FindingSeverity.Error ? "error" : "warning", ProviderId = finding.ProviderId,
        Title = finding.Title, Detail = finding.Detail, Remedy = finding.Remedy, Step = finding.Step ?? NoStep, Reminders = reminders, OpenedAt = openedAt, ToldAt = toldAt,
    };
}
