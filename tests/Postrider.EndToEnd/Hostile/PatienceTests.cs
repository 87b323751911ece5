using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Clients that are too slow, or too many. The gateway of these tests has little patience.</summary>
public sealed class PatienceTests : IAsyncLifetime
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("postrider-test-");
    private GatewayProcess? gateway;

    private RunningGateway Gateway => gateway!;

    public async ValueTask InitializeAsync() => gateway = await GatewayProcess.StartAsync(Path.Combine(root.FullName, "data"), new Dictionary<string, string>
    {
        ["POSTRIDER__Mail__HostName"] = "gateway.example",
        ["POSTRIDER__Submission__CommandTimeout"] = "00:00:00.500",
        ["POSTRIDER__Submission__DataTimeout"] = "00:00:00.500",
        ["POSTRIDER__Submission__MinBytesPerSecond"] = "1000",
        ["POSTRIDER__Submission__MaxConnections"] = "3",
        ["POSTRIDER__Submission__MaxConnectionsPerAddress"] = "2",
    });

    [Fact]
    public async Task A_client_that_says_nothing_is_cut()
    {
        await using var smtp = await RawSmtp.ConnectAsync(Gateway.Smtp);
        Assert.Equal(["421 4.4.2 No command came in time"], await smtp.RestAsync());
    }

    [Fact]
    public async Task A_client_that_spells_a_command_octet_by_octet_is_cut()
    {
        await using var smtp = await RawSmtp.ConnectAsync(Gateway.Smtp);
        Assert.Equal("421 4.4.2 No command came in time", await DripAsync(smtp));
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_of_a_message_is_cut_and_nothing_is_kept()
    {
        await using var smtp = await InDataAsync();
        await smtp.SendAsync("From: a@example.org\r\n\r\nHello\r\n.");
        Assert.Equal(["421 4.4.2 The message came too slowly"], await smtp.RestAsync());
        await NothingKeptAsync();
    }

    [Fact]
    public async Task A_client_that_sends_a_message_octet_by_octet_is_cut_though_it_never_stops()
    {
        await using var smtp = await InDataAsync();
        Assert.Equal("421 4.4.2 The message came too slowly", await DripAsync(smtp));
        await NothingKeptAsync();
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 5\r\nFrom:BDAT 100 LAST\r\n a@example.org\r\n")]
    [InlineData("BDAT 100 LAST\r\nnobody was named")]
    public async Task A_client_that_stops_within_a_chunk_is_cut_and_nothing_is_kept(string said)
    {
        await using var smtp = await RawSmtp.GreetedAsync(Gateway.Smtp);
        await smtp.SendAsync(said);
        Assert.Equal("421 4.4.2 The message came too slowly", (await smtp.RestAsync())[^1]);
        await NothingKeptAsync();
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_a_message_leaves_nothing()
    {
        await using var smtp = await InDataAsync();
        await smtp.SendAsync("From: a@example.org\r\n\r\n" + new string('x', 400_000));
        smtp.CloseSending();
        Assert.Empty(await smtp.RestAsync());
        await NothingKeptAsync();
    }

    [Fact]
    public async Task Connections_beyond_the_limits_are_turned_away_until_others_end()
    {
        var first = await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.31");
        await using (await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.31"))
        {
            await using var third = await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.31", greeting: false);
            Assert.Equal(["421 4.3.2 gateway.example has too many connections, try again later"], await third.RestAsync());
            await using var elsewhere = await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.32");
            await using var tooMany = await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.33", greeting: false);
            Assert.Equal(["421 4.3.2 gateway.example has too many connections, try again later"], await tooMany.RestAsync());
        }
        await first.DisposeAsync();
        await GatewayProcess.EventuallyAsync(async () =>
        {
            await using var again = await RawSmtp.ConnectAsync(Gateway.Smtp, "127.0.0.31", greeting: false);
            return await again.ReplyAsync() is var reply && reply.StartsWith("220", StringComparison.Ordinal) ? reply : null;
        }, "a connection is free again");
    }

    // An octet at a time, faster than the time-outs and slower than the rate, until the server answers.
    private static async Task<string> DripAsync(RawSmtp smtp)
    {
        var reply = smtp.ReplyAsync();
        for (var i = 0; i < 200 && !reply.IsCompleted; i++)
        {
            try
            {
                await smtp.SendAsync("x");
            }
            catch (IOException)
            {
                break;
            }
            await Task.WhenAny(reply, Task.Delay(50, TestContext.Current.CancellationToken));
        }
        return await reply;
    }

    private async Task<RawSmtp> InDataAsync()
    {
        var smtp = await RawSmtp.GreetedAsync(Gateway.Smtp);
        foreach (var line in new[] { "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA" })
            await smtp.SayAsync(line);
        return smtp;
    }

    private async Task NothingKeptAsync()
    {
        Assert.Empty((await Gateway.Api.Messages.PageAsync(new Client.MessageFilter(), cancellation: TestContext.Current.CancellationToken)).Items);
        Assert.DoesNotContain("SMTP session of", Gateway.Output, StringComparison.Ordinal);
        var spool = Path.Combine(Gateway.DataDirectory, "spool");
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(Directory.Exists(spool) && Directory.EnumerateFiles(spool).Any() ? null : "gone"), "the spool is empty");
    }

    public async ValueTask DisposeAsync()
    {
        if (gateway is not null)
            await gateway.DisposeAsync();
        root.Delete(recursive: true);
    }
}
