using System.Diagnostics;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Measures this tree and its peers on this machine, on the same work in the same run. Load, server and stand-in share the machine's
/// cores, so read the figures as ratios.</summary>
internal static class Program
{
    private static readonly Dictionary<string, (Func<Bench, Task> Run, bool Once)> All = new()
    {
        ["raw"] = (Scenarios.RawAsync, false),
        ["end-to-end"] = (Scenarios.EndToEndAsync, false),
        ["per-connection"] = (Scenarios.PerConnectionAsync, false),
        ["engines"] = (Scenarios.EnginesAsync, false),
        ["accept"] = (Scenarios.AcceptAsync, false),
        ["drain"] = (Scenarios.DrainAsync, false),
        ["slow-network"] = (Scenarios.SlowNetworkAsync, false),
        ["latency"] = (Scenarios.LatencyAsync, false),
        ["memory"] = (Scenarios.MemoryAsync, false),
        ["backlog"] = (BacklogScenario.RunAsync, true),
        ["providers"] = (ProvidersScenario.RunAsync, true),
    };

    private static Task<int> Main(string[] args) => Settings.Command(All.Keys, RunAsync).Parse(args).InvokeAsync();

    private static async Task<int> RunAsync(Settings settings)
    {
        var clock = Stopwatch.StartNew();
        var figures = new Figures();
        var directory = Directory.CreateTempSubdirectory("postrider-bench-").FullName;
        try
        {
            await using var simulator = await SimulatorApp.StartAsync(new SimulatorOptions
            {
                RawBytesKept = 0, SmtpSettings = new SmtpSettings { Mechanisms = ["PLAIN", "LOGIN", "XOAUTH2"], PasswordsAllowed = true },
            });
            var bench = new Bench(settings, simulator, figures, directory);
            Console.WriteLine($"{settings.Runs} run(s), messages of {Settings.MessageBytes} octets, {Settings.Sessions} sessions, {Environment.ProcessorCount} cores");
            foreach (var (name, (run, once)) in All.Where(entry => settings.Names.Count == 0 || settings.Names.Contains(entry.Key)))
            {
                for (var i = 1; i <= (once ? 1 : settings.Runs); i++)
                {
                    if (clock.Elapsed > settings.UpperBound)
                    {
                        figures.Missing.Add($"{name}, run {i}: the run's time of {settings.UpperBound.TotalMinutes} minutes was over");
                        continue;
                    }
                    Console.WriteLine($"{clock.Elapsed:mm\\:ss} {name}, run {i} of {(once ? 1 : settings.Runs)}");
                    await bench.TryAsync(name, Bench.Ours, () => run(bench));
                    simulator.State.Messages.Clear();
                }
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
        var report = Report.Write(figures, settings, clock.Elapsed);
        Console.WriteLine(report);
        if (settings.ReportFile is { } file)
            Report.PutInto(file, report);
        return figures.Missing.Count == 0 ? 0 : 1;
    }
}
