using System.CommandLine;
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
    ["backlog"] = BacklogScenario.OnSqliteAsync,
    ["backlog-postgresql"] = BacklogScenario.OnPostgresAsync,
};
var minutes = new Option<double>("--minutes") { Description = "How long each scenario takes.", DefaultValueFactory = _ => 3 };
var seed = new Option<int>("--seed") { Description = "The same pauses, kills and messages as in the run that printed it; another each time by default.", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
var clock = new Option<int>("--clock") { HelpName = "times", Description = "Every clock goes so many times as fast as the machine's; minutes and rates are by it.", DefaultValueFactory = _ => 1 };
var previous = new Option<FileInfo>("--previous") { HelpName = "program", Description = "The postrider of an older version, for the upgrade." }.AcceptExistingOnly();
var waiting = new Option<int>("--waiting") { HelpName = "messages", Description = "How long the queue of the backlog is.", DefaultValueFactory = _ => 1_000_000 };
var report = new Option<FileInfo>("--report") { HelpName = "file", Description = "Where the measured rows are put, such as docs/reliability.md." }.AcceptExistingOnly();
var names = new Argument<string[]>("scenario") { Description = "What happens; everything by default." }.AcceptOnlyFromAmong([.. all.Keys]);
minutes.Validators.Add(given => { if (given.GetValue(minutes) <= 0) given.AddError("--minutes must be more than 0."); });
clock.Validators.Add(given => { if (given.GetValue(clock) < 1) given.AddError("--clock must be 1 or more."); });
var command = new RootCommand("Lets faults happen while mail is sent, and tells what came of it.") { minutes, seed, clock, previous, waiting, report, names };
command.SetAction(async (given, _) => await FakeClock.ElsewhereAsync(args, given.GetValue(clock)) ?? await RunAsync(given));
return await command.Parse(args).InvokeAsync();

async Task<int> RunAsync(ParseResult given)
{
    var (failed, chosen, times) = (0, given.GetValue(names)!, given.GetValue(clock));
    foreach (var (name, run) in all.Where(entry => chosen.Length == 0 || chosen.Contains(entry.Key)))
    {
        var soak = new Soak(given.GetValue(seed), TimeSpan.FromMinutes(given.GetValue(minutes)), given.GetValue(previous)?.FullName, given.GetValue(waiting), times);
        Console.WriteLine($"{soak.Began:HH:mm:ss} {name}, seed {soak.Seed}, {soak.Length.TotalMinutes} minutes{soak.ByWhichClock}");
        try
        {
            var result = await run(soak);
            Console.WriteLine($"{result.Number} {(result.Met ? "met" : "NOT MET")}: {result.Measured}");
            failed += result.Met ? 0 : 1;
            if (given.GetValue(report) is { } file)
                Report.Put(file.FullName, result, soak);
        }
        catch (Exception wrong) when (wrong is not OutOfMemoryException)
        {
            failed++;
            Console.WriteLine($"{name} broke: {wrong}");
        }
    }
    return failed == 0 ? 0 : 1;
}
