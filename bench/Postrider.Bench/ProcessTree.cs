using System.Globalization;

namespace Postrider.Bench;

/// <summary>A program with all its children: their processor time, also of those that have ended, and their memory.</summary>
internal static class ProcessTree
{
    // Linux counts processor time for programs in hundredths of a second, whatever the kernel's own clock.
    private const double TicksPerSecond = 100;

    public static TimeSpan Cpu(int root) => TimeSpan.FromSeconds(Members(root).Sum(pid => Stat(pid) is { } stat ? stat.Skip(11).Take(4).Sum(Number) : 0) / TicksPerSecond);

    /// <summary>Proportional set size: what several processes share counts once.</summary>
    public static double Megabytes(int root) => Members(root).Sum(pid => Kilobytes($"/proc/{pid}/smaps_rollup", "Pss:")) / 1024;

    public static double ResidentMegabytes(int pid) => Kilobytes($"/proc/{pid}/status", "VmRSS:") / 1024;

    private static List<int> Members(int root)
    {
        var parents = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0]))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Select(pid => (pid, stat: Stat(pid))).Where(entry => entry.stat is not null)
            .ToLookup(entry => (int)Number(entry.stat![1]), entry => entry.pid);
        List<int> members = [root];
        for (var i = 0; i < members.Count; i++)
            members.AddRange(parents[members[i]]);
        return members;
    }

    /// <summary>The fields from the third on: the second, a name, may hold blanks.</summary>
    private static string[]? Stat(int pid) => Read($"/proc/{pid}/stat") is { } text ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : null;

    private static double Kilobytes(string file, string field) => Read(file)?.Split('\n').FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
        ? Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) : 0;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null; // It has ended meanwhile.
        }
    }
}
