using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using Postrider.Mail.Waiting;
using Postrider.Storage;

namespace Postrider.Mail.Trends;

/// <summary>Looks twice a minute how much waits and how the providers are, and stores that with what was counted since. Every node adds
/// its own counts; the looks of all of them see the same queue, and the worst of a stretch stays.</summary>
internal sealed partial class TrendService : LateService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private const string Add = """
        insert into trends (provider_id, minutes, at, sent, failed, delayed, waiting, oldest, health)
        values (@ProviderId, @minutes, @at, @Sent, @Failed, @Delayed, @Waiting, @Oldest, @health)
        on conflict (provider_id, minutes, at) do update set
            sent = trends.sent + excluded.sent, failed = trends.failed + excluded.failed, delayed = trends.delayed + excluded.delayed,
            waiting = case when excluded.waiting > trends.waiting then excluded.waiting else trends.waiting end,
            oldest = case when excluded.oldest > trends.oldest then excluded.oldest else trends.oldest end,
            health = case when excluded.health > trends.health then excluded.health else trends.health end
        """;
    private const string AddTimes = """
        insert into trend_times (provider_id, minutes, at, step, messages) values (@ProviderId, @minutes, @at, @step, @messages)
        on conflict (provider_id, minutes, at, step) do update set messages = trend_times.messages + excluded.messages
        """;
    private static readonly string[] Forget = ["delete from trends where minutes = @minutes and at < @before", "delete from trend_times where minutes = @minutes and at < @before"];

    private readonly Database database;
    private readonly ProviderDirectory providers;
    private readonly QueueCounts counts;
    private readonly DeliveryActivity activity;
    private readonly TimeProvider time;
    private readonly ILogger<TrendService> log;
    private readonly Tally tally;

    /// <summary>What of the present stretch has been stored, so that what stands still costs one row a stretch.</summary>
    private Dictionary<string, Look> stored = [];
    private long storedAt;

    private sealed record Look(string ProviderId, long Waiting, long Oldest, Health Health);

    private sealed record Row(string ProviderId, long At, long Sent, long Failed, long Delayed, long Waiting, long Oldest, Health Health, IReadOnlyDictionary<int, long> Times);

    public TrendService(MessageQueue queue, Database database, ProviderDirectory providers, QueueCounts counts, DeliveryActivity activity, TimeProvider time, ILogger<TrendService> log)
    {
        (this.database, this.providers, this.counts, this.activity, this.time, this.log, tally) = (database, providers, counts, activity, time, log, new Tally(time));
        queue.Recorded += tally.Count;
    }

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync();
            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await TryAsync();
    }

    private async Task TryAsync()
    {
        try
        {
            await StoreAsync();
        }
        catch (Exception wrong)
        {
            NotStored(log, wrong);
        }
    }

    internal async Task StoreAsync()
    {
        var at = TrendHistory.StretchOf(time.GetUtcNow(), TrendHistory.FiveMinutes);
        var looks = await LookAsync();
        var counted = tally.Take();
        var news = at != storedAt ? looks : [.. looks.Where(look => !look.Equals(stored.GetValueOrDefault(look.ProviderId)))];
        try
        {
            if (news.Count > 0 || counted.Count > 0)
                await database.WriteAsync(session => StoreAsync(session, Rows(at, news, counted), forget: at != storedAt));
        }
        catch
        {
            tally.GiveBack(counted);
            throw;
        }
        (stored, storedAt) = (looks.ToDictionary(look => look.ProviderId), at);
    }

    private async Task<List<Look>> LookAsync()
    {
        var (now, waiting) = (time.GetUtcNow(), (await counts.LatestAsync(CancellationToken.None)).Moving.ToDictionary(provider => provider.ProviderId));
        var looks = providers.All.Select(provider =>
        {
            var its = waiting.GetValueOrDefault(provider.Id);
            return new Look(provider.Id, its?.Moving ?? 0, its is null ? 0 : (long)(now - its.OldestMovingAt!.Value).TotalMilliseconds, HealthOf(provider));
        }).ToList();
        looks.Add(new(TrendHistory.All, waiting.Values.Sum(one => one.Moving), waiting.Count == 0 ? 0 : (long)(now - waiting.Values.Min(one => one.OldestMovingAt!.Value)).TotalMilliseconds,
            looks.Select(look => look.Health).DefaultIfEmpty().Max()));
        return looks;
    }

    private Health HealthOf(Provider provider) => provider.State switch
    {
        ProviderState.Ready => activity.Of(provider.Id)?.Fault is null ? Health.Flows : Health.Faulty,
        ProviderState.Paused or ProviderState.Disabled => Health.Stopped,
        _ => Health.NeedsSomebody,
    };

    /// <summary>In the order of their keys, in which every node locks them.</summary>
    private static IReadOnlyList<Row> Rows(long at, IReadOnlyList<Look> looks, IReadOnlyDictionary<(string ProviderId, long At), Tally.Counts> counted)
    {
        var seen = looks.ToDictionary(look => (look.ProviderId, at));
        return [.. seen.Keys.Union(counted.Keys).OrderBy(key => key.Item1, StringComparer.Ordinal).ThenBy(key => key.Item2).Select(key =>
        {
            var (look, counts) = (seen.GetValueOrDefault(key), counted.GetValueOrDefault(key) ?? new Tally.Counts());
            return new Row(key.Item1, key.Item2, counts.Sent, counts.Failed, counts.Delayed, look?.Waiting ?? 0, look?.Oldest ?? 0, look?.Health ?? Health.Flows, counts.Times);
        })];
    }

    private async Task StoreAsync(DbSession session, IReadOnlyList<Row> rows, bool forget)
    {
        foreach (var row in rows)
            foreach (var minutes in new[] { TrendHistory.FiveMinutes, TrendHistory.Hour })
            {
                var at = TrendHistory.StretchOf(row.At, minutes);
                await session.ExecuteAsync(Add, new { row.ProviderId, minutes, at, row.Sent, row.Failed, row.Delayed, row.Waiting, row.Oldest, health = (int)row.Health });
                foreach (var (step, messages) in row.Times)
                    await session.ExecuteAsync(AddTimes, new { row.ProviderId, minutes, at, step, messages });
            }
        if (!forget)
            return;
        foreach (var (minutes, keep) in new[] { (TrendHistory.FiveMinutes, TrendHistory.KeepFiveMinutes), (TrendHistory.Hour, TrendHistory.KeepHours) })
            foreach (var statement in Forget)
                await session.ExecuteAsync(statement, new { minutes, before = (time.GetUtcNow() - keep).ToUnixTimeMilliseconds() });
    }

    [LoggerMessage(3025, LogLevel.Warning, "What happened lately could not be added up for the pictures; it is tried again")]
    private static partial void NotStored(ILogger log, Exception why);
}
