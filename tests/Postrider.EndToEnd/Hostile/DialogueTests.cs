namespace Postrider.EndToEnd.Hostile;

/// <summary>Commands that come out of order, too often, or from somebody who does not speak SMTP.</summary>
[Collection(OpenDoors.Name)]
public sealed class DialogueTests(OpenDoors doors)
{
    [Fact]
    public async Task The_greeting_offers_what_the_door_can_do()
    {
        await using var smtp = await RawSmtp.ConnectAsync(doors.Gateway.Smtp);
        Assert.Equal($"250-gateway.example\n250-SIZE {OpenDoors.MaxMessageBytes}\n250-PIPELINING\n250-8BITMIME\n250-BINARYMIME\n250-CHUNKING\n250-SMTPUTF8\n250-ENHANCEDSTATUSCODES\n250 AUTH PLAIN LOGIN",
            await smtp.SayAsync("EHLO test.example"));
        Assert.Equal("250 gateway.example", await smtp.SayAsync("HELO test.example"));
        Assert.Equal("221 2.0.0 Goodbye", await smtp.SayAsync("QUIT"));
        Assert.Equal("", await smtp.ReplyAsync());
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.org>", "503 5.5.1 Send EHLO first")]
    [InlineData("RCPT TO:<a@example.org>", "503 5.5.1 Send MAIL first")]
    [InlineData("DATA", "503 5.5.1 Send MAIL first")]
    [InlineData("AUTH PLAIN", "503 5.5.1 Send EHLO first, and AUTH before MAIL")]
    [InlineData("EHLO a;MAIL FROM:<a@example.org>;MAIL FROM:<a@example.org>", "503 5.5.1 A message is under way: finish it or send RSET")]
    [InlineData("EHLO a;MAIL FROM:<a@example.org>;DATA", "554 5.5.1 No recipient was taken")]
    [InlineData("EHLO a;MAIL FROM:<a@example.org>;AUTH PLAIN", "503 5.5.1 Send EHLO first, and AUTH before MAIL")]
    [InlineData("EHLO a;MAIL FROM:<a@example.org>;RSET;RCPT TO:<b@example.org>", "503 5.5.1 Send MAIL first")]
    [InlineData("EHLO a;MAIL FROM:<a@example.org>;EHLO b;RCPT TO:<b@example.org>", "503 5.5.1 Send MAIL first")]
    [InlineData("STARTTLS", "503 5.5.1 STARTTLS is not offered: no certificate is configured (Submission:Certificate)")]
    [InlineData("EHLO a;AUTH CRAM-MD5", "504 5.5.4 Sign in with PLAIN or LOGIN")]
    [InlineData("EHLO", "501 5.5.4 Say your host name behind EHLO or HELO")]
    [InlineData("DATA now", "501 5.5.4 DATA takes no parameter")]
    [InlineData("HELLO there", "500 5.5.1 There is no command HELLO")]
    [InlineData("", "500 5.5.2 The line is empty: send a command")]
    [InlineData("VRFY root", "252 2.1.5 Send some mail, I will try my best")]
    public async Task A_command_out_of_place_is_refused_with_what_to_do(string lines, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await RawSmtp.ConnectAsync(doors.Gateway.Smtp);
        var reply = "";
        foreach (var line in lines.Split(';'))
            reply = await smtp.SayAsync(line);
        Assert.Equal(expected, reply);
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    });

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order()
    {
        await using var smtp = await RawSmtp.ConnectAsync(doors.Gateway.Smtp);
        await smtp.SendAsync("EHLO test.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<bad>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        Assert.StartsWith("250-gateway.example", await smtp.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("250 2.1.0 Sender taken", await smtp.ReplyAsync());
        Assert.Equal("501 5.1.3 The recipient's address is not valid. The address has no @ and domain", await smtp.ReplyAsync());
        Assert.Equal("250 2.1.5 Recipient taken", await smtp.ReplyAsync());
        Assert.Equal("354 Send the message, end with a lone dot", await smtp.ReplyAsync());
        await smtp.SendAsync("From: a@example.org\r\n\r\nHello\r\n.\r\nNOOP\r\nQUIT\r\n");
        OpenDoors.StoredId(await smtp.ReplyAsync());
        Assert.Equal(["250 2.0.0 Here", "221 2.0.0 Goodbye"], await smtp.RestAsync());
    }

    [Fact]
    public async Task Twenty_refusals_in_a_row_end_the_session() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync(string.Concat(Enumerable.Repeat("NONSENSE\r\n", 30)));
        var replies = await smtp.RestAsync();
        Assert.Equal(21, replies.Count);
        Assert.All(replies.Take(20), reply => Assert.Equal("500 5.5.1 There is no command NONSENSE", reply));
        Assert.Equal("421 4.7.0 Too many errors, closing the connection", replies[^1]);
    });

    // A page in a browser on this machine may post to any port of it: nothing in such a request is ever a command.
    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("POST / HTTP/1.1")]
    [InlineData("PUT /x HTTP/1.1")]
    [InlineData("OPTIONS * HTTP/1.1")]
    [InlineData("CONNECT example.org:25 HTTP/1.1")]
    public async Task A_browser_at_the_SMTP_door_is_sent_away_at_once(string request) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await RawSmtp.ConnectAsync(doors.Gateway.Smtp);
        await smtp.SendAsync($"{request}\r\nHost: 127.0.0.1:2525\r\nContent-Type: text/plain\r\n\r\nEHLO x\r\nMAIL FROM:<a@example.org>\r\n"
            + "RCPT TO:<b@example.org>\r\nDATA\r\nFrom: a@example.org\r\n\r\nHello\r\n.\r\n");
        Assert.Equal(["421 4.7.0 This door speaks SMTP, not HTTP"], await smtp.RestAsync());
    });

    [Fact]
    public async Task TLS_at_a_port_that_begins_in_clear_text_is_recognised_and_said() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await RawSmtp.ConnectAsync(doors.Gateway.Smtp, "127.0.0.41");
        // The head of a ClientHello, as a client that is set to implicit TLS sends it.
        await smtp.SendAsync("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
        Assert.Equal(["421 4.7.0 This port begins in clear text: set the client to STARTTLS, or to the port for TLS from the first octet"], await smtp.RestAsync());
        await Running.GatewayProcess.EventuallyAsync(() => Task.FromResult(doors.Gateway.Output.Contains("127.0.0.41 speaks TLS from the first octet", StringComparison.Ordinal) ? "" : null), "the log names it");
    });
}
