namespace Postrider.Mail.Queue;

/// <summary>The places of the queue, a provider and somebody whose mail waits for it, and what is looked for in each: steps from one to the
/// next through the index, as cheap with a million messages as with one.</summary>
internal static class QueuePlaces
{
    private const string Each = """
        with recursive place(provider, sharer) as (
            select provider_id, sharer from (select provider_id, sharer from queue order by provider_id, sharer limit 1) first
            union all
            select next.provider_id, next.sharer from place join queue next on next.message_id = (
                select message_id from queue
                where provider_id >= place.provider and (provider_id > place.provider or sharer > place.sharer)
                order by provider_id, sharer limit 1))
        """;

    public const string Waiting = $"""
        {Each}
        select provider as provider_id, min((select min(due_at) from queue where provider_id = place.provider and sharer = place.sharer)) as due_at
        from place group by provider
        """;

    /// <summary>What somebody has claimed and may send, as <c>message_id</c> and <c>lease_owner</c>: it is due when its lease ends, and that
    /// is after <c>@now</c> and not after <see cref="Latest"/>.</summary>
    public const string InHand = $"""
        ({Each}
         select held.message_id, held.lease_owner from place
         join queue held on held.provider_id = place.provider and held.sharer = place.sharer and held.due_at > @now and held.due_at <= @latest
         where held.lease_owner is not null) inhand
        """;

    /// <summary>When a lease that is taken now has ended, whichever node takes it.</summary>
    public static long Latest(long now) => now + (long)MailOptions.LongestLease.TotalMilliseconds;
}
