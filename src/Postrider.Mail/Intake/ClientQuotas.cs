using System.Globalization;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Intake;

/// <summary>How many messages a client has handed in within 24 hours, against what it may. Counted from the messages themselves, so every
/// node counts the same; clients that hand in at the same moment may exceed it by a few.</summary>
public sealed class ClientQuotas(Database database, TimeProvider time)
{
    // No further than the limit: a client that has spent it costs as much as one that is about to.
    private const string Count = "select count(*) from (select 1 from messages where client_id = @client and id >= @since limit @most) as counted";

    /// <returns>Null when it may hand in one more.</returns>
    public async Task<Refusal?> RefusesAsync(Client? client, CancellationToken cancellation) =>
        client is { MessagesPerDay: > 0 and var most } && await UsedAsync(client, most, cancellation) >= most
            ? new Refusal(451, "4.7.1", string.Create(CultureInfo.InvariantCulture, $"{client.Name} has handed in the {most} messages that it may within 24 hours. Wait, or raise its limit."))
            : null;

    /// <param name="most">Where the count ends.</param>
    public Task<long> UsedAsync(Client client, int most, CancellationToken cancellation) =>
        database.ReadAsync(session => session.SingleAsync<long>(Count, new { client = client.Id, since = MessageIds.FirstAt(time.GetUtcNow() - TimeSpan.FromDays(1)), most }), cancellation);
}
