using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>What an attempt came to, and what becomes of it when the worker was too late or too dead to say so.</summary>
public class OutcomeTests
{
    private static readonly TimeSpan Lease = new Postrider.Mail.MailOptions().Lease;

    [Fact]
    public async Task A_sent_message_leaves_the_queue_and_keeps_its_reply()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent) with { RemoteId = "<theirs@example.net>" });
        var message = await queue.ShowAsync(id);
        Assert.Equal(("sent", "<theirs@example.net>", "250 2.0.0 OK"), (message.State, message.RemoteId, message.Recipients[0].Reply));
        Assert.Equal(0, await queue.CountAsync("queue"));
    }

    [Fact]
    public async Task A_deferred_message_waits_until_its_next_attempt()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Deferred, TimeSpan.FromSeconds(30)));
        queue.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(await queue.NothingToClaimAsync());
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 0), await queue.ClaimAsync() is var again ? (again.Attempts, again.Rescues) : default);
    }

    [Fact]
    public async Task Only_those_who_were_not_reached_are_tried_again_and_the_worst_names_the_message()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync("a@example.org", "b@example.org", "c@example.org");
        var claimed = await queue.ClaimAsync();
        var outcome = queue.Outcome(claimed, OutcomeKind.Sent, TimeSpan.Zero);
        await queue.Worker.RecordAsync(claimed, outcome with
        {
            Recipients = [outcome.Recipients[0], new(1, OutcomeKind.Failed, "550 5.1.1 unknown"), new(2, OutcomeKind.Deferred, "451 4.7.0 later")],
        });
        Assert.Equal("partly", Assert.Single((await queue.ShowAsync(id)).Attempts).Outcome);
        var again = await queue.ClaimAsync();
        Assert.Equal(["c@example.org"], again.Recipients.Select(recipient => recipient.Address));
        await queue.Worker.RecordAsync(again, queue.Outcome(again, OutcomeKind.Sent));
        var message = await queue.ShowAsync(id);
        Assert.Equal("failed", message.State);
        Assert.Equal(["sent", "failed", "sent"], message.Recipients.Select(recipient => recipient.State));
        Assert.Equal(["550 5.1.1 unknown", "451 4.7.0 later"], message.Replies.Select(reply => reply.Reply));
    }

    [Fact]
    public async Task A_stale_workers_deferral_does_not_touch_the_message_and_is_told_all_the_same()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var stale = await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        var ours = await queue.ClaimAsync(queue.Other);
        await queue.Worker.RecordAsync(stale, queue.Outcome(stale, OutcomeKind.Deferred));
        await queue.Worker.RecordAsync(stale, queue.Outcome(stale, OutcomeKind.Failed), queue.New("app@example.org") with { ReportOf = id });
        Assert.Equal(1, await queue.CountAsync("messages"));
        Assert.Equal("queued", (await queue.ShowAsync(id)).State);
        Assert.True(await queue.Other.MarkFinalDotAsync(ours, CancellationToken.None));
        await queue.Other.RecordAsync(ours, queue.Outcome(ours, OutcomeKind.Sent));
        Assert.Equal(["deferred", "refused", "sent"], (await queue.ShowAsync(id)).Attempts.Select(attempt => attempt.Outcome));
    }

    [Fact]
    public async Task A_late_250_wins_over_a_requeue()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var late = await queue.ClaimAsync();
        Assert.True(await queue.Worker.MarkFinalDotAsync(late, CancellationToken.None));
        queue.Clock.Advance(Lease);
        var other = await queue.ClaimAsync(queue.Other);
        await queue.Worker.RecordAsync(late, queue.Outcome(late, OutcomeKind.Sent));
        Assert.False(await queue.Other.MarkFinalDotAsync(other, CancellationToken.None));
        await queue.Other.RecordAsync(other, queue.Outcome(other, OutcomeKind.Failed));
        Assert.Equal("sent", (await queue.ShowAsync(id)).State);
        Assert.Equal(0, await queue.CountAsync("queue"));
    }

    [Fact]
    public async Task A_late_250_wins_over_a_cancellation()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var late = await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        Assert.Single(await queue.Other.CancelAsync([id], "admin", CancellationToken.None));
        await queue.Worker.RecordAsync(late, queue.Outcome(late, OutcomeKind.Sent));
        Assert.Equal("sent", (await queue.ShowAsync(id)).State);
    }

    [Fact]
    public async Task What_may_have_been_sent_waits_for_a_person_where_that_was_asked_for_and_does_not_expire()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (lost, crashed) = (await queue.AddAsync(queue.New() with { HoldUncertain = true }), await queue.AddAsync(queue.New() with { HoldUncertain = true }));
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None, all => all);
        var one = claimed.Single(message => message.Id == lost);
        await queue.Worker.RecordAsync(one, queue.Outcome(one, OutcomeKind.Uncertain));
        queue.Clock.Advance(queue.Options.Lease);
        Assert.True(await queue.NothingToClaimAsync());
        queue.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await queue.Worker.ClaimExpiredAsync(10, CancellationToken.None));
        foreach (var id in new[] { lost, crashed })
        {
            var held = await queue.ShowAsync(id);
            Assert.Equal((MessageQueue.MayHaveBeenSent, "uncertain", true), (held.HeldReason, Assert.Single(held.Attempts).Outcome, held.Recipients[0].Uncertain));
        }
        Assert.Equal([lost, crashed], await queue.Worker.ReleaseHeldAsync([lost, crashed], "admin", CancellationToken.None));
        Assert.All(await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None), message => Assert.Equal(1, message.Attempts));
    }

    [Fact]
    public async Task The_rescue_of_a_marked_attempt_tells_it_as_uncertain()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var dead = await queue.ClaimAsync();
        Assert.True(await queue.Worker.MarkFinalDotAsync(dead, CancellationToken.None));
        await queue.Other.FreeAbandonedAsync(CancellationToken.None);
        var rescued = await queue.ClaimAsync(queue.Other);
        Assert.Equal((1, 1), (rescued.Attempts, rescued.Rescues));
        var message = await queue.ShowAsync(id);
        Assert.Equal(("uncertain", "finalReply"), Assert.Single(message.Attempts) is var attempt ? (attempt.Outcome, attempt.Stage!) : default);
        Assert.True(message.Recipients[0].Uncertain);

        // It is told once, not again by the next rescue.
        queue.Clock.Advance(Lease);
        Assert.True(await queue.NothingToClaimAsync());
        Assert.Equal(1, Assert.Single(await queue.Other.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None)).Attempts);
    }

    [Fact]
    public async Task A_dot_that_did_not_count_leaves_no_doubt_behind_and_one_without_an_answer_does()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        Assert.True(await queue.Worker.MarkFinalDotAsync(claimed, CancellationToken.None));
        claimed.ForgetFinalDot();
        await queue.Worker.ReleaseAsync([claimed]);
        var again = await queue.ClaimAsync();
        Assert.Empty((await queue.ShowAsync(id)).Attempts);

        Assert.True(await queue.Worker.MarkFinalDotAsync(again, CancellationToken.None));
        await queue.Worker.ReleaseAsync([again]);
        Assert.Equal(1, (await queue.ClaimAsync()).Attempts);
        Assert.Equal("uncertain", Assert.Single((await queue.ShowAsync(id)).Attempts).Outcome);
    }
}
