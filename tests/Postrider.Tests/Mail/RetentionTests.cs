using Microsoft.Extensions.Options;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>What is kept of a message that is finished, and for how long.</summary>
public class RetentionTests
{
    [Fact]
    public async Task The_content_of_a_finished_message_is_deleted_after_its_time_and_its_history_stays()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await FinishAsync(queue, OutcomeKind.Failed);
        queue.Clock.Advance(queue.Options.KeepContent - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await DeleteAsync(Retention(queue).DeleteContentAsync));
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await DeleteAsync(Retention(queue).DeleteContentAsync));
        Assert.Equal(0, await queue.CountAsync("contents"));
        var message = await queue.ShowAsync(id);
        Assert.Equal("failed", message.State);
        Assert.Equal(queue.Clock.GetUtcNow().ToUnixTimeMilliseconds(), Assert.Single(message.Events, one => one.Kind == Postrider.Mail.Queue.Retention.ContentDeleted).At);
        Assert.Empty(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        Assert.Equal("failed", (await queue.ShowAsync(id)).State);
    }

    [Fact]
    public async Task Nothing_is_deleted_of_a_message_that_waits_however_old_it_is()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await queue.Worker.HoldAsync([id], "admin", CancellationToken.None);
        queue.Clock.Advance(queue.Options.KeepHistory * 2);
        Assert.Equal(0, await DeleteAsync(Retention(queue).DeleteContentAsync));
        Assert.Equal(0, await DeleteAsync(Retention(queue).DeleteHistoryAsync));
        await queue.Worker.ReleaseHeldAsync([id], "admin", CancellationToken.None);
        Assert.NotNull((await queue.ClaimAsync()).Content);
    }

    [Fact]
    public async Task All_that_is_known_of_a_message_is_deleted_after_its_time_in_steps()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var number = 0; number < 120; number++)
            await FinishAsync(queue, number % 2 == 0 ? OutcomeKind.Sent : OutcomeKind.Failed);
        queue.Clock.Advance(queue.Options.KeepHistory);
        var kept = await FinishAsync(queue, OutcomeKind.Sent);
        Assert.Equal(120, await DeleteAsync(Retention(queue).DeleteHistoryAsync, leastSteps: 3));
        foreach (var table in new[] { "messages", "contents", "recipients", "attempts" })
            Assert.Equal((table, 1), (table, await queue.CountAsync(table)));
        Assert.Equal(0, await queue.CountAsync("events"));
        Assert.Equal("sent", (await queue.ShowAsync(kept)).State);
    }

    [Fact]
    public async Task Zero_keeps_for_ever()
    {
        await using var queue = await TestQueue.OpenAsync();
        await FinishAsync(queue, OutcomeKind.Sent);
        (queue.Options.KeepContent, queue.Options.KeepHistory) = (TimeSpan.Zero, TimeSpan.Zero);
        Assert.Empty(queue.Options.Validate());
        queue.Clock.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal(0, await DeleteAsync(Retention(queue).DeleteContentAsync));
        Assert.Equal(0, await DeleteAsync(Retention(queue).DeleteHistoryAsync));
    }

    [Fact]
    public void A_history_shorter_than_the_memory_of_idempotency_keys_is_refused()
    {
        var options = new Postrider.Mail.MailOptions { KeepHistory = TimeSpan.FromHours(1) };
        Assert.Contains("Mail:KeepHistory is 01:00:00. Write at least Mail:IdempotencyWindow", Assert.Single(options.Validate()), StringComparison.Ordinal);
    }

    private static Retention Retention(TestQueue queue) => new(queue.Database, queue.Clock, Options.Create(queue.Options));

    private static async Task<string> FinishAsync(TestQueue queue, OutcomeKind kind)
    {
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, kind));
        return id;
    }

    private static async Task<int> DeleteAsync(Func<string, CancellationToken, Task<RetentionStep>> delete, int leastSteps = 1)
    {
        var (count, steps) = (0, 0);
        for (var after = ""; after is not null; steps++)
        {
            var step = await delete(after, CancellationToken.None);
            (count, after) = (count + step.Count, step.Next);
        }
        Assert.True(steps >= leastSteps);
        return count;
    }
}
