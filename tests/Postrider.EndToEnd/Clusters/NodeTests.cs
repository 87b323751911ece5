using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using Postrider.Tests.Postgres;

namespace Postrider.EndToEnd.Clusters;

/// <summary>Two nodes on one database are one gateway.</summary>
public sealed class NodeTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_joins_needs_nothing_but_the_connection_string()
    {
        await using var cluster = await Cluster.StartAsync(1);
        var first = cluster.First;
        var second = await cluster.AddNodeAsync();
        Assert.False(File.Exists(Path.Combine(second.DataDirectory, "admin.key")));

        // What was sealed on one node is opened on the other.
        await Cluster.KnowsAsync(second);
        var accepted = await Cluster.SendAsync(second);
        await second.MessageIsAsync(accepted.Id, "sent");
        Assert.Equal("sent", (await first.Api.Messages.GetAsync(accepted.Id, Token)).State);

        // What is changed on one counts on the other, soon.
        var key = await first.Api.Keys.AddAsync(new KeyInput { Name = "app", Scopes = ["read"] }, Token);
        var there = PostriderClient.For(new HttpClient(), second.HttpUrl, key.Key);
        await GatewayProcess.EventuallyAsync(async () => await WorksAsync(there) ? there : null, "the other node takes the new key", TimeSpan.FromSeconds(5));
        await first.Api.Keys.RevokeAsync(key.Id, Token);
        await GatewayProcess.EventuallyAsync(async () => await WorksAsync(there) ? null : there, "the other node refuses the revoked key", TimeSpan.FromSeconds(5));
        await first.Api.Providers.PauseAsync(Installation.ProviderName, Token);
        await GatewayProcess.EventuallyAsync(async () => (await second.Api.Providers.GetAsync(Installation.ProviderName, Token)).Text("state") == "paused" ? second : null,
            "the other node knows of the pause", TimeSpan.FromSeconds(5));
    }

    // T20
    [Fact]
    public async Task Two_hundred_messages_on_three_nodes_with_an_expired_token_cost_one_refresh()
    {
        await using var cluster = await Cluster.StartAsync(3, new SimulatorOptions { Identity = new IdentitySettings { AccessTokenSeconds = 1, Rotation = RotationMode.Strict } });
        cluster.Simulator.State.Identity = new IdentitySettings { Rotation = RotationMode.Strict };
        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Cluster.SendAsync(cluster.Nodes[number % 3])));
        await cluster.Simulator.State.Messages.ArrivedAsync(200, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(1, cluster.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token"));
    }

    // T17, its short form: the whole minute is in the soak.
    [Fact]
    public async Task Three_nodes_keep_to_the_connections_and_the_pace_of_one_mailbox()
    {
        var limits = new JsonObject { ["limits"] = new JsonObject { ["connections"] = 3, ["messagesPerMinute"] = 120, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 } };
        await using var cluster = await Cluster.StartAsync(3, with: limits);
        cluster.Simulator.State.Smtp = cluster.Simulator.State.Smtp with { ConnectionsPerMailbox = 3, MessagesPerMinute = 120 };
        foreach (var node in cluster.Nodes)
            await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Cluster.SendAsync(node, $"slow-300+{number}@example.org")));
        await cluster.Simulator.State.Messages.ArrivedAsync(50, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        var counters = cluster.Simulator.State.Counters.Read();
        Assert.Empty(counters.Throttled);
        Assert.InRange(counters.MaxConnections[Installation.Mailbox], 1, 3);
        var received = cluster.Simulator.State.Messages.Read().Select(message => message.ReceivedAt).Order().ToList();
        // A quarter of the minute's 120 leaves at once, the others one after another, half a second apart.
        output.WriteLine($"first 30 within {(received[29] - received[0]).TotalSeconds:0.0} s, 50 within {(received[49] - received[0]).TotalSeconds:0.0} s");
        Assert.InRange((received[49] - received[0]).TotalSeconds, 9, 20);
    }

    // T18
    [Fact]
    public async Task A_node_whose_clock_is_an_hour_off_takes_no_lease_and_loses_no_time()
    {
        await using var cluster = await Cluster.StartAsync(1);
        foreach (var offset in new[] { "+3600s", "-3600s" })
        {
            var wrong = await cluster.AddNodeAsync(more: FakeClock.Off(offset));
            await GatewayProcess.EventuallyAsync(() => Task.FromResult(wrong.Output.Contains("clock differs", StringComparison.Ordinal) ? wrong : null), "the log warns of the clock", TimeSpan.FromSeconds(15));
            await Cluster.KnowsAsync(wrong);
        }
        var warnings = (await cluster.First.Api.Queue.GetAsync(Token)).Nodes.Where(node => node.Warning is not null).Select(node => node.Warning!).Order(StringComparer.Ordinal).ToList();
        Assert.Matches("Its clock is 3(600|599|601) s ahead of", warnings[0]);
        Assert.Matches("Its clock is 3(600|599|601) s behind", warnings[1]);
        var before = DateTimeOffset.UtcNow;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Cluster.SendAsync(cluster.Nodes[number % 3], "slow-200@example.org")));
        await cluster.QueueIsEmptyAsync();
        Assert.Equal(60, cluster.Simulator.State.Messages.Count);
        Assert.Equal(60, await cluster.CountAsync("attempts"));
        Assert.Equal(0, await cluster.CountAsync("attempts where outcome <> 'sent'"));
        Assert.Equal(60, await cluster.CountAsync($"messages where accepted_at between {before.AddMinutes(-1).ToUnixTimeMilliseconds()} and {before.AddMinutes(2).ToUnixTimeMilliseconds()}"));
        Assert.Equal(0, cluster.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token"));
    }

    private static async Task<bool> WorksAsync(PostriderClient client)
    {
        try
        {
            await client.Messages.PageAsync(new MessageFilter(), limit: 1, cancellation: Token);
            return true;
        }
        catch (PostriderException)
        {
            return false;
        }
    }
}
