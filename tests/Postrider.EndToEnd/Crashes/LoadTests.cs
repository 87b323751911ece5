using System.Diagnostics;
using Postrider.Client;
using Postrider.EndToEnd.Hostile;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A long queue, more clients than there is room for, and some thousand messages: what make soak lets last for minutes and hours.</summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    private const long Mebibyte = 1 << 20;

    private static readonly SimulatorOptions Forgetful = new() { RawBytesKept = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // T12
    [Fact]
    public async Task With_fifty_thousand_messages_waiting_it_starts_shows_its_queue_and_sends_at_once()
    {
        const int Waiting = 50_000, Sent = 2000;
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: Forgetful);
        await installation.Gateway.Api.Providers.PauseAsync(Installation.ProviderName, Token);
        await installation.SendAsync();
        Assert.Equal(0, await installation.Gateway.StopAsync());
        await using (var connection = await Backlog.OpenAsync(installation.Gateway.DataDirectory))
            await Backlog.CopyAsync(connection, Waiting - 1);

        var clock = Stopwatch.StartNew();
        await installation.RestartAsync();
        var start = clock.Elapsed;
        Assert.Equal(Waiting, (await installation.Gateway.Api.Queue.GetAsync(Token)).Waiting);
        clock.Restart();
        await installation.Gateway.Api.Queue.GetAsync(Token);
        var look = clock.Elapsed;
        clock.Restart();
        await installation.Gateway.Api.Providers.ResumeAsync(Installation.ProviderName, Token);
        await installation.ArrivedAsync(Sent);
        var (sending, memory) = (clock.Elapsed, ProcessMemory.Peak(installation.Process.ProcessId) / Mebibyte);
        output.WriteLine($"started in {start.TotalSeconds:0.0} s, queue told in {look.TotalMilliseconds:0} ms, {Sent} sent after {sending.TotalSeconds:0.0} s, {memory} MB at most");
        Assert.InRange(start, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(look, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
        Assert.InRange(memory, 0, 512);
    }

    // T43
    [Fact]
    public async Task Three_times_as_many_clients_as_there_is_room_for_are_served_or_turned_away_and_none_hangs()
    {
        const int Room = 10, Messages = 1500;
        var room = Room.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using var installation = await Installation.StartAsync(alone: true, settings: new Dictionary<string, string>
        {
            ["POSTRIDER__Submission__MaxConnections"] = room, ["POSTRIDER__Submission__MaxConnectionsPerAddress"] = room,
        });
        var load = new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed());
        await load.RunAsync(3 * Room, Messages, Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, Token);

        var (arrivals, memory) = (new Arrivals(installation.Simulator, load), ProcessMemory.Peak(installation.Process.ProcessId) / Mebibyte);
        output.WriteLine($"{load.Accepted.Count} accepted, {load.Refusals.Count} refused, {load.ConnectionsLost} connections lost, {memory} MB at most");
        Assert.NotEmpty(load.Refusals);
        Assert.All(load.Refusals, code => Assert.True(code is 421 or 452, $"{code}"));
        Assert.Equal(0, load.ConnectionsLost);
        Assert.Empty(arrivals.Lost);
        Assert.Empty(arrivals.Duplicated);
        Assert.InRange(memory, 0, 600);
    }

    // T44
    [Fact]
    public async Task After_some_thousand_messages_no_more_handles_are_open_and_the_log_is_short()
    {
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: Forgetful);
        var process = installation.Process.ProcessId;
        await SendAsync(2000);
        var (handles, memory) = (Handles(), ProcessMemory.Now(process) / Mebibyte);
        await SendAsync(4000);
        // Sessions that rest are closed in their time.
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(Handles() <= handles + 10 ? installation : null), $"{handles} handles are open again");
        var (log, after) = (new FileInfo(Path.Combine(installation.Gateway.DataDirectory, "postrider.db-wal")).Length / Mebibyte, ProcessMemory.Now(process) / Mebibyte);
        output.WriteLine($"{handles} → {Handles()} handles, {memory} → {after} MB, a log of {log} MB");
        Assert.InRange(log, 0, 64);
        Assert.InRange(after - memory, long.MinValue, 100);

        int Handles() => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

        async Task SendAsync(int messages)
        {
            await new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed()).RunAsync(10, messages, Token);
            await Arrivals.QueueIsEmptyAsync(installation.Gateway, Token);
        }
    }
}
