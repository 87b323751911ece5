using Postrider.Accounts.Watch;
using Postrider.Mail.Delivery;

namespace Postrider.Mail.Alerts;

/// <summary>A node that has gone without taking leave, or whose machine has the wrong time.</summary>
internal sealed class NodeFindings(Nodes nodes) : IFindingSource
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) =>
        [.. (await nodes.NamesAsync(cancellation)).Where(node => node.Warning is not null).Select(node => node.IsLive
            ? new Finding($"clock:{node.Id}", FindingKind.Node, FindingSeverity.Warning, $"The clock of the node {node.Name} is wrong.", node.Warning!, "Set it by the network's time:\n    timedatectl set-ntp true")
            : new Finding($"node:{node.Id}", FindingKind.Node, FindingSeverity.Warning, $"The node {node.Name} is missing.", $"{node.Warning} It was last seen at {node.SeenAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC.",
                $"See whether it runs and reaches the database: its log says why it does not. A node that is gone for good is forgotten in the console (Settings, System), or by itself after {Nodes.ShowMissing.TotalHours:0} hours."))];
}
