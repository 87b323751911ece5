using Microsoft.Extensions.Options;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>Who works on the database, as all of them can see.</summary>
public class NodesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_says_nothing_for_a_lease_is_missing_until_it_speaks_again()
    {
        await using var queue = await TestQueue.OpenAsync();
        var nodes = Node(queue, queue.Worker, "127.0.0.1:1");
        await nodes.BeatAsync(Token);
        await queue.AddAsync();
        await queue.ClaimAsync();
        var seen = Assert.Single(await nodes.ListAsync(Token));
        Assert.Equal((Environment.MachineName, "127.0.0.1:1", true, 1L), (seen.Name, seen.Address, seen.IsLive, seen.Leases));
        Assert.Equal(queue.Database.IsShared ? 0L : null, seen.Lanes);
        queue.Clock.Advance(queue.Options.Lease + TimeSpan.FromSeconds(1));
        var missing = Assert.Single(await nodes.ListAsync(Token));
        Assert.Equal((false, 0L, seen.SeenAt), (missing.IsLive, missing.Leases, missing.SeenAt));
        Assert.Contains("is missing", Assert.Single(await new NodeFindings(nodes).LookAsync(Token)).Title, StringComparison.Ordinal);
        await nodes.BeatAsync(Token);
        var back = Assert.Single(await nodes.ListAsync(Token));
        Assert.Equal((true, seen.StartedAt), (back.IsLive, back.StartedAt));
        Assert.Empty(await new NodeFindings(nodes).LookAsync(Token));
    }

    [Fact]
    public async Task A_node_that_stops_is_not_missed_and_one_that_is_gone_is_forgotten_in_time()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (one, other) = (Node(queue, queue.Worker, "127.0.0.1:1"), Node(queue, queue.Other, "127.0.0.1:2"));
        await one.BeatAsync(Token);
        await one.LeaveAsync();
        Assert.Empty(await one.ListAsync(Token));
        await one.BeatAsync(Token);
        queue.Clock.Advance(queue.Options.Lease * 2);
        await other.BeatAsync(Token);
        // An embedded database has one process: whoever else stands there is gone.
        Assert.Equal(queue.Database.IsShared ? 2 : 1, (await other.ListAsync(Token)).Count);
        queue.Clock.Advance(Nodes.ShowMissing);
        await other.BeatAsync(Token);
        Assert.Equal("127.0.0.1:2", Assert.Single(await other.ListAsync(Token)).Address);
    }

    [Fact]
    public async Task A_process_that_opens_the_same_door_takes_the_place_of_the_one_before()
    {
        await using var queue = await TestQueue.OpenAsync();
        await Node(queue, queue.Worker, "127.0.0.1:1").BeatAsync(Token);
        var again = Node(queue, queue.Other, "127.0.0.1:1");
        await again.BeatAsync(Token);
        Assert.True(Assert.Single(await again.ListAsync(Token)).IsLive);
    }

    [Fact]
    public async Task Only_a_missing_node_can_be_forgotten()
    {
        await using var queue = await TestQueue.OpenAsync();
        var nodes = Node(queue, queue.Worker, "127.0.0.1:1");
        await nodes.BeatAsync(Token);
        Assert.False(await nodes.ForgetAsync(queue.Worker.Owner, Token));
        queue.Clock.Advance(queue.Options.Lease * 2);
        Assert.True(await nodes.ForgetAsync(queue.Worker.Owner, Token));
        Assert.Empty(await nodes.ListAsync(Token));
    }

    private static Nodes Node(TestQueue queue, MessageQueue process, string address) => new(queue.Database, process, queue.Clock, Options.Create(queue.Options)) { Address = address };
}
