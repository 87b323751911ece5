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

    // Ids begin with the time of acceptance: an age is a range of ids.
    private const string Count = """
        select provider_id, count(*) as waiting,
               sum(case when lease_owner is not null and due_at > @now then 1 else 0 end) as sending,
               sum(case when held_at is not null then 1 else 0 end) as held,
               sum(case when held_at is null and attempts = 0 and lease_owner is null and due_at > @now then 1 else 0 end) as scheduled,
               sum(case when held_at is null and attempts > 0 then 1 else 0 end) as deferred,
               sum(case when message_id >= @age0 then 1 else 0 end) as age0,
               sum(case when message_id >= @age1 then 1 else 0 end) as age1,
               sum(case when message_id >= @age2 then 1 else 0 end) as age2,
               sum(case when message_id >= @age3 then 1 else 0 end) as age3,
               sum(case when message_id >= @age4 then 1 else 0 end) as age4,
               min(message_id) as oldest,
               min(case when held_at is null and lease_owner is null then due_at end) as next_due_at
        from queue group by provider_id
        """;
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
        var counted = await database.ReadAsync(session => session.QueryAsync<CountedQueue>(Count, new
        {
            now = now.ToUnixTimeMilliseconds(), age0 = FirstOf(0), age1 = FirstOf(1), age2 = FirstOf(2), age3 = FirstOf(3), age4 = FirstOf(4),
        }), cancellation);
        var queues = new List<ProviderQueue>(counted.Count);
        foreach (var row in counted.OrderByDescending(row => row.Waiting))
            queues.Add(await TellAsync(row, now, cancellation));
        return queues;
    }

    private async Task<ProviderQueue> TellAsync(CountedQueue row, DateTimeOffset now, CancellationToken cancellation)
    {
        var provider = providers.Find(row.ProviderId);
        var doing = activity.Of(row.ProviderId);
        var (_, sentToday) = provider?.Limits.RecipientsPerDay > 0 ? await permits.UsedAsync(row.ProviderId, cancellation) : default;
        var reasons = row.Deferred == 0 ? [] : await database.ReadAsync(
            session => session.QueryAsync<WaitingReason>(Reasons, new { provider = row.ProviderId, most = AskedForReason }), cancellation);
        return new ProviderQueue
        {
            ProviderId = row.ProviderId, Provider = provider, Waiting = row.Waiting, Sending = row.Sending, Held = row.Held,
            Scheduled = row.Scheduled, Deferred = row.Deferred, ByAge = row.ByAge(), Reasons = reasons,
            OldestAt = MessageIds.TimeOf(row.Oldest), NextDueAt = row.NextDueAt is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null,
            Activity = doing, RecipientsToday = sentToday,
            EmptyAt = provider is null || hold.Now is not null ? null : QueueForecast.EmptyAt(provider, doing, row.Waiting - row.Held - row.Scheduled, sentToday, now),
        };
    }

    private sealed class CountedQueue
    {
        public string ProviderId { get; init; } = "";
        public long Waiting { get; init; }
        public long Sending { get; init; }
        public long Held { get; init; }
        public long Scheduled { get; init; }
        public long Deferred { get; init; }
        public long Age0 { get; init; }
        public long Age1 { get; init; }
        public long Age2 { get; init; }
        public long Age3 { get; init; }
        public long Age4 { get; init; }
        public string Oldest { get; init; } = "";
        public long? NextDueAt { get; init; }

        /// <summary>How many are in each age, where the statement counts those up to it.</summary>
        public IReadOnlyList<long> ByAge() => [Age0, Age1 - Age0, Age2 - Age1, Age3 - Age2, Age4 - Age3, Waiting - Age4];
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
