using System.Diagnostics;
using System.Globalization;
using Postrider.EndToEnd.Running;
using Postrider.Soak;

// Lets faults happen for minutes, not seconds, and writes what came of it. The short forms run with every change: ./test.sh EndToEnd.
var all = new Dictionary<string, Func<Soak, Task<Result>>>
{
    ["kills"] = KillScenario.RunAsync,
    ["node-kills"] = NodeScenarios.KillsAsync,
    ["database-restarts"] = DatabaseScenarios.RestartsAsync,
    ["snapshot"] = DatabaseScenarios.SnapshotAsync,
    ["pace"] = NodeScenarios.PaceAsync,
    ["upgrade"] = NodeScenarios.UpgradeAsync,
    ["overload"] = LoadScenarios.OverloadAsync,
    ["endurance"] = LoadScenarios.EnduranceAsync,
    ["idle-clients"] = CrowdScenarios.IdleAsync,
    ["slow-clients"] = CrowdScenarios.SlowAsync,
    ["fairness"] = LoadScenarios.FairnessAsync,
    ["providers"] = ProvidersScenario.RunAsync,
};
var (seed, minutes, times, previous, report, names) = (Random.Shared.Next(1, 1_000_000), 3.0, 1, (string?)null, (string?)null, new List<string>());
for (var at = 0; at < args.Length; at++)
    switch (args[at])
    {
        case "--seed" when at + 1 < args.Length && int.TryParse(args[at + 1], CultureInfo.InvariantCulture, out var given):
            (seed, at) = (given, at + 1);
            break;
        case "--minutes" when at + 1 < args.Length && double.TryParse(args[at + 1], CultureInfo.InvariantCulture, out var given) && given > 0:
            (minutes, at) = (given, at + 1);
            break;
        case "--clock" when at + 1 < args.Length && int.TryParse(args[at + 1], CultureInfo.InvariantCulture, out var given) && given > 0:
            (times, at) = (given, at + 1);
            break;
        case "--previous" when at + 1 < args.Length:
            previous = args[++at];
            break;
        case "--report" when at + 1 < args.Length:
            report = args[++at];
            break;
        case var name when all.ContainsKey(name):
            names.Add(name);
            break;
        case var other:
            Console.Error.WriteLine($"soak: {other} is not a scenario or an option. Options: --minutes N (for each scenario), --seed N, --clock N (every clock goes N times as fast: minutes and rates are by it), --previous EXECUTABLE, --report FILE. Scenarios: {string.Join(", ", all.Keys)}.");
            return 2;
    }

// Of a process that runs the clock is settled: another one goes by it, with everything that it starts.
var clock = FakeClock.Faster(times);
if (times > 1 && Environment.GetEnvironmentVariable("FAKETIME") != clock["FAKETIME"])
{
    var start = new ProcessStartInfo(Environment.ProcessPath!, args);
    foreach (var (name, value) in clock)
        start.Environment[name] = value;
    using var faster = Process.Start(start)!;
    await faster.WaitForExitAsync();
    return faster.ExitCode;
}

var failed = 0;
foreach (var (name, run) in all.Where(entry => names.Count == 0 || names.Contains(entry.Key)))
{
    Console.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {name}, seed {seed}, {minutes} minutes{(times > 1 ? $" by a clock {times} times as fast" : "")}");
    var soak = new Soak(seed, TimeSpan.FromMinutes(minutes), previous, times);
    try
    {
        var result = await run(soak);
        Console.WriteLine($"{result.Number} {(result.Met ? "met" : "NOT MET")}: {result.Measured}");
        failed += result.Met ? 0 : 1;
        if (report is not null)
            Report.Put(report, result, soak);
    }
    catch (Exception wrong) when (wrong is not OutOfMemoryException)
    {
        failed++;
        Console.WriteLine($"{name} broke: {wrong}");
    }
}
return failed == 0 ? 0 : 1;
