using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;

namespace Postrider.Tests.Mail;

/// <summary>A provider's limits hold in any sliding window, over a restart and over all who send through it.</summary>
public class PermitTests
{
    private static readonly SendingLimits Unlimited = new(0, 0, 0, 0);
    private readonly Random chance = new(7);

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(600)]
    public async Task Never_more_than_the_limit_leaves_in_any_sixty_seconds_and_never_much_less(int perMinute)
    {
        await using var queue = await TestQueue.OpenAsync();
        var limits = Unlimited with { MessagesPerMinute = perMinute };
        var nodes = Enumerable.Range(0, 3).Select(_ => new Permits(queue.Database, queue.Clock)).ToList();
        var began = queue.Clock.GetUtcNow();
        var taken = new List<DateTimeOffset>();
        while (taken.Count < 3 * perMinute + 1)
        {
            var permit = await nodes[chance.Next(3)].TakeAsync("p", limits, 1, 1, CancellationToken.None);
            if (permit.Given)
                taken.Add(permit.At);
            else
                queue.Clock.Advance(permit.At - queue.Clock.GetUtcNow());
        }
        for (var at = perMinute; at < taken.Count; at++)
            Assert.True(taken[at] - taken[at - perMinute] > TimeSpan.FromSeconds(60), $"Message {at} left {taken[at] - taken[at - perMinute]} after the one {perMinute} before it.");
        Assert.InRange((taken[^1] - began).TotalSeconds, 3 * 60, 3 * 62.2);
    }

    [Fact]
    public async Task A_few_leave_at_once_and_a_long_queue_leaves_evenly()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (permits, limits) = (new Permits(queue.Database, queue.Clock), Unlimited with { MessagesPerMinute = 24 });
        for (var quick = 0; quick < 6; quick++)
            Assert.True((await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None)).Given);
        for (var even = 0; even < 10; even++)
        {
            var permit = await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None);
            Assert.Equal(TimeSpan.FromSeconds(2.5), permit.At - queue.Clock.GetUtcNow());
            queue.Clock.Advance(TimeSpan.FromSeconds(2.5));
            Assert.True((await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None)).Given);
        }
    }

    [Fact]
    public async Task What_was_sent_before_a_restart_counts()
    {
        await using var queue = await TestQueue.OpenAsync();
        var limits = Unlimited with { MessagesPerMinute = 1 };
        Assert.True((await new Permits(queue.Database, queue.Clock).TakeAsync("p", limits, 1, 1, CancellationToken.None)).Given);
        queue.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False((await new Permits(queue.Database, queue.Clock).NextAsync("p", limits, CancellationToken.None)).Given);
        Assert.True((await new Permits(queue.Database, queue.Clock).NextAsync("other", limits, CancellationToken.None)).Given);
        queue.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True((await new Permits(queue.Database, queue.Clock).TakeAsync("p", limits, 1, 1, CancellationToken.None)).Given);
    }

    [Fact]
    public async Task The_recipients_of_any_24_hours_stay_within_the_limit_of_the_day()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (permits, limits) = (new Permits(queue.Database, queue.Clock), Unlimited with { RecipientsPerDay = 100 });
        Assert.True((await permits.TakeAsync("p", limits, 1, 60, CancellationToken.None)).Given);
        queue.Clock.Advance(TimeSpan.FromHours(5));
        Assert.True((await permits.TakeAsync("p", limits, 1, 40, CancellationToken.None)).Given);
        var spent = await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None);
        Assert.True(spent is { Given: false, DaySpent: true });
        Assert.InRange((spent.At - queue.Clock.GetUtcNow()).TotalHours, 19, 19.1);
        Assert.Equal((2, 100), await permits.UsedAsync("p", CancellationToken.None) is var used ? (2, used.InDay) : default);
        queue.Clock.Advance(spent.At - queue.Clock.GetUtcNow());
        Assert.True((await permits.TakeAsync("p", limits, 1, 60, CancellationToken.None)).Given);
        Assert.True((await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None)).DaySpent);
    }

    [Fact]
    public async Task A_message_with_more_recipients_than_the_day_allows_goes_out_once_the_day_is_free()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (permits, limits) = (new Permits(queue.Database, queue.Clock), Unlimited with { RecipientsPerDay = 100 });
        Assert.True((await permits.TakeAsync("p", limits, 1, 1, CancellationToken.None)).Given);
        var spent = await permits.TakeAsync("p", limits, 1, 500, CancellationToken.None);
        Assert.True(spent.DaySpent);
        queue.Clock.Advance(spent.At - queue.Clock.GetUtcNow());
        Assert.True((await permits.TakeAsync("p", limits, 1, 500, CancellationToken.None)).Given);
    }

    [Fact]
    public async Task Lanes_take_turns_and_a_stop_ends_the_wait()
    {
        await using var queue = await TestQueue.OpenAsync();
        using var pacer = new Pacer("p", () => "p", new Permits(queue.Database, queue.Clock), queue.Clock);
        var limits = Unlimited with { MessagesPerMinute = 1 };
        using (var first = await pacer.TurnAsync(limits, CancellationToken.None))
        {
            Assert.Equal(1, first.Most);
            var second = pacer.TurnAsync(limits, CancellationToken.None);
            Assert.True(await first.TakeAsync(1, 1, CancellationToken.None));
            using var stop = new CancellationTokenSource();
            var third = pacer.TurnAsync(limits, stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
            while (!second.IsCompleted)
            {
                queue.Clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
            (await second).Dispose();
        }
        using var free = await pacer.TurnAsync(Unlimited, CancellationToken.None);
        Assert.Null(free.Most);
        Assert.True(await free.TakeAsync(500, 500, CancellationToken.None));
    }

    [Fact]
    public async Task A_turn_says_until_when_the_day_is_spent()
    {
        await using var queue = await TestQueue.OpenAsync();
        using var pacer = new Pacer("p", () => "p", new Permits(queue.Database, queue.Clock), queue.Clock);
        var limits = Unlimited with { RecipientsPerDay = 10 };
        using (var turn = await pacer.TurnAsync(limits, CancellationToken.None))
            Assert.True(await turn.TakeAsync(1, 8, CancellationToken.None));
        using (var turn = await pacer.TurnAsync(limits, CancellationToken.None))
        {
            Assert.False(await turn.TakeAsync(1, 3, CancellationToken.None));
            Assert.NotNull(turn.SpentUntil);
        }
        using (var turn = await pacer.TurnAsync(limits, CancellationToken.None))
            Assert.True(await turn.TakeAsync(1, 2, CancellationToken.None));
        using var none = await pacer.TurnAsync(limits, CancellationToken.None);
        Assert.InRange(none.SpentUntil!.Value, queue.Clock.GetUtcNow().AddHours(24), queue.Clock.GetUtcNow().AddHours(24.1));
    }
}
