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
        using var other = new SqliteConnection($"Data Source={queue.File};Pooling=False");
        other.Open();
        Execute("begin immediate");
        var recording = queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => queue.Worker.AddAsync(queue.New(), Token));
        Assert.Contains("Another program keeps the database file locked", refused.Message, StringComparison.Ordinal);
        Assert.False(recording.IsCompleted, "The outcome is given up.");

        Execute("rollback");
        while (!recording.IsCompleted)
        {
            queue.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Token);
        }
        await recording;
        var message = await queue.ShowAsync(id);
        Assert.Equal(("sent", "sent", 0), (message.State, Assert.Single(message.Attempts).Outcome, await queue.CountAsync("queue")));

        void Execute(string sql)
        {
            using var command = other.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
