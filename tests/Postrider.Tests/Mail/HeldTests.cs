using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail;
using Postrider.Mail.Delivery;
using Postrider.Mail.History;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>A message that waits for a person.</summary>
public class HeldTests
{
    [Fact]
    public async Task A_held_message_is_neither_sent_nor_expires_until_it_is_released()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        queue.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Single(await queue.Worker.HoldAsync([id], "admin", CancellationToken.None));
        Assert.Empty(await queue.Worker.HoldAsync([id], "admin", CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromDays(30));
        Assert.True(await queue.NothingToClaimAsync());
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        Assert.Equal("Held by admin.", (await queue.ShowAsync(id)).HeldReason);
        Assert.Equal(id, Assert.Single(await queue.History.ListAsync(new MessageFilter { State = "held" }, CancellationToken.None)).Id);

        Assert.Single(await queue.Worker.ReleaseHeldAsync([id, "unknown"], "admin", CancellationToken.None));
        Assert.Empty(await queue.Worker.ReleaseHeldAsync([id], "admin", CancellationToken.None));
        await queue.ClaimAsync();
        Assert.Equal(["held", "released"], (await queue.ShowAsync(id)).Events.Select(told => told.Kind));
        Assert.Empty(await queue.History.ListAsync(new MessageFilter { State = "held" }, CancellationToken.None));
        // Of its five days one was over when it was held.
        queue.Clock.Advance(TimeSpan.FromDays(3.9));
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromDays(0.2));
        Assert.Single(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_message_in_a_workers_hands_cannot_be_held_and_one_of_a_dead_worker_can()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        Assert.Empty(await queue.Worker.HoldAsync([id], "admin", CancellationToken.None));
        queue.Clock.Advance(queue.Options.Lease);
        Assert.Single(await queue.Worker.HoldAsync([id], "admin", CancellationToken.None));
        Assert.False(await queue.Worker.MarkFinalDotAsync(claimed, CancellationToken.None));
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task An_attempt_may_end_with_a_message_held_and_a_retry_releases_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Uncertain) with { HoldReason = "It may have been sent." });
        queue.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await queue.NothingToClaimAsync());
        Assert.Equal("It may have been sent.", (await queue.ShowAsync(id)).HeldReason);
        Assert.Single(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        Assert.Null((await queue.ShowAsync(id)).HeldAt);
        await queue.ClaimAsync();
    }

    [Fact]
    public async Task A_message_that_is_given_up_is_handed_to_those_who_tell_its_sender_held_or_not()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (waiting, held) = (await queue.AddAsync(), await queue.AddAsync());
        await queue.Worker.HoldAsync([held], "admin", CancellationToken.None);
        Assert.Equal(2, (await queue.Worker.ExpireAsync([waiting, held], "admin", CancellationToken.None)).Count);
        // Nor is it sent before they come, however soon a lane does, nor by another provider.
        Assert.True(await queue.NothingToClaimAsync());
        var expired = await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None);
        Assert.Equal([held, waiting], expired.Select(message => message.Id).OrderByDescending(id => id == held));
        Assert.Empty(await queue.Worker.ExpireAsync([waiting], "admin", CancellationToken.None));
    }

    [Fact]
    public async Task What_was_given_up_while_everything_was_held_stays_given_up_when_the_rest_goes()
    {
        await using var queue = await TestQueue.OpenAsync();
        var hold = new SendingHold(queue.Database, queue.Clock);
        await hold.HoldAsync(CancellationToken.None);
        var (given, kept, alone) = (await queue.AddAsync(), await queue.AddAsync(), await queue.AddAsync());
        await queue.Worker.HoldAsync([alone], "admin", CancellationToken.None);
        await queue.Worker.ExpireAsync([given], "admin", CancellationToken.None);
        queue.Clock.Advance(TimeSpan.FromDays(4));
        await hold.ReleaseAsync(CancellationToken.None);
        Assert.Equal(kept, (await queue.ClaimAsync()).Id);
        Assert.Equal(given, Assert.Single(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None)).Id);
        // Nor is it given to another provider.
        var other = await queue.AddAsync();
        await queue.Worker.ExpireAsync([other], "admin", CancellationToken.None);
        Assert.Equal(0, await queue.Worker.MoveAsync(TestQueue.Provider, "elsewhere", 0, 10, "why", CancellationToken.None));
    }

    [Fact]
    public async Task A_held_message_can_be_cancelled()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await queue.Worker.HoldAsync([id], "admin", CancellationToken.None);
        Assert.Single(await queue.Worker.CancelAsync([id], "admin", CancellationToken.None));
        Assert.Equal("cancelled", (await queue.ShowAsync(id)).State);
    }

    // A timer cannot be set so far ahead, and the error met every provider's mail.
    [Fact]
    public async Task A_message_that_is_due_in_a_year_disturbs_nobody()
    {
        await using var queue = await TestQueue.OpenAsync();
        await using var worker = new ProviderWorker("p", null!, null!, _ => null!, new Permits(queue.Database, queue.Clock), null!, null!, TimeProvider.System,
            new MailOptions(), new Random(1), NullLogger.Instance, CancellationToken.None);
        worker.PokeAt(TimeProvider.System.GetUtcNow().AddDays(366));
    }
}
