using Postrider.Mail.Queue;

namespace Postrider.Server.Api;

/// <summary>What a person may do to one message or to all that a filter reaches.</summary>
/// <param name="Done">The word for it afterwards, in the audit log.</param>
/// <param name="Otherwise">What a message is that the act does not reach.</param>
/// <param name="Reaches">What it is otherwise, as a condition on <c>messages m</c> and <c>queue q</c>; being sent at the moment is not in it.</param>
internal sealed record MessageAct(string Name, string Done, string One, string Many, string Otherwise, string Reaches,
    Func<MessageQueue, IReadOnlyCollection<string>, string, CancellationToken, Task<IReadOnlyList<string>>> DoAsync)
{
    public const string Retry = "retry", Cancel = "cancel", Hold = "hold", Release = "release", Expire = "expire";

    /// <summary>One request reaches at most so many messages; it says how many, and can be repeated.</summary>
    public const int MostAtOnce = 10_000;

    public static readonly IReadOnlyList<MessageAct> All =
    [
        new(Retry, "retried", "Tries a message again now", "Tries all that the filter reaches", "being sent, or all its recipients have it or are on the suppression list", "m.state <> 'sent'",
            (queue, ids, actor, cancellation) => queue.RetryAsync(ids, actor, cancellation)),
        new(Cancel, "cancelled", "Stops trying", "Stops trying all that the filter reaches", "being sent at this moment, or finished", "m.state = 'queued'",
            (queue, ids, actor, cancellation) => queue.CancelAsync(ids, actor, cancellation)),
        new(Hold, "held", "Holds a message back until it is released", "Holds back all that the filter reaches", "being sent at this moment, held already, or finished", "m.state = 'queued' and q.held_at is null",
            (queue, ids, actor, cancellation) => queue.HoldAsync(ids, actor, cancellation)),
        new(Release, "released", "Lets a held message go again", "Releases all that the filter reaches", "not held", "q.held_at is not null",
            (queue, ids, actor, cancellation) => queue.ReleaseHeldAsync(ids, actor, cancellation)),
        new(Expire, "given up", "Gives a message up now; its sender is told", "Gives up all that the filter reaches", "being sent at this moment, or finished", "m.state = 'queued'",
            (queue, ids, actor, cancellation) => queue.ExpireAsync(ids, actor, cancellation)),
    ];

    public static MessageAct? Find(string? name) => All.FirstOrDefault(act => act.Name == name);
}
