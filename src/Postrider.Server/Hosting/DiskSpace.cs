using System.Globalization;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Watch;
using Postrider.Mail.Alerts;

namespace Postrider.Server.Hosting;

/// <summary>The room on the disk that holds everything.</summary>
internal sealed class DiskSpace(DataDirectory data, IOptions<AlertOptions> options) : IFindingSource
{
    private const long Scarce = 1L << 30;

    /// <param name="Free">Octets for us.</param>
    public sealed record Room(long Free, long Total, bool Low)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Free / (double)(1L << 30):0.0} GiB of {Total / (double)(1L << 30):0.0} GiB are free");
    }

    public Room Now()
    {
        var drive = new DriveInfo(data.Path);
        var (free, total) = (drive.AvailableFreeSpace, drive.TotalSize);
        return new Room(free, total, free < Math.Min(Scarce, total / 2) || free < total * options.Value.FreeShare);
    }

    public const string Remedy = "Free some space, or enlarge the disk. When little is left, mail is refused for the time being (452, 503); what was accepted goes on being sent.";

    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Finding>>(Now() is { Low: true } room
        ? [new Finding("storage", FindingKind.Storage, FindingSeverity.Error, "The disk that holds the mail is nearly full.", $"{room} at {data.Path}.", Remedy) { Local = true }] : []);
}
