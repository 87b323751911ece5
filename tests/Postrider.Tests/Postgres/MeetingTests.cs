using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Postgres;

/// <summary>A late 250 is recorded by one statement that sees the database as it was before it waited for another transaction.</summary>
public sealed class MeetingTests : IOnPostgres
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_250_that_waits_for_a_rescue_counts_its_attempt_after_that_one()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var late = await queue.ClaimAsync();
        await MeetAsync(queue, late,
            first: "update queue set fence = fence + 1, lease_owner = 'other' where message_id = @id",
            then: "insert into attempts (message_id, number, provider_id, started_at, finished_at, outcome, reply) values (@id, 1, 'p', 1, 1, 'uncertain', 'It stopped.')");
        var message = await queue.ShowAsync(id);
        Assert.Equal(("sent", 0), (message.State, await queue.CountAsync("queue")));
        Assert.Equal([(1, "uncertain"), (2, "sent")], message.Attempts.Select(attempt => (attempt.Number, attempt.Outcome)));
    }

    [Fact]
    public async Task A_late_250_and_one_who_asks_for_the_same_rows_in_another_order_both_come_to_their_end()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var late = await queue.ClaimAsync();
        // The server ends one of the two, which is then done again.
        await MeetAsync(queue, late, first: "update messages set subject = 'Other' where id = @id", then: "update queue set rescues = 1 where message_id = @id");
        var message = await queue.ShowAsync(id);
        Assert.Equal(("sent", "Other", 0), (message.State, message.Subject, await queue.CountAsync("queue")));
        Assert.Equal("sent", Assert.Single(message.Attempts).Outcome);
    }

    /// <summary>Another transaction has executed the first statement when the 250 is recorded, and executes the second once that waits for it.</summary>
    private static async Task MeetAsync(TestQueue queue, ClaimedMessage late, string first, string then)
    {
        const string Waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        var (id, again, begun, recording) = (late.Id, false, new TaskCompletionSource(), new TaskCompletionSource<Task>());
        var other = queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(first, new { id });
            begun.TrySetResult();
            var recorded = await recording.Task;
            while (!recorded.IsCompleted && await queue.Database.ReadAsync(looking => looking.SingleAsync<long>(Waiting), Stop) == 0)
                await Task.Delay(5, Stop);
            Assert.False(recorded.IsCompleted && !again, "The 250 did not wait.");
            again = true;
            await session.ExecuteAsync(then, new { id });
        }, Stop);
        await await Task.WhenAny(begun.Task, other);
        var sent = queue.Worker.RecordAsync(late, queue.Outcome(late, OutcomeKind.Sent));
        recording.SetResult(sent);
        await Task.WhenAll(other, sent).WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }
}
