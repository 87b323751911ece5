using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>What a person may do to messages, and what time does to them.</summary>
public class OperatorTests
{
    [Fact]
    public async Task A_waiting_message_is_due_at_once_after_a_retry()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        Assert.Empty(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Deferred, TimeSpan.FromHours(1)));
        var due = new List<string>();
        queue.Worker.Due += due.Add;
        Assert.Single(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        Assert.Equal([TestQueue.Provider], due);
        await queue.ClaimAsync();
        Assert.Equal(("retried", "admin"), Assert.Single((await queue.ShowAsync(id)).Events) is var told ? (told.Kind, told.Actor) : default);
    }

    [Fact]
    public async Task A_failed_message_is_retried_for_those_it_did_not_reach_with_a_new_life()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync("a@example.org", "b@example.org");
        var claimed = await queue.ClaimAsync();
        var outcome = queue.Outcome(claimed, OutcomeKind.Sent);
        await queue.Worker.RecordAsync(claimed, outcome with { Recipients = [outcome.Recipients[0], new(1, OutcomeKind.Failed, "550 5.7.1 no")] });
        queue.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Single(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        var again = await queue.ClaimAsync();
        Assert.Equal(["b@example.org"], again.Recipients.Select(recipient => recipient.Address));
        await queue.Worker.RecordAsync(again, queue.Outcome(again, OutcomeKind.Sent));
        Assert.Equal("sent", (await queue.ShowAsync(id)).State);
        Assert.Empty(await queue.Worker.RetryAsync([id, "unknown"], "admin", CancellationToken.None));
    }

    [Fact]
    public async Task A_cancelled_message_is_not_sent_and_one_that_is_being_sent_is_not_cancelled()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        Assert.Empty(await queue.Worker.CancelAsync([id], "admin", CancellationToken.None));
        await queue.Worker.ReleaseAsync([claimed]);
        Assert.Single(await queue.Worker.CancelAsync([id], "admin", CancellationToken.None));
        Assert.True(await queue.NothingToClaimAsync());
        var message = await queue.ShowAsync(id);
        Assert.Equal(("cancelled", "cancelled"), (message.State, message.Recipients[0].State));
        Assert.Single(await queue.Worker.RetryAsync([id], "admin", CancellationToken.None));
        await queue.ClaimAsync();
    }

    [Fact]
    public async Task A_cancellation_is_taken_back_for_those_that_it_stopped_and_what_was_held_is_held_again()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (waited, held, retried) = (await queue.AddAsync("a@example.org", "b@example.org"), await queue.AddAsync(), await queue.AddAsync());
        await queue.Worker.HoldAsync([held], "admin", CancellationToken.None);
        Assert.Equal([waited, held, retried], await queue.Worker.CancelAsync([waited, held, retried], "admin", CancellationToken.None));
        await queue.Worker.RetryAsync([retried], "admin", CancellationToken.None);
        var due = new List<string>();
        queue.Worker.Due += due.Add;
        Assert.Equal([waited, held], await queue.Worker.RestoreAsync([waited, held, retried], new HashSet<string> { held }, "admin", CancellationToken.None));
        Assert.Equal([TestQueue.Provider], due);
        Assert.Equal(("queued", "restored"), (await queue.ShowAsync(waited)) is var again ? (again.State, again.Events[^1].Kind) : default);
        Assert.NotNull((await queue.ShowAsync(held)).HeldAt);
        Assert.Equal(new[] { retried, waited }.Order(), (await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None)).Select(message => message.Id).Order());
    }

    [Fact]
    public async Task A_message_whose_time_is_over_is_taken_once_to_be_given_up()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        queue.Clock.Advance(queue.Options.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        var expired = Assert.Single(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        Assert.Equal(id, expired.Id);
        Assert.Empty(await queue.Other.ClaimExpiredAsync(10, CancellationToken.None));
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task A_message_in_hand_is_not_given_up_and_a_scheduled_ones_time_begins_when_it_is_due()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync(queue.New() with { SendAt = queue.Clock.GetUtcNow().AddDays(3) });
        queue.Clock.Advance(queue.Options.Lifetime + TimeSpan.FromDays(2));
        await queue.ClaimAsync();
        queue.Clock.Advance(TimeSpan.FromSeconds(30));
        await queue.Worker.RenewAsync(CancellationToken.None);
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Single(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
    }
}
