using System.Text;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What the provider received, held against what the load was told.</summary>
internal sealed class Arrivals
{
    /// <summary>What one gateway has on its way at once: connections, and messages in one write of each.</summary>
    public const int Lanes = 20, MessagesTogether = 4;

    private readonly IReadOnlyList<ReceivedMessage> received;
    private readonly ILookup<string, ReceivedMessage> byId;

    public Arrivals(SimulatorApp simulator, SubmissionLoad load)
    {
        received = simulator.State.Messages.Read();
        byId = received.ToLookup(message => message.MessageId);
        var (accepted, unanswered) = (load.Accepted, load.Unanswered);
        Lost = [.. accepted.Where(id => !byId.Contains(id))];
        Foreign = [.. byId.Select(group => group.Key).Where(id => !accepted.Contains(id) && !unanswered.Contains(id))];
        Changed = [.. byId.Where(group => accepted.Contains(group.Key) && group.Any(copy =>
            simulator.State.Messages.Raw(copy.Id) is { } raw && !Encoding.ASCII.GetString(raw).EndsWith(load.Content(group.Key), StringComparison.Ordinal))).Select(group => group.Key)];
        Duplicated = byId.Where(group => group.Count() > 1).ToDictionary(group => group.Key, group => group.Count());
    }

    /// <summary>Answered with 250 and never arrived.</summary>
    public IReadOnlyList<string> Lost { get; }

    /// <summary>Arrived although nobody handed them in.</summary>
    public IReadOnlyList<string> Foreign { get; }

    /// <summary>Arrived with other content.</summary>
    public IReadOnlyList<string> Changed { get; }

    /// <summary>Arrived more than once, and how often.</summary>
    public IReadOnlyDictionary<string, int> Duplicated { get; }

    public int Distinct => byId.Count;

    /// <summary>The longest that a process was ready before anything of its arrived. One that was killed before counts for as long as it
    /// lived: that nothing is sent while nothing runs says nothing of how long a start takes.</summary>
    /// <param name="lives">From ready to killed; the last ends when everything has arrived.</param>
    public TimeSpan LongestToFirst(IEnumerable<(DateTimeOffset Ready, DateTimeOffset Killed)> lives) => lives.Max(life =>
        received.Where(message => message.ReceivedAt >= life.Ready && message.ReceivedAt < life.Killed).Select(message => message.ReceivedAt).DefaultIfEmpty(life.Killed).Min() - life.Ready);

    /// <summary>Asks the gateway about a message: how many of its attempts does it call uncertain?</summary>
    public static async Task<int> UncertainAttemptsAsync(RunningGateway gateway, string messageId, CancellationToken cancellation)
    {
        var found = await gateway.Api.Messages.ListAsync(new MessageFilter { Query = messageId }, cancellation).ToListAsync(cancellation);
        var detail = await gateway.Api.Messages.GetAsync(Assert.Single(found).Id, cancellation);
        return detail.Attempts.Count(attempt => attempt.Outcome == "uncertain");
    }

    /// <summary>Waits until nothing is in the queue any more.</summary>
    public static Task QueueIsEmptyAsync(RunningGateway gateway, CancellationToken cancellation) => GatewayProcess.EventuallyAsync(
        async () => await gateway.Api.Messages.PageAsync(new MessageFilter { State = "queued" }, limit: 1, cancellation: cancellation) is { Items.Count: 0 } page ? page : null,
        "the queue is empty", TimeSpan.FromSeconds(60));

    /// <summary>Waits until nothing moves any more, releases what is held because the gateway died of it three times, and waits again.</summary>
    /// <returns>How many were held.</returns>
    public static async Task<int> ReleaseSuspectsAsync(RunningGateway gateway, CancellationToken cancellation)
    {
        await GatewayProcess.EventuallyAsync(async () => await CountAsync("queued") == await CountAsync("held") ? gateway : null, "what is not held has left", TimeSpan.FromSeconds(60));
        var held = await gateway.Api.Messages.ListAsync(new MessageFilter { State = "held" }, cancellation).ToListAsync(cancellation);
        foreach (var message in held)
            await gateway.Api.Messages.ReleaseAsync(message.Id, cancellation);
        await QueueIsEmptyAsync(gateway, cancellation);
        return held.Count;

        async Task<int> CountAsync(string state) => (await gateway.Api.Messages.PageAsync(new MessageFilter { State = state }, limit: 100, cancellation: cancellation)).Items.Count;
    }
}
