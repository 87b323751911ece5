using System.Text.Json;
using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Tests.Mail;

/// <summary>A message that a lane waits for is stored as claimed for it.</summary>
public class HandsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_lane_waits_for_is_stored_claimed_and_marked_and_is_not_told_of()
    {
        await using var queue = await TestQueue.OpenAsync();
        var told = new List<string>();
        queue.Worker.Due += told.Add;
        var (hand, filled) = Open(queue, room: 4);
        var id = await queue.AddAsync();
        Assert.Equal(1, filled());
        Assert.True(await queue.NothingToClaimAsync());
        var message = Assert.Single(await hand.CloseAsync(Stop));
        Assert.Equal((id, 1L, queue.Clock.GetUtcNow()), (message.Id, message.Fence, message.FinalDotAt));
        Assert.True(await queue.Worker.MarkFinalDotAsync(message, Stop));
        await queue.Worker.RecordAsync(message, queue.Outcome(message, OutcomeKind.Sent));
        Assert.Equal("sent", Assert.Single((await queue.ShowAsync(id)).Attempts).Outcome);
        Assert.Equal(0, await queue.CountAsync("queue"));
        Assert.Empty(told);
    }

    [Fact]
    public async Task It_is_what_another_would_read()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (hand, _) = Open(queue, room: 1);
        await queue.AddAsync(queue.New() with { ClientId = "client", Body = SmtpBody.EightBitMime, Subject = "Smör", MailFrom = "" });
        var mine = Assert.Single(await hand.CloseAsync(Stop));
        mine.ForgetFinalDot();
        await queue.Worker.ReleaseAsync([mine]);
        var read = await queue.ClaimAsync(queue.Other);
        Assert.Equal((1L, 2L), (mine.Fence, read.Fence));
        Assert.Equal(JsonSerializer.Serialize(read).Replace("\"Fence\":2", "\"Fence\":1", StringComparison.Ordinal), JsonSerializer.Serialize(mine));
    }

    [Fact]
    public async Task What_was_in_the_hand_of_a_process_that_dies_may_have_been_sent_and_is_sent_again()
    {
        await using var queue = await TestQueue.OpenAsync();
        Open(queue, room: 1);
        var id = await queue.AddAsync();
        queue.Clock.Advance(queue.Options.Lease);
        var rescued = await queue.ClaimAsync(queue.Other);
        Assert.Equal((id, 1, 1), (rescued.Id, rescued.Attempts, rescued.Rescues));
        Assert.Equal("uncertain", Assert.Single((await queue.ShowAsync(id)).Attempts).Outcome);
    }

    [Fact]
    public async Task Its_lease_is_renewed_with_the_others()
    {
        await using var queue = await TestQueue.OpenAsync();
        Open(queue, room: 1);
        await queue.AddAsync();
        queue.Clock.Advance(queue.Options.Lease / 2);
        await queue.Worker.RenewAsync(Stop);
        queue.Clock.Advance(queue.Options.Lease / 2);
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Theory]
    [InlineData("scheduled")]
    [InlineData("a person decides")]
    [InlineData("SMTPUTF8")]
    [InlineData("binary")]
    [InlineData("several recipients")]
    [InlineData("large")]
    [InlineData("suppressed")]
    public async Task What_does_not_leave_at_once_goes_to_the_queue_and_leaves_the_room_to_the_next(string what)
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.Suppressions.LoadAsync(Stop);
        await queue.Suppressions.AddAsync([("gone@example.net", "left the company")], "anna", Stop);
        var (hand, filled) = Open(queue, room: 1);
        await queue.AddAsync(what switch
        {
            "scheduled" => queue.New() with { SendAt = queue.Clock.GetUtcNow() },
            "a person decides" => queue.New() with { HoldUncertain = true },
            "SMTPUTF8" => queue.New("smör@example.org") with { SmtpUtf8 = true },
            "binary" => queue.New() with { Body = SmtpBody.BinaryMime },
            "several recipients" => queue.New("one@example.org", "two@example.org"),
            "large" => queue.New() with { Content = StoredBytes.From(new byte[64 * 1024 + 1]) },
            _ => queue.New("gone@example.net"),
        });
        Assert.Equal(0, filled());
        if (what != "suppressed")
            Assert.Equal(1, (await queue.ClaimAsync(queue.Other)).Fence);
        var next = await queue.AddAsync();
        Assert.Equal(next, Assert.Single(await hand.CloseAsync(Stop)).Id);
    }

    [Fact]
    public async Task The_last_to_wait_is_filled_first_and_what_has_no_room_is_queued()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (first, _) = Open(queue, room: 1);
        var (second, _) = Open(queue, room: 2);
        var ids = new List<string>();
        for (var message = 0; message < 4; message++)
            ids.Add(await queue.AddAsync());
        Assert.Equal(ids[3], (await queue.ClaimAsync(queue.Other)).Id);
        Assert.Equal(ids[..2], (await second.CloseAsync(Stop)).Select(message => message.Id));
        Assert.Equal(ids[2], Assert.Single(await first.CloseAsync(Stop)).Id);
    }

    [Fact]
    public async Task Mail_for_another_provider_is_not_for_it_and_nothing_is_once_it_is_closed()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (hand, _) = Open(queue, room: 4);
        await queue.AddAsync(queue.New() with { ProviderId = "provider-2" });
        Assert.Empty(await hand.CloseAsync(Stop));
        var id = await queue.AddAsync();
        Assert.Equal(id, (await queue.ClaimAsync(queue.Other)).Id);
    }

    [Fact]
    public async Task What_is_being_committed_when_it_closes_is_waited_for()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (hand, _) = Open(queue, room: 4);
        var (commit, adding) = await WaitingForItsCommitAsync(queue);
        var closing = hand.CloseAsync(Stop);
        Assert.False(closing.IsCompleted);
        commit.SetResult();
        await adding;
        Assert.Single(await closing);
    }

    [Fact]
    public async Task What_comes_after_its_lane_was_stopped_goes_back_to_the_queue_untouched_and_is_told_of()
    {
        await using var queue = await TestQueue.OpenAsync();
        var told = new TaskCompletionSource<string>();
        queue.Worker.Due += told.SetResult;
        var (hand, _) = Open(queue, room: 4);
        var (commit, adding) = await WaitingForItsCommitAsync(queue);
        Assert.Empty(await hand.CloseAsync(new CancellationToken(canceled: true)));
        commit.SetResult();
        await adding;
        Assert.Equal(TestQueue.Provider, await told.Task);
        var claimed = await queue.ClaimAsync(queue.Other);
        Assert.Equal((0, 0), (claimed.Attempts, claimed.Rescues));
    }

    [Fact]
    public async Task A_commit_that_hangs_is_not_waited_for_and_what_was_given_before_is_taken()
    {
        await using var queue = await TestQueue.OpenAsync();
        var told = new TaskCompletionSource<string>();
        queue.Worker.Due += told.SetResult;
        var (hand, _) = Open(queue, room: 4);
        var first = await queue.AddAsync();
        var (commit, adding) = await WaitingForItsCommitAsync(queue);
        Assert.Equal(first, Assert.Single(await hand.CloseAsync(Stop)).Id);
        commit.SetResult();
        await adding;
        await told.Task;
        Assert.Equal(await adding, (await queue.ClaimAsync(queue.Other)).Id);
    }

    [Fact]
    public async Task A_message_that_could_not_be_stored_takes_no_room()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (_, filled) = Open(queue, room: 1);
        for (var message = 0; message < 2; message++)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.Worker.AddAsync(queue.New(), new CancellationToken(canceled: true)));
        Assert.NotNull(queue.Worker.Hands.Promise(TestQueue.Provider));
        Assert.Equal(0, filled());
    }

    private static (Hands.Hand Hand, Func<int> Filled) Open(TestQueue queue, int room)
    {
        var filled = 0;
        return (queue.Worker.Hands.Open(TestQueue.Provider, room, () => filled++), () => filled);
    }

    private static async Task<(TaskCompletionSource Commit, Task<string> Adding)> WaitingForItsCommitAsync(TestQueue queue)
    {
        TaskCompletionSource commit = new(), begun = new();
        _ = queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(queue.Database.IsShared ? "lock table messages in exclusive mode" : "select 1");
            begun.SetResult();
            await commit.Task;
        });
        await begun.Task;
        return (commit, queue.AddAsync());
    }
}
