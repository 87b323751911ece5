using Microsoft.Extensions.Options;
using Postrider.Mail.Queue;

namespace Postrider.Mail.Delivery;

/// <summary>What the process held on a shared database that used this data directory before. It is gone for certain where the directory's
/// lock is ours and nothing but that process was replaced: its messages and lanes need not wait for the end of their leases.</summary>
internal sealed class FormerProcess(MessageQueue queue, IOptions<MailOptions> options)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>Ends the leases of the former process and leaves this one's name for the next.</summary>
    /// <returns>How many messages it had in hand.</returns>
    public async Task<int> TakeOverAsync(CancellationToken cancellation)
    {
        if (options.Value.NodeFile is not { Length: > 0 } file || Place(file) is not { } place)
            return 0;
        var freed = File.Exists(file) && await File.ReadAllLinesAsync(file, cancellation) is [var left, var owner] && left == place
            ? await queue.FreeAbandonedAsync(owner, cancellation)
            : 0;
        await File.WriteAllLinesAsync(file, [place, queue.Owner], cancellation);
        return freed;
    }

    // A copy of the directory, on another machine, in another container or beside it, must not take the leases of a living node. The
    // number is drawn anew with each start of a machine: after that, its connections may stay open at the provider for a while.
    private static string? Place(string file) => File.Exists(BootId) ? $"{File.ReadAllText(BootId).Trim()} {Environment.MachineName} {Path.GetFullPath(file)}" : null;
}
