using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>Those who hand in mail share a provider: each is served in turn, however much another has waiting.</summary>
public class SharerTests
{
    [Fact]
    public async Task One_message_of_another_client_is_served_next_although_a_thousand_wait_before_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var message = 0; message < 200; message++)
            await AddAsync(queue, "bulk");
        queue.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("bulk", await ServeAsync(queue));
        await AddAsync(queue, "alarm");
        var served = new List<string>();
        for (var turn = 0; turn < 2; turn++)
            served.Add(await ServeAsync(queue));
        Assert.Contains("alarm", served);
    }

    [Fact]
    public async Task A_larger_claim_takes_as_much_of_each_and_is_filled_from_those_who_have_more()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var message = 0; message < 20; message++)
            await AddAsync(queue, "bulk");
        await AddAsync(queue, "alarm");
        await AddAsync(queue, "printer");
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 12, CancellationToken.None);
        Assert.Equal(12, claimed.Count);
        Assert.Equal([("alarm", 1), ("bulk", 10), ("printer", 1)], claimed.GroupBy(message => message.ClientId!).Select(group => (group.Key, group.Count())).Order());
        Assert.Equal(10, (await queue.Worker.ClaimAsync(TestQueue.Provider, 12, CancellationToken.None)).Count);
        Assert.Empty(await queue.Worker.ClaimAsync(TestQueue.Provider, 12, CancellationToken.None));
    }

    [Fact]
    public async Task With_more_sharers_than_a_claim_has_room_for_everyone_gets_a_turn()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var message = 0; message < 3; message++)
            for (var client = 0; client < 10; client++)
                await AddAsync(queue, $"client-{client}");
        var served = new List<string>();
        for (var claim = 0; claim < 5; claim++)
            served.AddRange((await queue.Worker.ClaimAsync(TestQueue.Provider, 2, CancellationToken.None)).Select(message => message.ClientId!));
        Assert.Equal(10, served.Distinct().Count());
    }

    [Fact]
    public async Task Who_waits_is_known_by_provider_with_the_moment_that_the_first_message_is_due()
    {
        await using var queue = await TestQueue.OpenAsync();
        Assert.Empty(await queue.Worker.WaitingAsync(CancellationToken.None));
        var now = queue.Clock.GetUtcNow();
        foreach (var (provider, client, hours) in new[] { ("p1", "b", 2), ("p1", "a", 3), ("p1", "c", 5), ("p2", "a", 1), ("p3", "z", 7) })
            await queue.AddAsync(queue.New() with { ProviderId = provider, ClientId = client, SendAt = now.AddHours(hours) });
        var waiting = await queue.Worker.WaitingAsync(CancellationToken.None);
        Assert.Equal([("p1", 2), ("p2", 1), ("p3", 7)],
            waiting.Select(due => (due.ProviderId, (DateTimeOffset.FromUnixTimeMilliseconds(due.DueAt) - now).Hours)).Order());
    }

    private static Task<string> AddAsync(TestQueue queue, string client) => queue.AddAsync(queue.New() with { ClientId = client });

    private static async Task<string> ServeAsync(TestQueue queue) =>
        Assert.Single(await queue.Worker.ClaimAsync(TestQueue.Provider, 1, CancellationToken.None)).ClientId!;
}
