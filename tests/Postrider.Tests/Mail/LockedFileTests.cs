using Microsoft.Data.Sqlite;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Tests.Mail;

/// <summary>Another program, such as one that makes backups, may keep the database file locked for longer than anybody waits.</summary>
public sealed class LockedFileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_known_outcome_waits_until_the_file_is_free_and_what_may_fail_is_told_why()
    {
        await using var queue = await TestQueue.OpenAsync(";Default Timeout=1");
        var id = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        using var other = Opened(queue);
        Execute(other, "begin immediate");
        var recording = queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => queue.Worker.AddAsync(queue.New(), Token));
        Assert.Contains("Another program keeps the database file locked", refused.Message, StringComparison.Ordinal);
        Assert.False(recording.IsCompleted, "The outcome is given up.");

        Execute(other, "rollback");
        await PassAsync(queue, recording);
        await recording;
        var message = await queue.ShowAsync(id);
        Assert.Equal(("sent", "sent", 0), (message.State, Assert.Single(message.Attempts).Outcome, await queue.CountAsync("queue")));
    }

    [Fact]
    public async Task What_is_known_to_be_sent_is_not_claimed_again_when_its_lease_has_ended_before_that_could_be_stored()
    {
        await using var queue = await TestQueue.OpenAsync(";Default Timeout=1");
        await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Worker.MarkFinalDotAsync(claimed, Token);
        using var other = Opened(queue);
        Execute(other, "begin immediate");
        var recording = queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => queue.Worker.AddAsync(queue.New(), Token));
        queue.Clock.Advance(queue.Options.Lease);
        // Whatever was tried at that moment has failed as well by then.
        for (var tries = 0; tries < 2; tries++)
            await Assert.ThrowsAsync<StorageUnavailableException>(() => queue.Worker.AddAsync(queue.New(), Token));
        Execute(other, "rollback");
        Assert.Empty(await queue.Worker.ClaimAsync(TestQueue.Provider, 10, Token));
        Assert.False(recording.IsCompleted, "It was stored before the claim: this shows nothing.");
        await PassAsync(queue, recording);
        await recording;
        Assert.Equal((0, 1), (await queue.CountAsync("queue"), await queue.CountAsync("attempts")));
    }

    private static SqliteConnection Opened(TestQueue queue)
    {
        var other = new SqliteConnection($"Data Source={queue.File};Pooling=False");
        other.Open();
        return other;
    }

    private static void Execute(SqliteConnection other, string sql)
    {
        using var command = other.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task PassAsync(TestQueue queue, Task until)
    {
        while (!until.IsCompleted)
        {
            queue.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Token);
        }
    }
}
