using Postrider.Mail.Queue;

namespace Postrider.Server.Api;

/// <summary>What a person may do to one message or to all that a filter reaches.</summary>
/// <param name="Done">The word for it afterwards, in the audit log.</param>
/// <param name="Otherwise">What a message is that the act does not reach.</param>
internal sealed record MessageAct(string Name, string Done, string One, string Many, string Otherwise, MessageReach Reach,
    Func<MessageQueue, IReadOnlyCollection<string>, string, CancellationToken, Task<IReadOnlyList<string>>> DoAsync)
{
    public const string Retry = "retry", Cancel = "cancel", Hold = "hold", Release = "release", Expire = "expire";

    public static readonly IReadOnlyList<MessageAct> All =
    [
        new(Retry, "retried", "Tries a message again now", "Tries all that the filter reaches", "being sent, or all its recipients have it or are on the suppression list", MessageReach.Retry,
            (queue, ids, actor, cancellation) => queue.RetryAsync(ids, actor, cancellation)),
        new(Cancel, "cancelled", "Stops trying", "Stops trying all that the filter reaches", "being sent at this moment, or finished", MessageReach.Cancel,
            (queue, ids, actor, cancellation) => queue.CancelAsync(ids, actor, cancellation)),
        new(Hold, "held", "Holds a message back until it is released", "Holds back all that the filter reaches", "being sent at this moment, held already, or finished", MessageReach.Hold,
            (queue, ids, actor, cancellation) => queue.HoldAsync(ids, actor, cancellation)),
        new(Release, "released", "Lets a held message go again", "Releases all that the filter reaches", "not held", MessageReach.Release,
            (queue, ids, actor, cancellation) => queue.ReleaseHeldAsync(ids, actor, cancellation)),
        new(Expire, "given up", "Gives a message up now; its sender is told", "Gives up all that the filter reaches", "being sent at this moment, or finished", MessageReach.Expire,
            (queue, ids, actor, cancellation) => queue.ExpireAsync(ids, actor, cancellation)),
    ];

    public static MessageAct? Find(string? name) => All.FirstOrDefault(act => act.Name == name);
}
