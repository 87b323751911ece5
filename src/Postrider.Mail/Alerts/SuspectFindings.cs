using System.Globalization;
using Postrider.Accounts.Watch;
using Postrider.Mail.Queue;

namespace Postrider.Mail.Alerts;

/// <summary>Messages that are held because the gateway stopped each time it sent them: somebody must know, of the message and of the stops.</summary>
internal sealed class SuspectFindings(MessageQueue queue) : IFindingSource
{
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) =>
        await queue.QuarantinedAsync(cancellation) is { Count: > 0 and var count, First: var first }
            ? [new Finding("quarantine", FindingKind.Quarantine, FindingSeverity.Error,
                count == 1 ? "A message is held because Postrider stopped whenever it sent it." : string.Create(CultureInfo.InvariantCulture, $"{count:N0} messages are held because Postrider stopped whenever it sent them."),
                MessageQueue.Quarantined,
                $"Find out why Postrider stopped, then release what is held, or cancel it:\n    postrider message list --state held\n    postrider message release {first}")]
            : [];
}
