using System.CommandLine;

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

    /// <summary>The command line: what follows from it is run by the given function, <c>micro</c> by BenchmarkDotNet.</summary>
    public static RootCommand Command(IEnumerable<string> known, Func<Settings, Task<int>> run)
    {
        var quick = new Option<bool>("--quick") { Description = "The short form: one run, fewer messages, a tenth of the million." };
        var runs = new Option<int?>("--runs") { HelpName = "n", Description = "How often each scenario is measured (default 3)." };
        var report = new Option<FileInfo>("--report") { HelpName = "file", Description = "Where the figures are put, such as docs/performance.md." }.AcceptExistingOnly();
        var other = new Option<FileInfo>("--other")
        {
            HelpName = "program", Description = "Another build's postrider, such as ../before/artifacts/bin/Postrider.Cli/release/postrider, which takes turns with this one in the scenario engines.",
        }.AcceptExistingOnly();
        var names = new Argument<string[]>("scenario") { Description = "What is measured; everything by default." }.AcceptOnlyFromAmong([.. known]);
        runs.Validators.Add(given => { if (given.GetValue(runs) is < 1 or > 99) given.AddError("--runs must be from 1 to 99."); });
        var micro = new Command("micro", "Times the parser, the catalogue of failures and the queue alone. What follows goes to BenchmarkDotNet, such as --filter '*Queue*'.") { TreatUnmatchedTokensAsErrors = false };
        micro.SetAction(given => Micro.MicroBenchmarks.Run([.. given.UnmatchedTokens]));
        var command = new RootCommand("Measures this build and its peers on this machine, on the same work in the same run.") { quick, runs, report, other, names, micro };
        command.SetAction((given, _) => run(new Settings(given.GetValue(quick), given.GetValue(runs) ?? (given.GetValue(quick) ? 1 : 3), given.GetValue(names)!,
            given.GetValue(report)?.FullName, given.GetValue(other)?.FullName)));
        return command;
    }
}
