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

    [Fact]
    public async Task What_was_sent_since_the_backup_is_seen_is_not_sent_again_and_nobody_is_missed()
    {
        const int Whole = 8, Partly = 6, Deferred = 4;
        // Who is put off once is not tried again before the source is gone.
        await using var installation = await Installation.StartAsync(alone: true, settings: new Dictionary<string, string> { ["POSTRIDER__Mail__RetryDelays__0"] = "01:00:00" });
        var (api, arrivals) = (installation.Gateway.Api, installation.Simulator.State.Messages);
        var root = Directory.CreateTempSubdirectory("postrider-restore-").FullName;
        var file = Path.Combine(root, "b.backup");
        try
        {
            await api.Queue.HoldAsync(Token);
            string[][] all =
            [
                .. Enumerable.Range(0, Whole).Select(number => new[] { $"whole{number}@example.org" }),
                .. Enumerable.Range(0, Partly).Select(number => new[] { $"reached{number}@example.org", $"451-1+{number}@example.org", $"also{number}@example.org" }),
                .. Enumerable.Range(0, Deferred).Select(number => new[] { $"451-1+late{number}@example.org" }),
            ];
            var ids = new List<string>();
            foreach (var to in all)
                ids.Add((await api.Messages.SendAsync(new SendMessage { From = Installation.Mailbox, To = to, Subject = "Hello", Text = "Hello" }, cancellation: Token)).Id);
            Assert.Equal(0, (await installation.Gateway.CliAsync("backup", file)).ExitCode);
            await api.Queue.ReleaseAsync(Token);
            foreach (var id in ids[Whole..])
                await GatewayProcess.EventuallyAsync(async () => await api.Messages.GetAsync(id, Token) is { AttemptCount: 1 } message ? message : null, "it was tried once");
            foreach (var id in ids[..Whole])
                await installation.Gateway.MessageIsAsync(id, "sent");
            await installation.SendAsync("451-1+new@example.org");
            await GatewayProcess.EventuallyAsync(async () => await api.Queue.GetAsync(Token) is { Waiting: Partly + Deferred + 1, Sending: 0 } queue ? queue : null, "only those that were put off wait");
            Assert.Equal(Whole + Partly, arrivals.Count);
            await installation.Process.KillAsync();

            var data = Path.Combine(root, "data");
            var (exit, text, error) = await installation.Gateway.CliAsync("restore", file, "--data", data, "--compare", installation.Gateway.DataDirectory);
            Assert.True(exit == 0, error);
            Assert.Contains($"{Whole}  sent there since", text, StringComparison.Ordinal);
            Assert.Contains($"{Partly}  sent there to some", text, StringComparison.Ordinal);
            Assert.Contains("1 more wait there", text, StringComparison.Ordinal);
            await using var restored = await GatewayProcess.StartAsync(data, Installation.Settings(installation.Simulator));

            var hold = await restored.Api.Queue.HeldAsync(Token);
            Assert.Equal((Partly + Deferred, 1), (hold.Waiting, hold.WaitingThere));
            var provider = Assert.Single(hold.Providers);
            Assert.Equal((Installation.ProviderName, Partly + Deferred, Whole, Partly, 0), (provider.Provider, provider.FromBackup, provider.SentSince, provider.PartlySince, provider.UncertainSince));
            Assert.True(provider.OldestAt < provider.NewestAt);
            var page = await restored.Api.Queue.DifferencesAsync(limit: Whole + 1, cancellation: Token);
            var rest = await restored.Api.Queue.DifferencesAsync(page.NextCursor, cancellation: Token);
            var differences = page.Items.Concat(rest.Items).ToDictionary(one => one.Id);
            Assert.Equal(ids[..(Whole + Partly)].Order(), differences.Keys.Order());
            Assert.All(ids[..Whole], id => Assert.Equal(("sent", 1L, 0L), (differences[id].Kind, differences[id].Reached, differences[id].Waiting)));
            Assert.All(ids[Whole..(Whole + Partly)], id => Assert.Equal(("partly", 2L, 1L), (differences[id].Kind, differences[id].Reached, differences[id].Waiting)));
            Assert.Contains("partly", (await restored.CliAsync("queue", "differences")).Output, StringComparison.Ordinal);
            using var anna = new Browser(restored.HttpUrl);
            await anna.SetUpAsync((await restored.Api.Console.LinkAsync(null, Token)).Url);
            foreach (var path in new[] { "/queue", "/queue?handler=Release" })
                Assert.Contains($"{Partly} × sent there to some", await anna.SeeAsync(path), StringComparison.Ordinal);
            Assert.Contains("2 sent there, 1 wait here", await anna.SeeAsync("/queue/differences"), StringComparison.Ordinal);
            Assert.Equal(("sent", "250"), (await restored.Api.Messages.GetAsync(ids[0], Token)) is { State: var state, Attempts: [{ Reply: var reply }] } ? (state, reply[..3]) : default);

            Assert.Equal(0, (await restored.CliAsync("queue", "release", "--yes")).ExitCode);
            await Arrivals.QueueIsEmptyAsync(restored, Token);
            Assert.Equal(all.SelectMany(to => to).Order(), arrivals.Read().SelectMany(message => message.To).Order());
            Assert.Empty((await restored.Api.Queue.DifferencesAsync(cancellation: Token)).Items);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
