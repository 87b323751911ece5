namespace Postrider.Bench;

/// <summary>What a run measures and how often.</summary>
/// <param name="Names">Scenarios to run; empty: all.</param>
/// <param name="Other">The program of another build, to be compared with.</param>
internal sealed record Settings(bool Quick, int Runs, IReadOnlyList<string> Names, string? ReportFile, string? Other)
{
    public const int MessageBytes = 4096, Sessions = 20;

    /// <summary>What the million is: a tenth of it in the short form, which says so.</summary>
    public int Backlog => Quick ? 100_000 : 1_000_000;

    public int Providers => Quick ? 1_000 : 10_000;

    /// <summary>Messages of one measurement by a program that takes thousands a second.</summary>
    public int Many => Quick ? 5_000 : 40_000;

    /// <summary>And by one that takes hundreds.</summary>
    public int Few => Quick ? 500 : 2_000;

    /// <summary>When the run gives up what it has not begun.</summary>
    public TimeSpan UpperBound => TimeSpan.FromMinutes(Quick ? 5 : 25);

    /// <returns>Null after a message about what is wrong.</returns>
    public static Settings? Read(string[] args, IReadOnlyCollection<string> known)
    {
        var (quick, runs, names, report, compared) = (false, (int?)null, new List<string>(), (string?)null, (string?)null);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--runs" when i + 1 < args.Length && int.TryParse(args[i + 1], out var count) && count is > 0 and < 100:
                    (runs, i) = (count, i + 1);
                    break;
                case "--report" when i + 1 < args.Length:
                    report = args[++i];
                    break;
                case "--other" when i + 1 < args.Length && File.Exists(args[i + 1]):
                    compared = Path.GetFullPath(args[++i]);
                    break;
                case "--other":
                    Console.Error.WriteLine($"bench: --other takes the program of another build, such as ../before/artifacts/bin/Postrider.Cli/release/postrider; {(i + 1 < args.Length ? args[i + 1] + " is no file" : "there is none behind it")}.");
                    return null;
                case var name when known.Contains(name):
                    names.Add(name);
                    break;
                case var other:
                    Console.Error.WriteLine($"bench: {other} is not a scenario or an option. Options: --quick, --runs N, --report FILE, --other PROGRAM (another build's postrider, which takes turns with this one in the scenario engines). Scenarios: {string.Join(", ", known)}. Or: micro, and what BenchmarkDotNet takes.");
                    return null;
            }
        }
        return new Settings(quick, runs ?? (quick ? 1 : 3), names, report, compared);
    }
}
