using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A disk without room refuses mail and loses none; a disk that fails ends the process, and the next one finds all that was acknowledged.</summary>
public sealed class DiskTests(ITestOutputHelper output)
{
    [Fact]
    public async Task With_little_room_left_mail_is_refused_what_was_accepted_is_sent_and_room_is_all_it_takes_to_go_on()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var disk = SmallDisk.Mount(mebibytes: 64);
        await using var installation = await Installation.StartAsync(data: Path.Combine(disk.Path, "data"));
        var gateway = installation.Gateway;
        var load = new SubmissionLoad(gateway.Smtp, Chance.NewSeed());
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = load.RunAsync(sessions: 2, int.MaxValue, enough.Token);
        await load.AcceptedAsync(50).WaitAsync(cancellation);

        disk.Fill(leave: 14 << 20);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(load.Refusals.Count > 0 ? load : null), "mail is refused");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadyAsync());
        using (var refused = await gateway.Http.PostAsJsonAsync("/api/v1/messages", new { from = Installation.Mailbox, to = new[] { "someone@example.org" }, subject = "No room", text = "Hello" }, cancellation))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        await Arrivals.QueueIsEmptyAsync(gateway, cancellation);
        var before = load.Accepted.Count;

        disk.Free();
        await load.AcceptedAsync(before + 50).WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        Assert.Equal(HttpStatusCode.OK, await ReadyAsync());
        await enough.CancelAsync();
        await running;
        output.WriteLine($"{load.Accepted.Count} accepted, {load.Refusals.Count} refused");
        Assert.All(load.Refusals, code => Assert.Equal(452, code));
        Assert.Empty((await NothingIsLostAsync(installation, load)).Duplicated);

        async Task<HttpStatusCode> ReadyAsync()
        {
            using var answer = await gateway.Http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellation);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_disk_that_others_have_filled_to_the_last_octet_delays_mail_and_loses_none()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var disk = SmallDisk.Mount(mebibytes: 64);
        await using var installation = await Installation.StartAsync(data: Path.Combine(disk.Path, "data"));
        var gateway = installation.Gateway;
        await gateway.Api.Providers.PauseAsync(Installation.ProviderName, cancellation);
        var load = new SubmissionLoad(gateway.Smtp, Chance.NewSeed());
        await load.RunAsync(sessions: 4, messages: 200, cancellation);
        // A hundred and fifty at once and then ten a second: on a quick machine all would be sent before the disk is filled. And a long log would have room for all of it.
        await gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject { ["limits"] = new JsonObject { ["messagesPerMinute"] = 600 } }, cancellation);
        DatabaseFile.Query(gateway.DataDirectory, "pragma wal_checkpoint(truncate)");
        await gateway.Api.Providers.ResumeAsync(Installation.ProviderName, cancellation);

        disk.Fill(leave: 0);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(gateway.Output.Contains("disk is full", StringComparison.OrdinalIgnoreCase) ? gateway : null), "the log says that the disk is full");
        disk.Free();
        Assert.Empty((await NothingIsLostAsync(installation, load)).Duplicated);
    }

    [Fact]
    public async Task A_flush_that_fails_ends_the_process_and_what_it_acknowledged_is_there()
    {
        var cancellation = TestContext.Current.CancellationToken;
        // From the two hundredth on, every flush fails: some mail has been acknowledged by then.
        await using var installation = await Installation.StartAsync(wrap: ["strace", "-D", "-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null",
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=200+"]);
        var load = new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed());
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = load.RunAsync(sessions: 2, int.MaxValue, enough.Token);

        Assert.Equal(1, await installation.Process.EndsAsync(TimeSpan.FromSeconds(60)));
        await enough.CancelAsync();
        await running;
        output.WriteLine($"{load.Accepted.Count} acknowledged before the disk failed, {load.Unanswered.Count} without an answer");
        Assert.NotEmpty(load.Accepted);

        await installation.RestartAsync();
        await NothingIsLostAsync(installation, load);
    }

    /// <summary>Once all is sent: what was acknowledged arrived as it was, and the database is whole.</summary>
    private static async Task<Arrivals> NothingIsLostAsync(Installation installation, SubmissionLoad load)
    {
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, TestContext.Current.CancellationToken);
        var arrivals = new Arrivals(installation.Simulator, load);
        Assert.Empty(arrivals.Lost);
        Assert.Empty(arrivals.Foreign);
        Assert.Empty(arrivals.Changed);
        await installation.Gateway.StopAsync();
        Assert.Equal(["ok"], DatabaseFile.Query(installation.Gateway.DataDirectory, "pragma integrity_check"));
        return arrivals;
    }
}
