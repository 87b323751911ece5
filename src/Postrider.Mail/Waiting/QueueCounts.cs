using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Waiting;

/// <summary>Counts what waits. A long queue takes its time (a quarter of a second for a million messages on SQLite), and the metrics, the alerts,
/// the pictures, the pages and the programs that look all ask: the longer the queue, the longer its last count stands for all of them.</summary>
public sealed class QueueCounts(Database database, TimeProvider time) : IDisposable
{
    /// <summary>Ages by which the waiting are counted; the last group has all that are older.</summary>
    public static readonly IReadOnlyList<TimeSpan> Ages =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromDays(1)];

    /// <summary>A queue of fewer is counted whenever somebody asks; the count of a longer one stands for two seconds for each so many.</summary>
    public const int Many = 100_000;

    // Ids begin with the time of acceptance: an age is a range of ids, and the smallest is the oldest. The index of what is due holds all that
    // is asked of each message.
    private const string Count = """
        select provider_id, count(*) as waiting,
               count(*) filter (where message_id >= @age0) as age0, count(*) filter (where message_id >= @age1) as age1,
               count(*) filter (where message_id >= @age2) as age2, count(*) filter (where message_id >= @age3) as age3,
               count(*) filter (where message_id >= @age4) as age4, min(message_id) filter (where due_at <= @now) as oldest_due
        from queue group by provider_id
        """;
    internal const string CountLater = $"""
        select provider_id,
               sum(case when lease_owner is not null then 1 else 0 end) as sending,
               sum(case when held_at is not null then 1 else 0 end) as held,
               sum(case when held_at is not null and attempts > 0 then 1 else 0 end) as held_after_tries,
               sum(case when held_at is null and attempts = 0 and lease_owner is null then 1 else 0 end) as scheduled,
               min(case when held_at is null and lease_owner is null then due_at end) as next_due_at,
               min(case when held_at is null and (attempts > 0 or lease_owner is not null) then message_id end) as oldest_moving,
               min(message_id) as oldest
        from {QueuePlaces.Later} group by provider_id
        """;
    private const string CountTried = "select provider_id, count(*) as tried from queue where attempts > 0 group by provider_id";

    private readonly SemaphoreSlim oneCount = new(1, 1);
    private volatile QueueCount? latest;

    /// <summary>The last count while it stands, or else a new one.</summary>
    public Task<QueueCount> LatestAsync(CancellationToken cancellation) =>
        latest is { Waiting: < Many } ? ReadAsync(cancellation) : InTurnAsync(anew: false, cancellation);

    /// <summary>Counts now, for all who ask meanwhile and next.</summary>
    public Task<QueueCount> CountAsync(CancellationToken cancellation) => InTurnAsync(anew: true, cancellation);

    // Those who ask while a long queue is counted wait for that count.
    private async Task<QueueCount> InTurnAsync(bool anew, CancellationToken cancellation)
    {
        await oneCount.WaitAsync(cancellation);
        try
        {
            return !anew && latest is { } last && time.GetUtcNow() - last.At < Stands(last) ? last : await ReadAsync(cancellation);
        }
        finally
        {
            oneCount.Release();
        }
    }

    private async Task<QueueCount> ReadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        string FirstOf(int age) => MessageIds.FirstAt(now - Ages[age]);
        var moment = now.ToUnixTimeMilliseconds();
        var (counted, first, later, tried) = await database.ReadAtOneMomentAsync(async session => (
            await session.QueryAsync<CountedRow>(Count, new { age0 = FirstOf(0), age1 = FirstOf(1), age2 = FirstOf(2), age3 = FirstOf(3), age4 = FirstOf(4), now = moment }),
            (await session.QueryAsync<DueProvider>(QueuePlaces.Waiting)).ToDictionary(row => row.ProviderId, row => row.DueAt),
            (await session.QueryAsync<LaterRow>(CountLater, new { now = moment })).ToDictionary(row => row.ProviderId),
            (await session.QueryAsync<TriedRow>(CountTried)).ToDictionary(row => row.ProviderId, row => row.Tried)), cancellation);
        return latest = new QueueCount(now, [.. counted.OrderByDescending(row => row.Waiting).Select(row => row.With(
            later.GetValueOrDefault(row.ProviderId) ?? new LaterRow(), tried.GetValueOrDefault(row.ProviderId), first.TryGetValue(row.ProviderId, out var due) && due <= moment ? due : null))]);
    }

    public void Dispose() => oneCount.Dispose();

    private static TimeSpan Stands(QueueCount count) => TimeSpan.FromSeconds(2.0 * count.Waiting / Many);

    private sealed class CountedRow
    {
        public string ProviderId { get; init; } = "";
        public long Waiting { get; init; }
        public long Age0 { get; init; }
        public long Age1 { get; init; }
        public long Age2 { get; init; }
        public long Age3 { get; init; }
        public long Age4 { get; init; }
        public string? OldestDue { get; init; }

        public CountedProvider With(LaterRow later, long tried, long? firstDue) => new()
        {
            ProviderId = ProviderId, Waiting = Waiting, Sending = later.Sending, Held = later.Held, Scheduled = later.Scheduled,
            Deferred = Math.Max(0, tried - later.HeldAfterTries),
            // The statement counts those up to each age.
            ByAge = [Age0, Age1 - Age0, Age2 - Age1, Age3 - Age2, Age4 - Age3, Waiting - Age4],
            OldestAt = Earlier(OldestDue, later.Oldest)!.Value, OldestMovingAt = Earlier(OldestDue, later.OldestMoving),
            NextDueAt = (firstDue ?? later.NextDueAt) is { } next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null,
        };

        private static DateTimeOffset? Earlier(string? one, string? other) =>
            (one is null || string.CompareOrdinal(one, other) > 0 ? other ?? one : one) is { } oldest ? MessageIds.TimeOf(oldest) : null;
    }

    private sealed class LaterRow
    {
        public string ProviderId { get; init; } = "";
        public long Sending { get; init; }
        public long Held { get; init; }
        public long HeldAfterTries { get; init; }
        public long Scheduled { get; init; }
        public long? NextDueAt { get; init; }
        public string? OldestMoving { get; init; }
        public string? Oldest { get; init; }
    }

    private sealed class TriedRow
    {
        public string ProviderId { get; init; } = "";
        public long Tried { get; init; }
    }
}

/// <param name="Providers">One entry for each provider that has mail waiting, the one with the most first.</param>
public sealed record QueueCount(DateTimeOffset At, IReadOnlyList<CountedProvider> Providers)
{
    public long Waiting { get; } = Providers.Sum(provider => provider.Waiting);

    /// <summary>Those of which mail should be moving.</summary>
    public IEnumerable<CountedProvider> Moving => Providers.Where(provider => provider.OldestMovingAt is not null);
}

/// <summary>How much waits for a provider.</summary>
public sealed record CountedProvider
{
    public required string ProviderId { get; init; }
    public required long Waiting { get; init; }
    public required long Sending { get; init; }

    /// <summary>Held by a person or a policy.</summary>
    public required long Held { get; init; }

    /// <summary>Handed in for a later moment.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Tried before, and waiting for the next try.</summary>
    public required long Deferred { get; init; }

    /// <summary>As many in each of <see cref="QueueCounts.Ages"/>, and one more for the older ones.</summary>
    public required IReadOnlyList<long> ByAge { get; init; }
    public required DateTimeOffset OldestAt { get; init; }
    public required DateTimeOffset? NextDueAt { get; init; }

    /// <summary>What should be moving: messages that were asked to be sent later do not count before their time, and what a person holds does not at all.</summary>
    public long Moving => Math.Max(0, Waiting - Held - Scheduled);

    /// <summary>When the oldest of those was accepted.</summary>
    public required DateTimeOffset? OldestMovingAt { get; init; }
}
