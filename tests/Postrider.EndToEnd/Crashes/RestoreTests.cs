using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>T08: a backup taken under load comes back whole, and sends nothing before somebody has looked.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_copy_takes_mail_holds_it_and_sends_once_it_is_released()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        var root = Directory.CreateTempSubdirectory("postrider-restore-").FullName;
        var file = Path.Combine(root, "b.backup");
        try
        {
            await installation.Gateway.Api.Queue.HoldAsync(Token);
            var ids = await installation.SendManyAsync(30);
            var load = new SubmissionLoad(installation.Gateway.Smtp, 1);
            var running = load.RunAsync(4, 200, Token);
            await load.AcceptedAsync(20).WaitAsync(TimeSpan.FromSeconds(30), Token);
            var before = load.Accepted.Count;
            var (exit, text, error) = await installation.Gateway.CliAsync("backup", file);
            Assert.True(exit == 0, error);
            Assert.Contains("with the key ring", text, StringComparison.Ordinal);
            await running;
            Assert.Equal(0, installation.Simulator.State.Messages.Count);
            await installation.Gateway.StopAsync();

            var data = Path.Combine(root, "data");
            (exit, text, error) = await installation.Gateway.CliAsync("restore", file, "--data", data, "--compare", installation.Gateway.DataDirectory);
            Assert.True(exit == 0, error);
            Assert.Contains("It starts held", text, StringComparison.Ordinal);
            await using var restored = await GatewayProcess.StartAsync(data, Installation.Settings(installation.Simulator));
            var hold = await restored.Api.Queue.HeldAsync(Token);
            Assert.True(hold is { Held: true, BackupMadeAt: not null });
            // Each of the four sessions may have one more on its way when 200 are reached.
            Assert.InRange(hold.Waiting, 30 + before, 234);
            foreach (var id in ids)
                Assert.Equal("queued", (await restored.Api.Messages.GetAsync(id, Token)).State);
            // New mail is taken, and waits too.
            var fresh = await restored.Api.Messages.SendAsync(new SendMessage { From = Installation.Mailbox, To = ["new@example.org"], Subject = "New", Text = "New" }, cancellation: Token);
            await Task.Delay(TimeSpan.FromSeconds(6), Token);
            Assert.Equal(0, installation.Simulator.State.Messages.Count);
            Assert.Contains("Held as a whole", (await restored.CliAsync("queue")).Output, StringComparison.Ordinal);

            Assert.Equal(0, (await restored.CliAsync("queue", "release", "--yes")).ExitCode);
            await restored.MessageIsAsync(fresh.Id, "sent");
            await Arrivals.QueueIsEmptyAsync(restored, Token);
            Assert.Equal(hold.Waiting + 1, installation.Simulator.State.Messages.Count);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
