using Postrider.Mail.Queue;
using Postrider.Mail.Waiting;

namespace Postrider.Tests.Mail;

/// <summary>How much waits, of what age, and how long that is known.</summary>
public class QueueCountsTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_message_that_waits_is_counted_as_what_it_is()
    {
        await using var queue = await TestQueue.OpenAsync();
        var start = queue.Clock.GetUtcNow();
        var held = await queue.AddAsync();
        queue.Clock.Advance(TimeSpan.FromHours(3));
        await queue.Worker.HoldAsync([held], "admin", Cancellation);
        await queue.AddAsync();
        var tried = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(tried, queue.Outcome(tried, OutcomeKind.Deferred, TimeSpan.FromHours(1)));
        queue.Clock.Advance(TimeSpan.FromMinutes(10));
        await queue.AddAsync();
        await queue.ClaimAsync();
        await queue.AddAsync(queue.New() with { SendAt = queue.Clock.GetUtcNow().AddHours(8) });
        await queue.AddAsync();

        using var counts = new QueueCounts(queue.Database, queue.Clock);
        var counted = Assert.Single((await counts.LatestAsync(Cancellation)).Providers);
        Assert.Equal((TestQueue.Provider, 5, 1, 1, 1, 1), (counted.ProviderId, counted.Waiting, counted.Sending, counted.Held, counted.Scheduled, counted.Deferred));
        Assert.Equal([3, 1, 0, 1, 0, 0], counted.ByAge);
        Assert.Equal((start, 3, start.AddHours(3)), (counted.OldestAt, counted.Moving, counted.OldestMovingAt));
        Assert.Equal(queue.Clock.GetUtcNow(), counted.NextDueAt);
    }

    [Fact]
    public async Task What_is_held_and_what_is_for_later_is_nothing_that_should_be_moving()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.Worker.HoldAsync([await queue.AddAsync()], "admin", Cancellation);
        await queue.AddAsync(queue.New() with { SendAt = queue.Clock.GetUtcNow().AddHours(8) });
        using var counts = new QueueCounts(queue.Database, queue.Clock);
        var counted = await counts.LatestAsync(Cancellation);
        Assert.Equal(2, counted.Waiting);
        Assert.Empty(counted.Moving);
    }

    // A million messages take a quarter of a second to count, and a page, the metrics and the alerts ask again and again.
    [Fact]
    public async Task The_count_of_a_long_queue_stands_for_a_while_for_all_who_ask()
    {
        await using var queue = await TestQueue.OpenAsync();
        using var counts = new QueueCounts(queue.Database, queue.Clock);
        await queue.AddAsync();
        Assert.Equal(1, (await counts.LatestAsync(Cancellation)).Waiting);
        await FillAsync(queue, QueueCounts.Many);
        var counted = await counts.LatestAsync(Cancellation);
        Assert.Equal(QueueCounts.Many + 1, counted.Waiting);

        await queue.AddAsync();
        queue.Clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Same(counted, await counts.LatestAsync(Cancellation));
        queue.Clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(QueueCounts.Many + 2, (await counts.LatestAsync(Cancellation)).Waiting);
        await queue.AddAsync();
        Assert.Equal(QueueCounts.Many + 3, (await counts.CountAsync(Cancellation)).Waiting);
    }

    private static Task<int> FillAsync(TestQueue queue, int count) => queue.Database.WriteAsync(session => session.ExecuteAsync("""
        with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < @count)
        insert into queue (message_id, provider_id, due_at, expires_at, sharer) select '000000000000-' || i, @provider, @now, @now + 1000000, 'smtp' from n
        """, new { count, provider = TestQueue.Provider, now = queue.Clock.GetUtcNow().ToUnixTimeMilliseconds() }), Cancellation);
}
