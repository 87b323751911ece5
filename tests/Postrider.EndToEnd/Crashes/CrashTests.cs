using System.Diagnostics;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A 250 is a promise: it survives the end of the process at any moment.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Messages = 1000, Sessions = 20, Kills = 5;

    [Fact]
    public async Task Every_message_answered_with_250_arrives_although_the_process_is_killed_five_times()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var seed = Chance.NewSeed();
        var chance = new Random(seed);
        output.WriteLine($"POSTRIDER_TEST_SEED={seed}");
        await using var installation = await Installation.StartAsync(alone: true, smtp: Chance.FreeDoor());
        var load = new SubmissionLoad(installation.Gateway.Smtp, seed);
        var running = load.RunAsync(Sessions, Messages, cancellation);

        var lives = new List<(DateTimeOffset Ready, DateTimeOffset Killed)>();
        var ready = DateTimeOffset.UtcNow;
        var total = Stopwatch.StartNew();
        for (var kill = 0; kill < Kills; kill++)
        {
            // Somewhere within this kill's share of the load, and then at no particular instant.
            await load.AcceptedAsync(kill * (Messages / Kills) + chance.Next(20, Messages / Kills - 20)).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
            await Task.Delay(chance.Next(0, 30), cancellation);
            lives.Add((ready, DateTimeOffset.UtcNow));
            await installation.RestartAsync();
            ready = DateTimeOffset.UtcNow;
        }
        await running.WaitAsync(TimeSpan.FromSeconds(60), cancellation);
        // Kills that follow one another so closely may strike the same message each time.
        var held = await Arrivals.ReleaseSuspectsAsync(installation.Gateway, cancellation);

        var arrivals = new Arrivals(installation.Simulator, load);
        var slowest = arrivals.LongestToFirst([.. lives, (ready, DateTimeOffset.UtcNow)]);
        var unexplained = new List<string>();
        foreach (var (id, copies) in arrivals.Duplicated)
            if (await Arrivals.UncertainAttemptsAsync(installation.Gateway, id, cancellation) < copies - 1)
                unexplained.Add(id);
        Assert.Equal(0, await installation.Gateway.StopAsync());
        var data = installation.Gateway.DataDirectory;
        var uncertain = int.Parse(DatabaseFile.Query(data, "select count(*) from attempts where outcome = 'uncertain'").Single(), System.Globalization.CultureInfo.InvariantCulture);
        output.WriteLine($"accepted {load.Accepted.Count}, unanswered {load.Unanswered.Count}, kills {Kills}, lost {arrivals.Lost.Count}, held {held}, "
            + $"duplicated {arrivals.Duplicated.Count}, uncertain attempts {uncertain}, first delivery after a start at most {slowest.TotalMilliseconds:0} ms, {total.Elapsed.TotalSeconds:0.0} s");

        Assert.InRange(held, 0, Kills - 2);
        Assert.Empty(arrivals.Lost);
        Assert.Empty(arrivals.Foreign);
        Assert.Empty(arrivals.Changed);
        Assert.Empty(unexplained);
        Assert.InRange(arrivals.Duplicated.Values.Sum(copies => copies - 1), 0, uncertain);
        Assert.InRange(uncertain, 0, Arrivals.Lanes * Arrivals.MessagesTogether * Kills);
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal([$"sent {arrivals.Distinct}"], DatabaseFile.Query(data, "select state, count(*) from messages group by state"));
        Assert.Equal(["ok"], DatabaseFile.Query(data, "pragma integrity_check"));
    }
}
