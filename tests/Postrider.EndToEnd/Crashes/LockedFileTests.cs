using Microsoft.Data.Sqlite;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>Another program may keep the database file locked for longer than anybody waits.</summary>
public sealed class LockedFileTests
{
    [Fact]
    public async Task What_a_provider_has_taken_while_the_file_was_locked_is_recorded_afterwards_and_sent_once()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var data = Directory.CreateTempSubdirectory("postrider-locked-");
        var file = Path.Combine(data.FullName, "postrider.db");
        await using (var installation = await Installation.StartAsync(data: data.FullName, settings: new Dictionary<string, string> { ["POSTRIDER__Database"] = $"Data Source={file};Default Timeout=1" }))
        {
            var (gateway, arrivals) = (installation.Gateway, installation.Simulator.State.Messages);
            var id = (await gateway.Api.Messages.SendAsync(new SendMessage { To = ["slow-200@example.org"], Subject = "locked", Text = "Hello" }, cancellation: cancellation)).Id;
            await arrivals.ArrivedAsync(1, cancellation).WaitAsync(TimeSpan.FromSeconds(20), cancellation);
            using (Lock(file))
                await GatewayProcess.EventuallyAsync(() => Task.FromResult(gateway.Output.Contains("locked", StringComparison.Ordinal) ? gateway : null), "the log says that the file is locked");

            var sent = await gateway.MessageIsAsync(id, "sent");
            Assert.Equal(["sent"], sent.Attempts.Select(attempt => attempt.Outcome));
            Assert.Equal(1, arrivals.Count);
        }
        data.Delete(recursive: true);
    }

    /// <returns>What keeps it locked until it is disposed of.</returns>
    private static SqliteConnection Lock(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "begin immediate";
        command.ExecuteNonQuery();
        return connection;
    }
}
