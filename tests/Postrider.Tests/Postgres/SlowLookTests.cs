using Postrider.Mail.Queue;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Postgres;

/// <summary>Somebody's old transaction makes each look at the queue slow: what was found serves for a while, and nothing is missed.</summary>
public sealed class SlowLookTests : IOnPostgres
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // T11
    [Fact]
    public async Task What_comes_after_a_slow_look_is_served_at_once_and_in_turn()
    {
        await using var queue = await TestQueue.OpenAsync();
        var worker = queue.NewSlowWorker();
        for (var message = 0; message < 4; message++)
            await worker.AddAsync(queue.New() with { ClientId = "many" }, Stop);
        Assert.Equal("many", Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 1, Stop)).ClientId);

        // Another one's, whom the look has not seen, and then one of each in turn.
        await worker.AddAsync(queue.New() with { ClientId = "one" }, Stop);
        await worker.AddAsync(queue.New() with { ClientId = "one" }, Stop);
        var served = new List<string>();
        for (var claim = 0; claim < 4; claim++)
            served.Add(Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 1, Stop)).ClientId!);
        Assert.Equal(["one", "many", "one", "many"], served);

        // What is given back has its old place, before everything that the look has seen.
        var last = Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 10, Stop));
        queue.Clock.Advance(queue.Options.Lease / 2);
        await worker.AddAsync(queue.New() with { ClientId = "many" }, Stop);
        var newest = Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 10, Stop));
        await worker.ReleaseAsync([last]);
        Assert.Equal(last.Id, Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 10, Stop)).Id);
        Assert.NotEqual(last.Id, newest.Id);
    }
    [Fact]
    public async Task What_another_node_gives_back_is_found_by_the_next_look()
    {
        await using var queue = await TestQueue.OpenAsync();
        var worker = queue.NewSlowWorker();
        await queue.AddAsync();
        var others = await queue.ClaimAsync(queue.Other);
        await queue.AddAsync();
        queue.Clock.Advance(queue.Options.Lease / 2);
        Assert.Single(await worker.ClaimAsync(TestQueue.Provider, 10, Stop));
        Assert.Empty(await worker.ClaimAsync(TestQueue.Provider, 10, Stop));

        await queue.Other.ReleaseAsync([others]);
        IReadOnlyList<ClaimedMessage> found = [];
        while (found.Count == 0)
        {
            await Task.Delay(5, Stop);
            found = await worker.ClaimAsync(TestQueue.Provider, 10, Stop);
        }
        Assert.Equal(others.Id, Assert.Single(found).Id);
    }
}
