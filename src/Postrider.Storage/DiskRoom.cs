namespace Postrider.Storage;

/// <summary>The room on the disk of an embedded database. The last of it is not for new mail: what becomes of the mail that was accepted
/// must be written too, or a full disk would stop the sending that empties the queue.</summary>
internal sealed class DiskRoom(string file, TimeProvider time)
{
    private const long MostKept = 64 << 20;

    /// <summary>What is stored lies in the log, then in the database, and before that, when it is large, in a temporary file. Beside it
    /// there are its rows, and the pages of the log that they change.</summary>
    private const int Copies = 3, RowsOfOne = 16 << 10;

    /// <summary>Thousands of messages a second, or another program, soon use up what a small disk had.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly DriveInfo drive = new(Path.GetDirectoryName(Path.GetFullPath(file))!);
    private long measured = long.MinValue;
    private long left;

    /// <summary>How far the log may grow before it is copied into the database: less than what is kept.</summary>
    public long LongestLog => Kept / 4;

    private long Kept => Math.Min(MostKept, drive.TotalSize / 4);

    /// <summary>The disk was full, whatever it had when it was asked.</summary>
    public void AskAnew()
    {
        lock (gate)
            measured = long.MinValue;
    }

    /// <summary>Whether so many octets of a new message may be stored. The disk is asked now and then, and when what it had then is used up.</summary>
    public bool Has(long octets)
    {
        lock (gate)
        {
            var needed = octets * Copies + RowsOfOne;
            left -= needed;
            if (left <= 0 || measured == long.MinValue || time.GetElapsedTime(measured) > Fresh)
            {
                left = drive.AvailableFreeSpace - Kept - needed;
                measured = time.GetTimestamp();
            }
            return left > 0;
        }
    }
}
