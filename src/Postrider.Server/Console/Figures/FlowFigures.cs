using System.Diagnostics;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using Postrider.Mail.Waiting;
using Postrider.Server.Console.Ui;
using Postrider.Storage;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Figures;

/// <summary>What the overview counts. A page does not wait for a count of a million rows: what takes longer than a moment is made behind its
/// back, and the page shows the last one and says how old it is. A figure that cannot be had takes none of the others with it.</summary>
internal sealed partial class FlowFigures(Database database, QueueReport queues, Incidents incidents, Nodes nodes, TimeProvider time, ILogger<FlowFigures> log) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3), Moment = TimeSpan.FromMilliseconds(30);

    // Ids begin with the time of acceptance: a day is a range of the primary key.
    private const string ByHour = """
        select accepted_at / 3600000 as hour, provider_id, state, count(*) as count from messages where id >= @since group by accepted_at / 3600000, provider_id, state
        """;
    private const string Causes = """
        select coalesce(cause, reply, 'No reason was given') as reason, count(*) as count from recipients
        where message_id >= @since and state in ('failed', 'bounced') group by coalesce(cause, reply, 'No reason was given') order by count(*) desc limit 1000
        """;

    private const int CausesShown = 6, MostIncidents = 100;

    private readonly SemaphoreSlim oneCount = new(1, 1);
    private volatile Flow? latest;

    public async Task<Flow> GetAsync(CancellationToken cancellation)
    {
        if (latest is { } known)
        {
            // The longer a count takes, the less often it is made: it never costs more than a twentieth of the time.
            if (time.GetUtcNow() - known.At > Fresh && time.GetUtcNow() - known.At > known.Took * 20 && await oneCount.WaitAsync(0, CancellationToken.None))
                await Task.WhenAny(CountAsync(CancellationToken.None), Task.Delay(Moment, time, cancellation));
            return latest;
        }
        await oneCount.WaitAsync(cancellation);
        return await CountAsync(cancellation);
    }

    public void Dispose() => oneCount.Dispose();

    private async Task<Flow> CountAsync(CancellationToken cancellation)
    {
        try
        {
            var (now, watch) = (time.GetUtcNow(), Stopwatch.StartNew());
            var since = MessageIds.FirstAt(now - TimeSpan.FromHours(23));
            var hours = CountAsync("hours", latest?.Hourly, () => database.ReadAsync(session => session.QueryAsync<HourRow>(ByHour, new { since }), cancellation));
            var causes = CountAsync<CauseRow>("causes", latest?.Caused, async () =>
                [.. CauseRow.Alike(await database.ReadAsync(session => session.QueryAsync<CauseRow>(Causes, new { since }), cancellation)).Take(CausesShown)]);
            var waiting = CountedAsync("queue", latest?.Queued, async () =>
            {
                var made = await queues.MakeAsync(cancellation);
                return new Counted<ProviderQueue>(made.Rows, made.At);
            });
            var open = CountAsync("incidents", latest?.Opened, () => incidents.ListAsync(all: false, null, null, MostIncidents, cancellation));
            var there = CountAsync("nodes", latest?.Seen, () => nodes.NamesAsync(cancellation));
            await Task.WhenAll(hours, causes, waiting, open, there);
            return latest = new Flow(now, watch.Elapsed, await hours, await causes, await waiting, await open, await there);
        }
        finally
        {
            oneCount.Release();
        }
    }

    private Task<Counted<T>> CountAsync<T>(string figure, Counted<T>? before, Func<Task<IReadOnlyList<T>>> count) =>
        CountedAsync(figure, before, async () => new Counted<T>(await count(), time.GetUtcNow()));

    /// <returns>What was counted now; where that fails, what was counted last.</returns>
    private async Task<Counted<T>> CountedAsync<T>(string figure, Counted<T>? before, Func<Task<Counted<T>>> count)
    {
        try
        {
            return await count();
        }
        catch (Exception wrong) when (wrong is not (OperationCanceledException or StorageUnavailableException))
        {
            NotCounted(figure, wrong);
            return before ?? new([], null);
        }
    }

    [LoggerMessage(5401, LogLevel.Warning, "The console's figure {Figure} could not be counted; it is tried again")]
    private partial void NotCounted(string figure, Exception why);
}

/// <param name="At">When it was counted; null: not yet.</param>
internal sealed record Counted<TRow>(IReadOnlyList<TRow> Rows, DateTimeOffset? At)
{
    /// <summary>A figure that is older says so.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(1);

    /// <summary>What is to be said of it when it is not of now; null when it is.</summary>
    public string? Note(DateTimeOffset now, Zone zone) => At switch
    {
        null => T["It could not be looked up. It is tried again by itself; the log says why."],
        { } at when now - at > Old => T[$"as of {zone.Clock(at)}"],
        _ => null,
    };
}

internal sealed class HourRow
{
    public long Hour { get; init; }
    public string ProviderId { get; init; } = "";
    public string State { get; init; } = "";
    public long Count { get; init; }
}

internal sealed class CauseRow
{
    public string Reason { get; init; } = "";
    public long Count { get; init; }

    /// <summary>Those that differ in an address only, as one; the most frequent first.</summary>
    public static IEnumerable<CauseRow> Alike(IEnumerable<CauseRow> causes) => causes.GroupBy(cause => Reasons.WithoutAddresses(cause.Reason))
        .Select(alike => new CauseRow { Reason = alike.Key, Count = alike.Sum(cause => cause.Count) }).OrderByDescending(cause => cause.Count);
}

/// <summary>The last 24 hours, the queue and what is wrong, as they were at a moment.</summary>
internal sealed record Flow(DateTimeOffset At, TimeSpan Took, Counted<HourRow> Hourly, Counted<CauseRow> Caused, Counted<ProviderQueue> Queued, Counted<Incident> Opened, Counted<Node> Seen)
{
    public IReadOnlyList<HourRow> Rows => Hourly.Rows;
    public IReadOnlyList<CauseRow> Causes => Caused.Rows;
    public IReadOnlyList<ProviderQueue> Queues => Queued.Rows;
    public long Waiting => Queues.Sum(queue => queue.Counted.Waiting);
    public long Held => Queues.Sum(queue => queue.Counted.Held);
    public DateTimeOffset? Oldest => Queues.Count == 0 ? null : Queues.Min(queue => queue.Counted.OldestAt);
    public long Sent => Count("sent", "delivered", "delayed");
    public long Failed => Count("failed");
    public long Bounced => Count("bounced");

    public long Count(params string[] states) => Rows.Where(row => states.Contains(row.State)).Sum(row => row.Count);

    public long WaitingFor(string providerId) => Queues.FirstOrDefault(queue => queue.Counted.ProviderId == providerId)?.Counted.Waiting ?? 0;

    /// <summary>The last 24 hours, the oldest first.</summary>
    public IReadOnlyList<(DateTimeOffset Hour, long Sent, long Failed, long Waiting)> Hours(string? providerId = null)
    {
        var last = At.ToUnixTimeMilliseconds() / 3_600_000;
        var rows = Rows.Where(row => providerId is null || row.ProviderId == providerId).ToLookup(row => row.Hour);
        return [.. Enumerable.Range(0, 24).Select(back => last - 23 + back).Select(hour => (DateTimeOffset.FromUnixTimeMilliseconds(hour * 3_600_000),
            rows[hour].Where(row => row.State is "sent" or "delivered" or "delayed").Sum(row => row.Count),
            rows[hour].Where(row => row.State is "failed" or "bounced").Sum(row => row.Count),
            rows[hour].Where(row => row.State is "queued").Sum(row => row.Count)))];
    }
}
