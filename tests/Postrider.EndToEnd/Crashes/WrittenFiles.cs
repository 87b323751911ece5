using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What a process wrote to a database and its log, call by call as strace tells it, and what a disk may hold of it when the power
/// fails: everything that was flushed; of the rest any part, in any order, sector by sector.</summary>
internal sealed partial class WrittenFiles
{
    private const int Sector = 512, FrameHeader = 24;

    private readonly List<Event> events = [];

    private abstract record Event;

    private sealed record Written(string File, long At, byte[] Bytes) : Event;

    private sealed record Cut(string File, long Length) : Event;

    /// <param name="Until">So many events had been told when the flush began: those it covers.</param>
    private sealed record Flushed(string File, int Until) : Event;

    private sealed record Promised(string Id) : Event;

    public int Events => events.Count;

    /// <summary>How many events end with the first promise: what comes before it is the making of an empty database.</summary>
    public int FirstPromise => 1 + events.FindIndex(one => one is Promised);

    /// <summary>Which event wrote these words first.</summary>
    public int FirstWith(string words) => Array.FindIndex([.. events], one => one is Written write && write.Bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(words)) >= 0);

    /// <summary>Messages that were answered with 250.</summary>
    public int Promises => events.OfType<Promised>().Count();

    /// <summary>Promises before which the transaction that holds their message was written to the log, to its end, and flushed. The messages
    /// come one after another; what others write beside them does not count.</summary>
    public int PromisesAfterFlush
    {
        get
        {
            var (kept, covered, from) = (0, -1, 0);
            foreach (var (at, one) in events.Index())
                switch (one)
                {
                    case Flushed flush when IsLog(flush.File):
                        covered = Math.Max(covered, flush.Until);
                        break;
                    case Promised promise:
                        kept += EndOfTransaction(promise.Id, from, at) < covered ? 1 : 0;
                        from = at;
                        break;
                }
            return kept;
        }
    }

    /// <returns>Which event wrote the last page of the transaction that has this id in it; beyond all of them when none did.</returns>
    private int EndOfTransaction(string id, int from, int to)
    {
        var (text, begun, last) = (Encoding.ASCII.GetBytes(id), false, false);
        for (var at = from; at < to; at++)
            if (events[at] is Written write && IsLog(write.File))
            {
                begun |= write.Bytes.AsSpan().IndexOf(text) >= 0;
                if (begun && last)
                    return at;
                // The header of a frame: that of a transaction's last has the size of the database in it (https://www.sqlite.org/fileformat2.html#walformat).
                last = write.Bytes is { Length: FrameHeader } header && BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) > 0;
            }
        return int.MaxValue;
    }

    /// <summary>Writes to the database itself, from the log.</summary>
    public int CheckpointWrites => events.OfType<Written>().Count(write => !IsLog(write.File));

    private static bool IsLog(string file) => file.EndsWith("-wal", StringComparison.Ordinal);

    /// <summary>A program under which a gateway is started, so that what it writes can be read from a file.</summary>
    /// <remarks>-D: the tracer is the grandchild, so that the process that is started is the gateway itself.</remarks>
    public static string[] Tracer(string file)
    {
        Assert.True(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "strace"))),
            "This test watches the system calls of the gateway: install strace (Debian and Ubuntu: apt-get install strace).");
        return ["strace", "-D", "-f", "--seccomp-bpf", "-yy", "-xx", "-s", "70000", "-e", "trace=fsync,fdatasync,ftruncate,pwrite64,write,sendto,sendmsg", "-o", file];
    }

    /// <summary>Waits for the end of the program, and reads what it wrote.</summary>
    public static async Task<WrittenFiles> ReadAsync(string trace)
    {
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(File.ReadLines(trace).LastOrDefault() is { } end && end.Contains("+++ ", StringComparison.Ordinal) ? end : null), "the trace is complete");
        return Read(File.ReadLines(trace), "250 2.0.0 Stored as ");
    }

    /// <param name="lines">Of strace with -f, -yy and -xx.</param>
    /// <param name="reply">What comes before the id in a reply of 250.</param>
    private static WrittenFiles Read(IEnumerable<string> lines, string reply)
    {
        var (files, flushing) = (new WrittenFiles(), new Dictionary<string, Flushed>());
        foreach (var line in lines)
        {
            var thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            if (line.Contains("sync resumed>", StringComparison.Ordinal) && flushing.Remove(thread, out var flush))
                files.events.Add(flush);
            else if (Call().Match(line) is { Success: true } call)
                files.Take(call, thread, line.EndsWith("<unfinished ...>", StringComparison.Ordinal), reply, flushing);
        }
        return files;
    }

    private void Take(Match call, string thread, bool unfinished, string reply, Dictionary<string, Flushed> flushing)
    {
        var (name, rest) = (call.Groups["name"].Value, call.Groups["rest"].Value);
        var file = call.Groups["file"].Value.StartsWith("\\x", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Bytes($"\"{call.Groups["file"].Value}\"")) : "";
        var isDatabase = file.EndsWith(".db", StringComparison.Ordinal) || IsLog(file);
        switch (name)
        {
            case "pwrite64" when isDatabase:
                var numbers = rest[(rest.LastIndexOf('"') + 1)..].Split([',', ')', '<'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                var bytes = Bytes(rest);
                if (bytes.Length != int.Parse(numbers[0], CultureInfo.InvariantCulture))
                    throw new InvalidDataException("strace cut a write short: its -s is too small.");
                events.Add(new Written(file, long.Parse(numbers[1], CultureInfo.InvariantCulture), bytes));
                break;
            case "ftruncate" when isDatabase:
                events.Add(new Cut(file, long.Parse(rest.Trim(',', ' ').Split(')', '<')[0], CultureInfo.InvariantCulture)));
                break;
            case "fsync" or "fdatasync" when isDatabase:
                var flush = new Flushed(file, events.Count);
                if (unfinished)
                    flushing[thread] = flush;
                else
                    events.Add(flush);
                break;
            case "sendto" or "sendmsg" or "write" when !isDatabase && rest.Contains('"'):
                var text = Encoding.Latin1.GetString(Bytes(rest));
                foreach (var part in text.Split(reply).Skip(1))
                    events.Add(new Promised(part[..part.AsSpan().IndexOfAnyExceptInRange('0', 'z')]));
                break;
        }
    }

    private static byte[] Bytes(string rest) =>
        Convert.FromHexString(string.Concat(rest.Split('"').Where((_, part) => part % 2 == 1)).Replace("\\x", "", StringComparison.Ordinal));

    /// <summary>Lays down what a disk may hold when the power fails behind so many events, over what is in the directory.</summary>
    /// <returns>The ids that had been promised by then.</returns>
    public List<string> LayDown(int count, string directory, Random chance)
    {
        // What is written before the last flush of its file is there. Of what comes later each sector may be there or not.
        var (safe, luck) = (new Dictionary<string, int>(), chance.NextDouble());
        foreach (var flush in events.Take(count).OfType<Flushed>())
            safe[flush.File] = Math.Max(safe.GetValueOrDefault(flush.File), flush.Until);
        var disk = new Dictionary<string, SafeFileHandle>();
        for (var at = 0; at < count; at++)
            switch (events[at])
            {
                case Written write when at < safe.GetValueOrDefault(write.File):
                    RandomAccess.Write(Open(write.File), write.Bytes, write.At);
                    break;
                case Written write:
                    for (var sector = 0; sector < write.Bytes.Length; sector += Sector)
                        if (chance.NextDouble() < luck)
                            RandomAccess.Write(Open(write.File), write.Bytes.AsSpan(sector, Math.Min(Sector, write.Bytes.Length - sector)), write.At + sector);
                    break;
                case Cut cut when at < safe.GetValueOrDefault(cut.File) || chance.NextDouble() < luck:
                    RandomAccess.SetLength(Open(cut.File), cut.Length);
                    break;
            }
        foreach (var file in disk.Values)
            file.Dispose();
        return [.. events.Take(count).OfType<Promised>().Select(promise => promise.Id)];

        SafeFileHandle Open(string file) => disk.TryGetValue(file, out var open) ? open
            : disk[file] = File.OpenHandle(Path.Combine(directory, Path.GetFileName(file)), FileMode.OpenOrCreate, FileAccess.ReadWrite);
    }

    [GeneratedRegex(@"^\d+ +(?<name>[a-z0-9]+)\(\d+<(?<file>[^>]*)>+(?<rest>.*)$")]
    private static partial Regex Call();
}
