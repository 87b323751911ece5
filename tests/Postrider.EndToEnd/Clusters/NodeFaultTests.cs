using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.EndToEnd.Transport;
using Postrider.Simulator;
using Postrider.Tests.Postgres;

namespace Postrider.EndToEnd.Clusters;

/// <summary>A node or the database fails: the others go on, nothing is lost, and no more is sent twice than was on its way.</summary>
public sealed class NodeFaultTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // T13
    [Fact]
    public async Task What_a_killed_node_had_in_hand_is_sent_by_the_other_within_the_lease()
    {
        var seed = Chance.NewSeed();
        await using var cluster = await Cluster.StartAsync(2);
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        var load = new SubmissionLoad(first.Smtp, seed);
        var other = new SubmissionLoad(second.Smtp, seed + 1);
        var running = Task.WhenAll(load.RunAsync(6, 300, Token), other.RunAsync(6, 150, Token));
        await other.AcceptedAsync(150).WaitAsync(TimeSpan.FromSeconds(60), Token);
        await second.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await running.WaitAsync(TimeSpan.FromSeconds(60), Token);
        var inHand = await cluster.CountAsync("queue where lease_owner is not null");
        await cluster.QueueIsEmptyAsync(Cluster.Lease + TimeSpan.FromSeconds(20));
        var took = Stopwatch.GetElapsedTime(killed);

        var uncertain = await cluster.CountAsync("attempts where outcome = 'uncertain'");
        var received = cluster.Simulator.State.Messages.Read().GroupBy(message => message.MessageId).ToDictionary(group => group.Key, group => group.Count());
        output.WriteLine($"POSTRIDER_TEST_SEED={seed}; {inHand} leased when it was looked at; the queue was empty {took.TotalSeconds:0.0} s after the kill; uncertain {uncertain}, copies {received.Values.Sum() - received.Count}");
        Assert.All(load.Accepted.Concat(other.Accepted), id => Assert.Contains(id, received.Keys));
        Assert.InRange(received.Values.Sum() - received.Count, 0, uncertain);
        Assert.InRange(uncertain, 0, Arrivals.Lanes * Arrivals.MessagesTogether);
        var nodes = (await first.Api.Queue.GetAsync(Token)).Nodes;
        Assert.Equal(("live", "missing"), (nodes.Single(node => node.Address == first.HttpUrl.Authority).State, nodes.Single(node => node.Address == second.HttpUrl.Authority).State));
    }

    [Fact]
    public async Task A_node_that_is_killed_and_started_again_does_not_wait_for_its_own_leases()
    {
        var limits = new JsonObject { ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 } };
        await using var cluster = await Cluster.StartAsync(1, with: limits, settings: new Dictionary<string, string> { ["POSTRIDER__Mail__Lease"] = "00:10:00" });
        var sent = await Cluster.SendAsync(cluster.First, "slow-1500@example.org");
        await cluster.Simulator.State.Messages.ArrivedAsync(1, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        var again = await cluster.RestartAsync(cluster.First);
        await again.MessageIsAsync(sent.Id, "sent");
        Assert.Equal(1, await cluster.CountAsync("lanes"));
        Assert.Equal(0, await again.StopAsync());
        Assert.Equal(0, await cluster.CountAsync("lanes"));
    }

    // T14
    [Fact]
    public async Task A_node_that_sleeps_past_its_leases_sends_nothing_of_what_others_have_taken_over()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var second = cluster.Nodes[1];
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Cluster.SendAsync(second, "slow-50@example.org")));
        GatewayProcess.Signal(second.ProcessId, 19);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Cluster.SendAsync(cluster.First, "slow-50@example.org")));
        await Task.Delay(Cluster.Lease * 2, Token);
        GatewayProcess.Signal(second.ProcessId, 18);
        await cluster.QueueIsEmptyAsync();
        var received = cluster.Simulator.State.Messages.Read().GroupBy(message => message.MessageId).ToList();
        Assert.Equal(80, received.Count);
        var uncertain = await cluster.CountAsync("attempts where outcome = 'uncertain'");
        output.WriteLine($"uncertain {uncertain}, copies {received.Sum(group => group.Count()) - 80}");
        Assert.InRange(received.Sum(group => group.Count()) - 80, 0, uncertain);
        Assert.Equal(80, await cluster.CountAsync("messages where state = 'sent'"));
        // It is well again.
        await second.MessageIsAsync((await Cluster.SendAsync(second)).Id, "sent");
    }

    // T16
    [Fact]
    public async Task What_a_node_cannot_send_because_it_is_cut_off_from_the_provider_is_sent_by_the_other()
    {
        await using var cluster = await Cluster.StartAsync(1, settings: new Dictionary<string, string>
        {
            ["POSTRIDER__Alerts__FailingFor"] = "00:00:01", ["POSTRIDER__Alerts__LookEvery"] = "00:00:01",
        });
        await using var tap = new Tap(cluster.Simulator.SmtpPort) { CutsOff = "lonely.example" };
        await cluster.First.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject { ["port"] = tap.Port }, Token);
        var lonely = await cluster.AddNodeAsync(more: new Dictionary<string, string> { ["POSTRIDER__Mail__HostName"] = "lonely.example" });
        await Cluster.KnowsAsync(lonely);

        var began = Stopwatch.GetTimestamp();
        for (var message = 0; message < 40; message++)
            await Cluster.SendAsync(lonely);
        await cluster.QueueIsEmptyAsync();
        var (took, tried) = (Stopwatch.GetElapsedTime(began), tap.Sent.Count(text => text.Contains("lonely.example", StringComparison.Ordinal)));
        output.WriteLine($"the queue was empty after {took.TotalSeconds:0.0} s; the node that was cut off tried {tried} times");
        Assert.Equal(40, cluster.Simulator.State.Messages.Count);
        Assert.Equal(0, await cluster.CountAsync("attempts where outcome <> 'sent'"));
        Assert.InRange(tried, 1, 5);
        await GatewayProcess.EventuallyAsync(async () => (await lonely.Http.GetStringAsync("/api/v1/alerts", Token))
            .Contains($"from the node {Environment.MachineName}", StringComparison.Ordinal) ? lonely : null, "the alert names the node");
    }

    [Fact]
    public async Task A_node_that_is_cut_off_from_the_provider_does_not_give_to_a_stand_in_what_the_other_sends()
    {
        await using var cluster = await Cluster.StartAsync(1, settings: new Dictionary<string, string> { ["POSTRIDER__Mail__FailoverAfter"] = "00:00:05" });
        await using var tap = new Tap(cluster.Simulator.SmtpPort) { CutsOff = "lonely.example" };
        await cluster.First.Api.Providers.AddAsync(new JsonObject
        {
            ["name"] = "spare", ["type"] = "password", ["address"] = "127.0.0.1", ["port"] = 9, ["security"] = "tls", ["userName"] = "spare@contoso.example", ["password"] = "secret",
        }, Token);
        await cluster.First.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject
        {
            ["port"] = tap.Port, ["failover"] = "spare",
            ["limits"] = new JsonObject { ["connections"] = 2, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        }, Token);
        var lonely = await cluster.AddNodeAsync(more: new Dictionary<string, string> { ["POSTRIDER__Mail__HostName"] = "lonely.example" });
        await Cluster.KnowsAsync(lonely);
        for (var message = 0; message < 90; message++)
            await Cluster.SendAsync(lonely, "slow-200@example.org");
        await cluster.QueueIsEmptyAsync(TimeSpan.FromSeconds(60));
        Assert.InRange(tap.Sent.Count(text => text.Contains("lonely.example", StringComparison.Ordinal)), 1, 20);
        Assert.Equal(0, await cluster.CountAsync("events where kind = 'moved'"));
        Assert.Equal(90, cluster.Simulator.State.Messages.Count);
    }

    [Fact]
    public async Task What_the_provider_says_to_one_node_of_its_mailbox_the_other_heeds_and_whoever_starts_again()
    {
        await using var cluster = await Cluster.StartAsync(2);
        cluster.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Mail, "421 4.4.2 Message submission rate for this client has exceeded the configured limit", Times: 1));
        await Cluster.SendAsync(cluster.First);
        foreach (var node in cluster.Nodes)
            await WaitsAsync(node);
        await WaitsAsync(await cluster.RestartAsync(cluster.Nodes[1]));
        Assert.Equal(0, await cluster.CountAsync("attempts"));
        // Whoever mends it mends it everywhere.
        await cluster.First.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject { ["displayName"] = "Mended" }, Token);
        await cluster.QueueIsEmptyAsync();

        static Task<ProviderQueueView> WaitsAsync(GatewayProcess node) => GatewayProcess.EventuallyAsync(async () =>
            (await node.Api.Queue.GetAsync(Token)).Providers is [{ HeldBack.Reason: { } why } waits] && why.Contains("30 messages", StringComparison.Ordinal) ? waits : null, "the node knows that the provider rests");
    }

    // T09
    [Fact]
    public async Task A_restart_of_the_database_costs_451_and_nothing_else()
    {
        var server = await PostgresServer.StartAsync();
        try
        {
            await using var cluster = await Cluster.StartAsync(1, server: server);
            var load = new SubmissionLoad(cluster.First.Smtp, Chance.NewSeed());
            var running = load.RunAsync(6, 400, Token);
            foreach (var mode in new[] { "fast", "immediate" })
            {
                await load.AcceptedAsync(mode == "fast" ? 50 : 200).WaitAsync(TimeSpan.FromSeconds(60), Token);
                await server.DownAsync(mode);
                await GatewayProcess.EventuallyAsync(async () => await ReadyAsync(cluster.First) == HttpStatusCode.ServiceUnavailable ? server : null, "readiness is false", TimeSpan.FromSeconds(15));
                var refused = await Assert.ThrowsAsync<PostriderException>(() => Cluster.SendAsync(cluster.First));
                Assert.Equal(503, refused.Problem.Status);
                await server.UpAsync();
                var up = Stopwatch.GetTimestamp();
                await GatewayProcess.EventuallyAsync(async () => await ReadyAsync(cluster.First) == HttpStatusCode.OK ? server : null, "readiness is true again", TimeSpan.FromSeconds(15));
                output.WriteLine($"{mode}: ready {Stopwatch.GetElapsedTime(up).TotalSeconds:0.0} s after the server");
                Assert.InRange(Stopwatch.GetElapsedTime(up).TotalSeconds, 0, 5);
            }
            await running.WaitAsync(TimeSpan.FromSeconds(60), Token);
            await cluster.QueueIsEmptyAsync();
            var arrivals = new Arrivals(cluster.Simulator, load);
            Assert.Empty(arrivals.Lost);
            Assert.Empty(arrivals.Changed);
            Assert.Contains(451, load.Refusals);
            Assert.DoesNotContain(load.Refusals, code => code / 100 == 5);
            var uncertain = await cluster.CountAsync("attempts where outcome = 'uncertain'");
            Assert.InRange(arrivals.Duplicated.Values.Sum(copies => copies - 1), 0, uncertain);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    // T10
    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_told_as_unknown_and_the_repeated_request_makes_no_second_message()
    {
        await using var tap = new DatabaseTap((await PostgresServer.SharedAsync()).Port);
        await using var cluster = await Cluster.StartAsync(1);
        var node = await cluster.AddNodeAsync(tap.Through);
        await Cluster.KnowsAsync(node);
        await node.Api.Providers.PauseAsync(Installation.ProviderName, Token);
        for (var round = 0; round < 5; round++)
        {
            var key = $"order-{round}";
            tap.LoseAnswersToCommits(1);
            var answered = new List<string>();
            try
            {
                answered.Add((await Cluster.SendAsync(node, key: key)).Id);
            }
            catch (PostriderException unknown)
            {
                Assert.Equal(503, unknown.Problem.Status);
            }
            answered.Add((await Cluster.SendAsync(node, key: key)).Id);
            Assert.Single(answered.Distinct());
        }
        Assert.Equal(5, await cluster.CountAsync("messages"));
    }

    // T10
    [Fact]
    public async Task What_a_node_has_claimed_without_hearing_of_it_is_sent_when_the_lease_has_ended()
    {
        await using var tap = new DatabaseTap((await PostgresServer.SharedAsync()).Port);
        await using var cluster = await Cluster.StartAsync(1);
        var node = await cluster.AddNodeAsync(tap.Through);
        await Cluster.KnowsAsync(node);
        await cluster.First.KillAsync();
        tap.LoseAnswersToCommits(1, "update queue set lease_owner = $");
        await Cluster.SendAsync(node);
        await GatewayProcess.EventuallyAsync(async () => await cluster.CountAsync("queue where lease_owner is not null") > 0 ? node : null, "the message is claimed", TimeSpan.FromSeconds(20));
        Assert.True(tap.CommitsToLose <= 0);
        await cluster.QueueIsEmptyAsync(Cluster.Lease + TimeSpan.FromSeconds(20));
        Assert.Single(cluster.Simulator.State.Messages.Read());
    }

    // T10
    [Fact]
    public async Task A_connection_that_a_node_took_without_hearing_of_it_is_free_when_the_lease_has_ended()
    {
        await using var tap = new DatabaseTap((await PostgresServer.SharedAsync()).Port);
        var limits = new JsonObject { ["limits"] = new JsonObject { ["connections"] = 2, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 } };
        await using var cluster = await Cluster.StartAsync(1, with: limits);
        var node = await cluster.AddNodeAsync(tap.Through);
        await Cluster.KnowsAsync(node);
        await cluster.First.KillAsync();
        tap.LoseAnswersToCommits(1, "insert into lanes");
        await Cluster.SendAsync(node, "slow-30000@example.org");
        const string taken = "lanes where until > extract(epoch from clock_timestamp()) * 1000";
        await GatewayProcess.EventuallyAsync(async () => await cluster.CountAsync(taken) == 2 ? node : null, "it took another", TimeSpan.FromSeconds(10));
        await GatewayProcess.EventuallyAsync(async () => await cluster.CountAsync(taken) == 1 ? node : null, "the first is free", Cluster.Lease + TimeSpan.FromSeconds(4));
        Assert.Equal(1, await cluster.CountAsync("queue"));
    }

    // T15
    [Fact]
    public async Task A_node_that_is_cut_off_from_the_database_stops_before_its_leases_end_and_heals_by_itself()
    {
        await using var tap = new DatabaseTap((await PostgresServer.SharedAsync()).Port);
        var limits = new JsonObject { ["limits"] = new JsonObject { ["connections"] = 3, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 } };
        await using var cluster = await Cluster.StartAsync(1, with: limits);
        var node = await cluster.AddNodeAsync(tap.Through);
        await Cluster.KnowsAsync(node);
        cluster.Simulator.State.Smtp = cluster.Simulator.State.Smtp with { ConnectionsPerMailbox = 3 };
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Cluster.SendAsync(node, "slow-100@example.org")));
        tap.Cut();
        var cut = Stopwatch.GetTimestamp();
        await GatewayProcess.EventuallyAsync(async () => await ReadyAsync(node) == HttpStatusCode.ServiceUnavailable ? node : null, "readiness is false", TimeSpan.FromSeconds(15));
        output.WriteLine($"readiness false after {Stopwatch.GetElapsedTime(cut).TotalSeconds:0.0} s");
        await cluster.QueueIsEmptyAsync(Cluster.Lease + TimeSpan.FromSeconds(15));
        output.WriteLine($"the other node had sent everything after {Stopwatch.GetElapsedTime(cut).TotalSeconds:0.0} s");
        tap.Mend();
        await GatewayProcess.EventuallyAsync(async () => await ReadyAsync(node) == HttpStatusCode.OK ? node : null, "readiness is true again", TimeSpan.FromSeconds(20));
        await node.MessageIsAsync((await Cluster.SendAsync(node)).Id, "sent");
        var received = cluster.Simulator.State.Messages.Read().GroupBy(message => message.MessageId).ToList();
        Assert.Equal(61, received.Count);
        Assert.InRange(received.Sum(group => group.Count()) - 61, 0, (int)await cluster.CountAsync("attempts where outcome = 'uncertain'"));
        Assert.InRange(cluster.Simulator.State.Counters.Read().MaxConnections[Installation.Mailbox], 1, 3);
    }

    private static async Task<HttpStatusCode> ReadyAsync(GatewayProcess node)
    {
        using var answer = await node.Http.GetAsync("/readyz");
        return answer.StatusCode;
    }
}
