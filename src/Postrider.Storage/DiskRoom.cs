namespace Postrider.Storage;

/// <summary>The room on the disk of an embedded database. The last of it is not for new mail: what becomes of the mail that was accepted
/// must be written too, or a full disk would stop the sending that empties the queue.</summary>
internal sealed class DiskRoom(string file, TimeProvider time)
{
    private const long MostKept = 64 << 20;

    /// <summary>What is stored lies in the log, then in the database, and before that, when it is large, in a temporary file.</summary>
    private const int Copies = 3;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly DriveInfo drive = new(Path.GetDirectoryName(Path.GetFullPath(file))!);
    private long measured = long.MinValue;
    private long left;

    /// <summary>Whether so many octets of a new message may be stored. The disk is asked once a second, and when what it had then is used up.</summary>
    public bool Has(long octets)
    {
        lock (gate)
        {
            left -= octets * Copies;
            if (left <= 0 || measured == long.MinValue || time.GetElapsedTime(measured) > Fresh)
            {
                left = drive.AvailableFreeSpace - Math.Min(MostKept, drive.TotalSize / 4) - octets * Copies;
                measured = time.GetTimestamp();
            }
            return left > 0;
        }
    }
}
