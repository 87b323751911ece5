using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>How much waits for each provider, and since when. Messages that were asked to be sent later do not count before their time, and what a person holds does not at all.</summary>
public sealed class QueueAges(Database database, TimeProvider time)
{
    // A message's id begins with the milliseconds of its acceptance, so the smallest is the oldest. What is due is counted from the index
    // alone (what is held is never due), and only of the others the messages are looked at.
    internal const string Select = $"""
        select provider_id, cast(sum(waiting) as bigint) as waiting, min(oldest) as oldest from (
            select provider_id, count(*) as waiting, min(message_id) as oldest from queue where due_at <= @now group by provider_id
            union all
            select provider_id, count(*) as waiting, min(message_id) as oldest from {QueuePlaces.Later}
            where held_at is null and (attempts > 0 or lease_owner is not null) group by provider_id) counted
        group by provider_id
        """;

    public sealed record Age(long Waiting, DateTimeOffset Oldest);

    private sealed class Row
    {
        public string ProviderId { get; init; } = "";
        public long Waiting { get; init; }
        public string Oldest { get; init; } = "";
    }

    /// <returns>By provider id; a provider for which nothing waits is not in it.</returns>
    public async Task<IReadOnlyDictionary<string, Age>> ReadAsync(CancellationToken cancellation) =>
        (await database.ReadAsync(session => session.QueryAsync<Row>(Select, new { now = time.GetUtcNow().ToUnixTimeMilliseconds() }), cancellation))
            .ToDictionary(row => row.ProviderId, row => new Age(row.Waiting, MessageIds.TimeOf(row.Oldest)));
}
