namespace Postrider.Mail.Queue;

/// <summary>What an act can do something about: the condition that its own statements have, for a search among many messages, of
/// <c>messages m</c> and their rows <c>q</c> of the queue, at the moment <c>@now</c>.</summary>
/// <param name="Waiting">It is all in the queue.</param>
public sealed record MessageReach(string Condition, bool Waiting)
{
    // Of a row of the queue.
    internal const string NotInHand = "(lease_owner is null or due_at <= @now)", IsFree = "lease_owner is null", IsHeld = "held_at is not null", CanBeHeld = $"held_at is null and {NotInHand}";

    // Of a recipient; and the first piece of a message's content, without which nothing can be sent again.
    internal const string NotReached = "state in ('failed', 'bounced', 'cancelled') and not exists (select 1 from suppressions where address = lower(recipients.address))";
    internal const string FirstPieceOf = "select number from contents where number = 0 and message_id =";

    public static readonly MessageReach Cancel = Queued(NotInHand), Expire = Queued(NotInHand), Hold = Queued(CanBeHeld), Release = Queued(IsHeld);

    /// <summary>What waits, and what has ended without reaching everybody.</summary>
    public static readonly MessageReach Retry = new($"""
        case when q.message_id is not null then {IsFree}
             else m.state in ('failed', 'bounced', 'cancelled') and exists ({FirstPieceOf} m.id)
                  and exists (select 1 from recipients where message_id = m.id and {NotReached}) end
        """, Waiting: false);

    private static MessageReach Queued(string condition) => new($"q.message_id is not null and {condition}", Waiting: true);
}
