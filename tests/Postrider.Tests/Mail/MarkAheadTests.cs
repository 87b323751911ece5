using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>The mark of the next message's final dot may share a commit with the outcome of the one before it.</summary>
public class MarkAheadTests
{
    [Fact]
    public async Task A_message_marked_with_the_outcome_before_it_needs_no_mark_of_its_own()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (first, next) = await TwoAsync(queue);
        await queue.Worker.RecordAsync(first, queue.Outcome(first, OutcomeKind.Sent), next: next);
        Assert.Equal(queue.Clock.GetUtcNow(), next.FinalDotAt);
        Assert.True(await queue.Worker.MarkFinalDotAsync(next, CancellationToken.None));
    }

    [Fact]
    public async Task A_mark_ahead_counts_as_a_final_dot_when_the_worker_dies_after_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (first, next) = await TwoAsync(queue);
        await queue.Worker.RecordAsync(first, queue.Outcome(first, OutcomeKind.Sent), next: next);
        queue.Clock.Advance(queue.Options.Lease);
        var rescued = await queue.ClaimAsync(queue.Other);
        Assert.Equal((next.Id, 1), (rescued.Id, rescued.Attempts));
        Assert.Equal("uncertain", Assert.Single((await queue.ShowAsync(next.Id)).Attempts).Outcome);
    }

    [Fact]
    public async Task Those_that_leave_at_once_are_marked_with_their_claim_and_no_others()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.AddAsync();
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None, all => [all[0]]);
        Assert.Equal([queue.Clock.GetUtcNow(), null], claimed.Select(message => message.FinalDotAt));
        queue.Clock.Advance(queue.Options.Lease);
        var rescued = await queue.Other.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None);
        Assert.Equal([1, 0], claimed.Select(message => rescued.Single(one => one.Id == message.Id).Attempts));
    }

    [Fact]
    public async Task What_a_dead_worker_had_marked_is_told_before_the_next_claim_marks_it_anew()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None, all => all);
        queue.Clock.Advance(queue.Options.Lease);
        var rescued = Assert.Single(await queue.Other.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None, all => all));
        Assert.NotNull(rescued.FinalDotAt);
        await queue.Other.RecordAsync(rescued, queue.Outcome(rescued, OutcomeKind.Sent));
        Assert.Equal(["uncertain", "sent"], (await queue.ShowAsync(rescued.Id)).Attempts.Select(attempt => attempt.Outcome));
    }

    [Fact]
    public async Task A_mark_ahead_is_not_set_when_the_lease_of_the_next_message_is_lost_and_its_dot_is_not_sent()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (first, next) = await TwoAsync(queue);
        queue.Clock.Advance(queue.Options.Lease);
        await queue.Other.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None);
        await queue.Worker.RecordAsync(first, queue.Outcome(first, OutcomeKind.Sent), next: next);
        Assert.Null(next.FinalDotAt);
        Assert.False(await queue.Worker.MarkFinalDotAsync(next, CancellationToken.None));
    }

    [Fact]
    public async Task A_mark_that_has_grown_old_is_renewed_and_the_lease_with_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (first, next) = await TwoAsync(queue);
        await queue.Worker.RecordAsync(first, queue.Outcome(first, OutcomeKind.Sent), next: next);
        queue.Clock.Advance(queue.Options.Lease - TimeSpan.FromSeconds(1));
        Assert.True(await queue.Worker.MarkFinalDotAsync(next, CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task A_small_message_comes_along_with_its_claim_and_a_large_one_does_not()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync(queue.New() with { Content = StoredBytes.From(new byte[64 * 1024]) });
        queue.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await queue.AddAsync(queue.New() with { Content = StoredBytes.From(new byte[64 * 1024 + 1]) });
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None);
        Assert.Equal([64 * 1024, 0], claimed.OrderBy(message => message.Size).Select(message => message.Content?.Length ?? 0));
    }

    private static async Task<(ClaimedMessage First, ClaimedMessage Next)> TwoAsync(TestQueue queue)
    {
        await queue.AddAsync();
        await queue.AddAsync();
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None);
        return (claimed[0], claimed[1]);
    }
}
