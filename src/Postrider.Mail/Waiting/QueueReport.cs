using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Waiting;

/// <summary>What waits, for whom, since when, why, and for how long still.</summary>
public sealed class QueueReport(QueueCounts counts, Database database, ProviderDirectory providers, DeliveryActivity activity, Permits permits, SendingHold hold)
{
    /// <summary>Of those that were tried already, so many of each provider, the newest, are asked for the reason.</summary>
    public const int AskedForReason = 500;

    private const string Reasons = """
        select coalesce(a.cause, a.reply) as reason, a.remedy, count(*) as count
        from (select message_id from queue where provider_id = @provider and attempts > 0 order by message_id desc limit @most) q
        join attempts a on a.message_id = q.message_id
             and a.number = (select max(number) from attempts last where last.message_id = q.message_id)
        group by coalesce(a.cause, a.reply), a.remedy order by count(*) desc limit 5
        """;

    /// <summary>Tells of the queue as it was counted last, with what holds it back now.</summary>
    public async Task<ProviderQueues> MakeAsync(CancellationToken cancellation)
    {
        var counted = await counts.LatestAsync(cancellation);
        var queues = new List<ProviderQueue>(counted.Providers.Count);
        foreach (var one in counted.Providers)
            queues.Add(await TellAsync(one, counted.At, cancellation));
        return new(counted.At, queues);
    }

    private async Task<ProviderQueue> TellAsync(CountedProvider counted, DateTimeOffset at, CancellationToken cancellation)
    {
        var provider = providers.Find(counted.ProviderId);
        var doing = activity.Of(counted.ProviderId);
        var (_, sentToday) = provider?.Limits.RecipientsPerDay > 0 ? await permits.UsedAsync(counted.ProviderId, cancellation) : default;
        var reasons = counted.Deferred == 0 ? [] : await database.ReadAsync(
            session => session.QueryAsync<WaitingReason>(Reasons, new { provider = counted.ProviderId, most = AskedForReason }), cancellation);
        return new ProviderQueue
        {
            Counted = counted, Provider = provider, Reasons = reasons, Activity = doing, RecipientsToday = sentToday,
            EmptyAt = provider is null || hold.Now is not null ? null : QueueForecast.EmptyAt(provider, doing, counted.Moving, sentToday, at),
        };
    }
}

/// <param name="At">When it was counted.</param>
/// <param name="Rows">One for each provider that has mail waiting, the one with the most first.</param>
public sealed record ProviderQueues(DateTimeOffset At, IReadOnlyList<ProviderQueue> Rows);

/// <summary>The waiting mail of one provider.</summary>
public sealed record ProviderQueue
{
    public required CountedProvider Counted { get; init; }

    /// <summary>Null when it has been removed.</summary>
    public required Provider? Provider { get; init; }
    public required IReadOnlyList<WaitingReason> Reasons { get; init; }
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
