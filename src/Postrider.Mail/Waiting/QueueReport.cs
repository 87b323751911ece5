using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Waiting;

/// <summary>What waits, for whom, since when, why, and for how long still.</summary>
public sealed class QueueReport(Database database, ProviderDirectory providers, DeliveryActivity activity, Permits permits, SendingHold hold, TimeProvider time)
{
    /// <summary>Ages by which the waiting are counted; the last group has all that are older.</summary>
    public static readonly IReadOnlyList<TimeSpan> Ages =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromDays(1)];

    /// <summary>Of those that were tried already, so many of each provider, the newest, are asked for the reason.</summary>
    public const int AskedForReason = 500;

    // Ids begin with the time of acceptance: an age is a range of ids. The index of what is due holds all that is asked of each message, of
    // which there may be a million.
    private const string Count = """
        select provider_id, count(*) as waiting,
               count(*) filter (where message_id >= @age0) as age0, count(*) filter (where message_id >= @age1) as age1,
               count(*) filter (where message_id >= @age2) as age2, count(*) filter (where message_id >= @age3) as age3,
               count(*) filter (where message_id >= @age4) as age4, min(message_id) as oldest
        from queue group by provider_id
        """;
    internal const string CountLater = $"""
        select provider_id,
               sum(case when lease_owner is not null then 1 else 0 end) as sending,
               sum(case when held_at is not null then 1 else 0 end) as held,
               sum(case when held_at is not null and attempts > 0 then 1 else 0 end) as held_after_tries,
               sum(case when held_at is null and attempts = 0 and lease_owner is null then 1 else 0 end) as scheduled,
               min(case when held_at is null and lease_owner is null then due_at end) as next_due_at
        from {QueuePlaces.Later} group by provider_id
        """;
    private const string CountTried = "select provider_id, count(*) as tried from queue where attempts > 0 group by provider_id";
    private const string Reasons = """
        select coalesce(a.cause, a.reply) as reason, a.remedy, count(*) as count
        from (select message_id from queue where provider_id = @provider and attempts > 0 order by message_id desc limit @most) q
        join attempts a on a.message_id = q.message_id
             and a.number = (select max(number) from attempts last where last.message_id = q.message_id)
        group by coalesce(a.cause, a.reply), a.remedy order by count(*) desc limit 5
        """;

    /// <returns>One entry for each provider that has mail waiting, the one with the most first.</returns>
    public async Task<IReadOnlyList<ProviderQueue>> MakeAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        string FirstOf(int age) => MessageIds.FirstAt(now - Ages[age]);
        var moment = now.ToUnixTimeMilliseconds();
        var (counted, first, later, tried) = await database.ReadAsync(async session => (
            await session.QueryAsync<CountedQueue>(Count, new { age0 = FirstOf(0), age1 = FirstOf(1), age2 = FirstOf(2), age3 = FirstOf(3), age4 = FirstOf(4) }),
            (await session.QueryAsync<DueProvider>(QueuePlaces.Waiting)).ToDictionary(row => row.ProviderId, row => row.DueAt),
            (await session.QueryAsync<LaterOfQueue>(CountLater, new { now = moment })).ToDictionary(row => row.ProviderId),
            (await session.QueryAsync<TriedOfQueue>(CountTried)).ToDictionary(row => row.ProviderId, row => row.Tried)), cancellation);
        var queues = new List<ProviderQueue>(counted.Count);
        foreach (var row in counted.OrderByDescending(row => row.Waiting))
        {
            var notYet = later.GetValueOrDefault(row.ProviderId) ?? new LaterOfQueue();
            var next = first.TryGetValue(row.ProviderId, out var due) && due <= moment ? due : notYet.NextDueAt;
            queues.Add(await TellAsync(row, notYet, tried.GetValueOrDefault(row.ProviderId), next, now, cancellation));
        }
        return queues;
    }

    private async Task<ProviderQueue> TellAsync(CountedQueue row, LaterOfQueue later, long tried, long? next, DateTimeOffset now, CancellationToken cancellation)
    {
        var deferred = Math.Max(0, tried - later.HeldAfterTries);
        var provider = providers.Find(row.ProviderId);
        var doing = activity.Of(row.ProviderId);
        var (_, sentToday) = provider?.Limits.RecipientsPerDay > 0 ? await permits.UsedAsync(row.ProviderId, cancellation) : default;
        var reasons = deferred == 0 ? [] : await database.ReadAsync(
            session => session.QueryAsync<WaitingReason>(Reasons, new { provider = row.ProviderId, most = AskedForReason }), cancellation);
        return new ProviderQueue
        {
            ProviderId = row.ProviderId, Provider = provider, Waiting = row.Waiting, Sending = later.Sending, Held = later.Held,
            Scheduled = later.Scheduled, Deferred = deferred, ByAge = row.ByAge(), Reasons = reasons,
            OldestAt = MessageIds.TimeOf(row.Oldest), NextDueAt = next is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null,
            Activity = doing, RecipientsToday = sentToday,
            EmptyAt = provider is null || hold.Now is not null ? null : QueueForecast.EmptyAt(provider, doing, row.Waiting - later.Held - later.Scheduled, sentToday, now),
        };
    }

    private sealed class CountedQueue
    {
        public string ProviderId { get; init; } = "";
        public long Waiting { get; init; }
        public long Age0 { get; init; }
        public long Age1 { get; init; }
        public long Age2 { get; init; }
        public long Age3 { get; init; }
        public long Age4 { get; init; }
        public string Oldest { get; init; } = "";

        /// <summary>How many are in each age, where the statement counts those up to it.</summary>
        public IReadOnlyList<long> ByAge() => [Age0, Age1 - Age0, Age2 - Age1, Age3 - Age2, Age4 - Age3, Waiting - Age4];
    }

    private sealed class LaterOfQueue
    {
        public string ProviderId { get; init; } = "";
        public long Sending { get; init; }
        public long Held { get; init; }
        public long HeldAfterTries { get; init; }
        public long Scheduled { get; init; }
        public long? NextDueAt { get; init; }
    }

    private sealed class TriedOfQueue
    {
        public string ProviderId { get; init; } = "";
        public long Tried { get; init; }
    }
}

/// <summary>The waiting mail of one provider.</summary>
public sealed record ProviderQueue
{
    public required string ProviderId { get; init; }

    /// <summary>Null when it has been removed.</summary>
    public required Provider? Provider { get; init; }
    public required long Waiting { get; init; }
    public required long Sending { get; init; }

    /// <summary>Held by a person or a policy.</summary>
    public required long Held { get; init; }

    /// <summary>Handed in for a later moment.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Tried before, and waiting for the next try.</summary>
    public required long Deferred { get; init; }

    /// <summary>As many in each of <see cref="QueueReport.Ages"/>, and one more for the older ones.</summary>
    public required IReadOnlyList<long> ByAge { get; init; }
    public required IReadOnlyList<WaitingReason> Reasons { get; init; }
    public required DateTimeOffset OldestAt { get; init; }
    public required DateTimeOffset? NextDueAt { get; init; }
    public required ProviderActivity? Activity { get; init; }
    public required long RecipientsToday { get; init; }

    /// <summary>When the queue will be empty if nothing is added; null when it does not move or nothing is known of its pace.</summary>
    public required DateTimeOffset? EmptyAt { get; init; }
}

/// <summary>Why messages that were tried wait for their next try.</summary>
public sealed class WaitingReason
{
    public string Reason { get; init; } = "";
    public string? Remedy { get; init; }
    public long Count { get; init; }
}
