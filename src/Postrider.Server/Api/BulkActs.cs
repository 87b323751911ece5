using Postrider.Client;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Api;

/// <summary>Acts on all that a filter means, however many, in requests that each take a while: from the newest on, some at a time, each of
/// them once. An answer says how many were reached and where the next request goes on. What comes in meanwhile is newer, and left alone.</summary>
internal sealed class BulkActs(MessageQueue queue, MessageHistory history, IHostApplicationLifetime life, TimeProvider time)
{
    private const int AtOnce = 500;

    /// <summary>Nobody who stands in between gives up waiting for an answer sooner.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <param name="most">As many at most.</param>
    /// <param name="left">Nobody waits for the answer any more: what was begun is finished, and no more is.</param>
    public Task<MessagesChanged> DoAsync(MessageAct act, MessageFilter filter, int most, string actor, CancellationToken left) =>
        WalkAsync(act, filter, most, async ids => (await act.DoAsync(queue, ids, actor, CancellationToken.None)).Count, left);

    /// <summary>Counts what the act would reach.</summary>
    /// <inheritdoc cref="DoAsync"/>
    public Task<MessagesChanged> CountAsync(MessageAct act, MessageFilter filter, int most, CancellationToken left) =>
        WalkAsync(act, filter, most, ids => Task.FromResult(ids.Count), left);

    private async Task<MessagesChanged> WalkAsync(MessageAct act, MessageFilter filter, int most, Func<IReadOnlyList<string>, Task<int>> step, CancellationToken left)
    {
        var (count, cursor, began) = (0, filter.Cursor, time.GetTimestamp());
        do
        {
            (var ids, cursor) = await history.NextAsync(filter with { Cursor = cursor }, act.Reach, Math.Min(AtOnce, most - count), CancellationToken.None);
            count += await step(ids);
        }
        while (cursor is not null && count < most && time.GetElapsedTime(began) < Patience && !left.IsCancellationRequested && !life.ApplicationStopping.IsCancellationRequested);
        return new MessagesChanged { Count = count, NextCursor = cursor };
    }
}
