using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Lines that are too long, endless, or hold what no line may hold.</summary>
[Collection(OpenDoors.Name)]
public sealed class LineTests(OpenDoors doors)
{
    private const long MemoryAllowed = 64L * 1024 * 1024;

    [Theory]
    [InlineData("NOOP \0", "500 5.5.2 The command contains a control character")]
    [InlineData("MAIL FROM:<a\0b@example.org>", "500 5.5.2 The command contains a control character")]
    [InlineData("EHLO \u001b[31mred", "500 5.5.2 The command contains a control character")]
    [InlineData("EHLO a\u007f", "500 5.5.2 The command contains a control character")]
    [InlineData("EHLO \u00ff\u00fe", "500 5.5.2 The command is not valid UTF-8")]
    [InlineData("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.org>", "500 5.5.2 Lines end in CR LF, and neither stands alone (RFC 5321 section 2.3.8)")]
    [InlineData("MAIL FROM:<a@example.org>\rRCPT TO:<b@example.org>", "500 5.5.2 Lines end in CR LF, and neither stands alone (RFC 5321 section 2.3.8)")]
    public async Task A_line_with_stray_octets_is_one_refused_line(string octets, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync(octets + "\r\nNOOP\r\nQUIT\r\n");
        Assert.Equal([expected, "250 2.0.0 Here", "221 2.0.0 Goodbye"], await smtp.RestAsync());
    });

    [Fact]
    public async Task A_line_of_12_KiB_is_read_and_a_longer_one_refused() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP " + new string('x', 12288 - 7)));
        Assert.Equal("500 5.5.2 The line is longer than 12288 octets", await smtp.SayAsync("NOOP " + new string('x', 12288 - 6)));
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    });

    [Fact]
    public Task A_line_of_100_MB_costs_no_memory() => FloodAsync([.. Enumerable.Repeat((byte)'x', 1024 * 1024)], 100,
        last: "\r\nNOOP\r\n", ["500 5.5.2 The line is longer than 12288 octets", "250 2.0.0 Here"]);

    [Fact]
    public async Task A_message_of_100_MB_in_one_line_is_refused_behind_its_end_and_costs_no_memory()
    {
        await FloodAsync([.. Enumerable.Repeat((byte)'x', 1024 * 1024)], 100, "\r\n.\r\nNOOP\r\n",
            [$"552 5.3.4 A message may have {OpenDoors.MaxMessageBytes} octets", "250 2.0.0 Here"],
            first: "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n", greeted: 3);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(doors.Gateway.DataDirectory, "spool")));
    }

    [Fact]
    public Task A_million_header_lines_cost_no_memory() => FloodAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-A: b\r\n", 10_000))), 100, ".\r\nNOOP\r\n",
        [$"552 5.3.4 A message may have {OpenDoors.MaxMessageBytes} octets", "250 2.0.0 Here"],
        first: "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n", greeted: 3);

    // The replies to pipelined commands wait to leave together; they must not wait for ever.
    [Fact]
    public async Task A_client_that_sends_commands_and_reads_no_replies_costs_no_memory() => await doors.UnchangedByAsync(async () =>
    {
        var before = ProcessMemory.Now(doors.Installation.Process.ProcessId);
        await using var smtp = await doors.GreetedAsync();
        var commands = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HELP\r\n", 100_000)));
        // 60 MB of commands would have 250 MB of replies. The gateway stops reading when nobody takes them.
        for (var i = 0; i < 100; i++)
        {
            var sending = smtp.SendAsync(commands);
            if (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken)) != sending)
                break;
        }
        Assert.InRange(ProcessMemory.Peak(doors.Installation.Process.ProcessId) - before, long.MinValue, MemoryAllowed);
    });

    private Task FloodAsync(byte[] piece, int times, string last, string[] replies, string first = "", int greeted = 0) => doors.UnchangedByAsync(async () =>
    {
        var before = ProcessMemory.Now(doors.Installation.Process.ProcessId);
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync(first);
        for (var i = 0; i < greeted; i++)
            await smtp.ReplyAsync();
        for (var i = 0; i < times; i++)
            await smtp.SendAsync(piece);
        await smtp.SendAsync(last);
        foreach (var reply in replies)
            Assert.Equal(reply, await smtp.ReplyAsync());
        Assert.InRange(ProcessMemory.Peak(doors.Installation.Process.ProcessId) - before, long.MinValue, MemoryAllowed);
    });
}
