using System.Collections.Concurrent;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>A message that is in hand whenever the process dies may be why it dies. After the second time it is sent alone, so that a
/// third time convicts it and nobody else; then it waits for a person.</summary>
public sealed partial class MessageQueue
{
    // The index queue_suspects says the same.
    private const int SentAloneAfter = 2, HeldAfter = 3;

    private const string SetApart =
        "update queue set lease_owner = null, claimed_at = null, due_at = @until where message_id = @Id and fence = @Fence";

    // Once released it is sent alone again: a fourth time is enough to hold it.
    private const string Quarantine = $"update queue set rescues = 2 where message_id = @id and fence = @Fence; {HoldClaimed}";
    private const string ClaimSuspect = """
        with suspect as /*postgres: materialized*/ (
            select message_id from queue where provider_id = @provider and rescues >= 2 and held_at is null and lease_owner is null and expires_at > @now
            order by message_id limit 1 /*postgres: for update skip locked*/)
        update queue set lease_owner = @owner, claimed_at = @now, due_at = @until, fence = fence + 1
        where message_id in (select message_id from suspect)
        returning message_id, fence, attempts, rescues, dot_at
        """;

    /// <summary>Why such a message is held, and what to do.</summary>
    public const string Quarantined = "Postrider stopped three times while it was sending this message, the last time with no other on its way. "
        + "The log tells why it stopped: the machine's memory was used up, somebody ended it, or it has an error of its own, which should be reported.";

    /// <returns>How many messages are held for it, and the first of them.</returns>
    public Task<(long Count, string? First)> QuarantinedAsync(CancellationToken cancellation) => database.ReadAsync(async session =>
    {
        var held = await session.QueryAsync<string>("select message_id from queue where rescues >= 2 and held_at is not null order by message_id");
        return ((long)held.Count, held.Count > 0 ? held[0] : null);
    }, cancellation);

    /// <summary>Providers that have mail which this process has set apart.</summary>
    private readonly ConcurrentDictionary<string, bool> suspected = new();

    /// <summary>Whether mail of the provider has been set apart: <see cref="ClaimSuspectAsync"/>.</summary>
    internal bool Suspects(string providerId) => suspected.ContainsKey(providerId);

    /// <summary>Takes one of the messages that must be sent alone, if there is one.</summary>
    internal async Task<IReadOnlyList<ClaimedMessage>> ClaimSuspectAsync(string providerId, CancellationToken cancellation)
    {
        var claimed = await ClaimAsync(async session =>
        {
            var now = Now();
            var row = await session.QueryAsync<ClaimedRow>(ClaimSuspect, new { provider = providerId, owner, now, until = now + LeaseLength });
            return await CompleteAsync(session, OfUnknownOutcome([.. row]), now);
        }, cancellation);
        if (claimed.Count == 0)
            suspected.TryRemove(providerId, out _);
        return claimed;
    }

    // Given back, so that a death in the meantime does not count against them.
    private async Task<IReadOnlyList<ClaimedMessage>> SetApartAsync(DbSession session, IReadOnlyList<ClaimedMessage> claimed, long now)
    {
        if (claimed.All(message => message.Rescues < SentAloneAfter))
            return claimed;
        foreach (var suspect in claimed.Where(message => message.Rescues >= SentAloneAfter))
            if (suspect.Rescues < HeldAfter)
            {
                await session.ExecuteAsync(SetApart, new { suspect.Id, suspect.Fence, until = now + LeaseLength });
                suspected[suspect.ProviderId] = true;
            }
            else if (await session.ExecuteAsync(Quarantine, new { id = suspect.Id, suspect.Fence, now, Never, reason = Quarantined }) > 0)
                await TellAsync(session, suspect.Id, "held", "postrider", Quarantined);
        return [.. claimed.Where(message => message.Rescues < SentAloneAfter)];
    }
}
