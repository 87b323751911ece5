using System.Globalization;
using Postrider.EndToEnd.Clusters;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using Postrider.Tests.Postgres;

namespace Postrider.Soak;

/// <summary>Several nodes on one PostgreSQL: they die, they keep a pace together, they are upgraded one after the other.</summary>
internal static class NodeScenarios
{
    private const int Connections = 3, PerMinute = 30, TokenSeconds = 20;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public static async Task<Result> KillsAsync(Soak soak)
    {
        var server = await PostgresServer.StartAsync();
        try
        {
            await using var cluster = await Cluster.StartAsync(2, new SimulatorOptions { Identity = new IdentitySettings { AccessTokenSeconds = TokenSeconds, Rotation = RotationMode.Strict } },
                Soak.Limits(Connections), server);
            cluster.Simulator.State.Smtp = cluster.Simulator.State.Smtp with { ConnectionsPerMailbox = Connections };
            using var enough = new CancellationTokenSource();
            SubmissionLoad[] loads = [new(cluster.Nodes[0].Smtp, soak.Seed), new(cluster.Nodes[1].Smtp, soak.Seed + 1)];
            var running = Task.WhenAll(loads.Select(load => load.RunAsync(5, int.MaxValue, enough.Token, TimeSpan.FromMilliseconds(100))));
            var kills = 0;
            for (; !soak.IsOver; kills++)
            {
                await soak.PauseAsync(500, 6000);
                await NoTokenIsOnItsWayAsync(cluster.Simulator);
                await cluster.RestartAsync(cluster.Nodes[soak.Pick(2)]);
            }
            await enough.CancelAsync();
            await running;
            var held = await cluster.ReleaseSuspectsAsync();
            var arrivals = loads.Select(load => new Arrivals(cluster.Simulator, load)).ToList();
            var (lost, changed, copies) = (arrivals.Sum(one => one.Lost.Count), arrivals.Sum(one => one.Changed.Count), arrivals[0].Duplicated.Values.Sum(count => count - 1));
            var (uncertain, counters) = (await cluster.CountAsync("attempts where outcome = 'uncertain'"), cluster.Simulator.State.Counters.Read());
            var state = (await cluster.First.Api.Providers.GetAsync(Installation.ProviderName, CancellationToken.None)).Text("state");
            var most = counters.MaxConnections[Installation.Mailbox];
            return new Result("T13", "two nodes on one PostgreSQL, one or the other killed with `-9` again and again under load; one mailbox, refresh tokens that work once",
                $"0 lost; copies at most what was at its final dot; never more than {Connections} connections; never two refreshes at a time (the second would end the grant)",
                string.Create(CultureInfo.InvariantCulture, $"{kills} kills, {loads.Sum(load => load.Accepted.Count):N0} accepted, {lost} lost, {changed} changed, {copies} copies of {uncertain} told as uncertain, {held} held and released, {most} connections at most, {counters.Throttled.Values.Sum()} replies for too many, {counters.TokenRequests.GetValueOrDefault("refresh_token")} refreshes, {counters.TokenErrors.Values.Sum()} refused; provider {state}"),
                lost + changed == 0 && copies <= uncertain && uncertain <= kills * Connections * Arrivals.MessagesTogether && most <= Connections && counters.Throttled.Count == 0 && state == "ready");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    // Between a platform's answer and the commit of a token that works once no program can be killed without losing the grant.
    private static async Task NoTokenIsOnItsWayAsync(SimulatorApp simulator)
    {
        for (var (before, now) = (-1L, 0L); before != now;)
        {
            before = Refreshes(simulator);
            await Task.Delay(Quiet);
            now = Refreshes(simulator);
        }
    }

    private static long Refreshes(SimulatorApp simulator) => simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token");

    public static async Task<Result> PaceAsync(Soak soak)
    {
        await using var cluster = await Cluster.StartAsync(3, with: Soak.Limits(Connections, PerMinute));
        cluster.Simulator.State.Smtp = cluster.Simulator.State.Smtp with { ConnectionsPerMailbox = Connections, MessagesPerMinute = PerMinute };
        var waiting = (int)(PerMinute * (soak.Length.TotalMinutes + 2));
        foreach (var node in cluster.Nodes)
            foreach (var batch in Enumerable.Range(0, waiting / 3).Chunk(20))
                await Task.WhenAll(batch.Select(_ => Cluster.SendAsync(node, "slow-300@example.org")));
        // Two minutes and a little are the least that tells of a minute after the first.
        await Task.Delay(soak.Left > TimeSpan.FromMinutes(2.2) ? soak.Left : TimeSpan.FromMinutes(2.2));
        var (received, counters) = (cluster.Simulator.State.Messages.Read().Select(message => message.ReceivedAt).Order().ToList(), cluster.Simulator.State.Counters.Read());
        var minute = TimeSpan.FromMinutes(1);
        int In(DateTimeOffset from) => received.Count(at => at >= from && at < from + minute);
        var most = received.Max(In);
        // A queue that was idle begins with a quarter of its minute at once, which the rest of that minute lacks.
        var least = received.Where(from => from >= received[0] + minute && from + minute <= received[^1]).Select(In).DefaultIfEmpty().Min();
        return new Result("T17", $"three nodes, one mailbox with {PerMinute} messages a minute and {Connections} connections, a long queue",
            $"at most {PerMinute} in any sliding minute; at least 27 in the first minute and in any that begins later; at most {Connections} connections; no reply for too many",
            string.Create(CultureInfo.InvariantCulture, $"{received.Count} messages in {(received[^1] - received[0]).TotalMinutes:0.0} minutes, at most {most} in a sliding minute, {In(received[0])} in the first and at least {least} in any that begins later, {counters.MaxConnections[Installation.Mailbox]} connections, {counters.Throttled.Values.Sum()} replies for too many"),
            most <= PerMinute && least >= 27 && In(received[0]) >= 27 && counters.MaxConnections[Installation.Mailbox] <= Connections && counters.Throttled.Count == 0);
    }

    public static async Task<Result> UpgradeAsync(Soak soak)
    {
        if (soak.Previous is not { } previous)
            return new Result("T19", "nodes of an older and of this version on one PostgreSQL", "0 refused, 0 lost", "not run: name the executable of an older version with --previous", false);
        await using var cluster = await Cluster.StartAsync(2, executable: previous);
        var before = await cluster.CountAsync("schema_migrations");
        using var enough = new CancellationTokenSource();
        SubmissionLoad[] loads = [new(cluster.Nodes[0].Smtp, soak.Seed), new(cluster.Nodes[1].Smtp, soak.Seed + 1)];
        var running = Task.WhenAll(loads.Select(load => load.RunAsync(5, int.MaxValue, enough.Token, TimeSpan.FromMilliseconds(50))));
        await Task.Delay(soak.Length / 4);
        await cluster.RestartAsync(cluster.Nodes[1], cleanly: true);
        await Task.Delay(soak.Length / 2);
        var both = loads.Sum(load => load.Accepted.Count);
        await cluster.RestartAsync(cluster.Nodes[0], cleanly: true);
        await Task.Delay(soak.Left);
        await enough.CancelAsync();
        await running;
        await cluster.QueueIsEmptyAsync();
        var arrivals = loads.Select(load => new Arrivals(cluster.Simulator, load)).ToList();
        // A node that stops says 421 and closes: its clients go to the other.
        var refused = loads.Sum(load => load.Refusals.Count(code => code != 421));
        var (lost, changed, after) = (arrivals.Sum(one => one.Lost.Count), arrivals.Sum(one => one.Changed.Count), await cluster.CountAsync("schema_migrations"));
        return new Result("T19", "nodes of an older and of this version on one PostgreSQL under load, replaced one after the other", "0 refused, 0 lost, 0 copies",
            string.Create(CultureInfo.InvariantCulture, $"{after - before} migration(s) applied while the older node ran; {both:N0} accepted until it was replaced, {loads.Sum(load => load.Accepted.Count):N0} in all, {lost} lost, {changed} changed, {arrivals[0].Duplicated.Count} copies, {refused} refused"),
            lost + changed + refused + arrivals[0].Duplicated.Count == 0 && after > before);
    }
}
