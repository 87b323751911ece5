namespace Postrider.Mail.Queue;

/// <summary>The places of the queue, a provider and somebody whose mail waits for it, and what is looked for in each: steps from one to the
/// next through the index, as cheap with a million messages as with one: the next of the same provider, or else the next provider's first.
/// What is in a place is cross joined: SQLite keeps to that order, where of a join it may make a walk over the whole queue that looks for the place.</summary>
internal static class QueuePlaces
{
    private const string Each = """
        with recursive place(provider, sharer) as (
            select provider_id, sharer from (select provider_id, sharer from queue order by provider_id, sharer limit 1) first
            union all
            select next.provider_id, next.sharer from place join queue next on next.message_id = coalesce(
                (select message_id from queue where provider_id = place.provider and sharer > place.sharer order by sharer limit 1),
                (select message_id from queue where provider_id > place.provider order by provider_id, sharer limit 1)))
        """;

    /// <summary>Those whose mail waits for <c>@provider</c>, beginning behind <c>@after</c>, <c>@max</c> at most.</summary>
    public const string NextSharers = """
        with recursive behind(id, place) as (
            select (select min(sharer) from queue where provider_id = @provider and sharer > @after), 1
            union all
            select (select min(next.sharer) from queue next where next.provider_id = @provider and next.sharer > behind.id), place + 1
            from behind where behind.id is not null and place < @max),
        first(id, place) as (
            select (select min(sharer) from queue where provider_id = @provider and sharer <= @after), 1
            union all
            select (select min(next.sharer) from queue next where next.provider_id = @provider and next.sharer > first.id and next.sharer <= @after), place + 1
            from first where first.id is not null and place < @max)
        select id from (select id, place, 1 as part from behind union all select id, place, 2 as part from first) found
        where id is not null order by part, place limit @max
        """;

    /// <summary>The providers that have mail waiting, with the moment that the first of it is due.</summary>
    public const string Waiting = $"""
        {Each}
        select provider as provider_id, min((select min(due_at) from queue where provider_id = place.provider and sharer = place.sharer)) as due_at
        from place group by provider
        """;

    /// <summary>What somebody has claimed and may send, as <c>message_id</c> and <c>lease_owner</c>: it is due when its lease ends, and that
    /// is after <c>@now</c> and not after <see cref="Latest"/>.</summary>
    public const string InHand = $"""
        ({Each}
         select held.message_id, held.lease_owner from place cross join queue held
         where held.provider_id = place.provider and held.sharer = place.sharer and held.due_at > @now and held.due_at <= @latest
           and held.lease_owner is not null) inhand
        """;

    /// <summary>What is not due yet: in hand, held, handed in for later, or waiting for the next try.</summary>
    public const string Later = $"""
        ({Each}
         select later.* from place cross join queue later
         where later.provider_id = place.provider and later.sharer = place.sharer and later.due_at > @now) later
        """;

    /// <summary>When a lease that is taken now has ended, whichever node takes it.</summary>
    public static long Latest(long now) => now + (long)MailOptions.LongestLease.TotalMilliseconds;
}
