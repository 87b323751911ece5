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

    private readonly ILookup<string, ReceivedMessage> byId;

    public Arrivals(SimulatorApp simulator, SubmissionLoad load)
    {
        byId = simulator.State.Messages.Read().ToLookup(message => message.MessageId);
        Lost = [.. load.Accepted.Where(id => !byId.Contains(id))];
        Foreign = [.. byId.Select(group => group.Key).Where(id => !load.Accepted.Contains(id) && !load.Unanswered.Contains(id))];
        Changed = [.. byId.Where(group => group.Any(copy =>
            !Encoding.ASCII.GetString(simulator.State.Messages.Raw(copy.Id)!).EndsWith(load.Content(group.Key), StringComparison.Ordinal))).Select(group => group.Key)];
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
}
