using System.Text;
using Microsoft.Extensions.Time.Testing;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class SendingTests
{
    private const string Hello = """
        S: 220 mail.example ESMTP
        C: EHLO client.example
        S: 250-mail.example
        """;

    private const string Pipelining = Hello + "\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250 SIZE 1000000\n";
    private const string Chunking = Hello + "\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250-CHUNKING\nS: 250 SIZE 100000000\n";
    private const string Simple = Hello + "\nS: 250 SIZE 1000000\n";

    private static readonly Envelope ToOne = new("a@example.org", ["b@example.org"]);
    private static readonly Envelope ToThree = new("a@example.org", ["b@example.org", "c@example.org", "d@example.org"]);
    private static readonly MessageContent Small = Content("Subject: x\r\n\r\n.hello\r\n..\r\n");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_small_message_leaves_in_a_single_write_when_the_server_allows_it()
    {
        await using var stream = new RecordingStream("220 hi\r\n", "250-hi\r\n250-PIPELINING\r\n250 CHUNKING\r\n", "250 ok\r\n250 ok\r\n250 2.0.0 queued\r\n");
        await using var session = await SmtpClientSession.OverStreamAsync(stream, new SmtpEndpoint("localhost", 25, SmtpSecurity.None), ScriptedServer.Options(), Cancellation);
        var result = await session.SendAsync(ToOne, Small, Yes, Cancellation);
        Assert.Equal(SendState.Completed, result.State);
        Assert.Equal(2, stream.Writes.Count);
        Assert.Equal("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nBDAT 26 LAST\r\nSubject: x\r\n\r\n.hello\r\n..\r\n", stream.Writes[1]);
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL FROM:<a@example.org> SIZE=26\nC: RCPT TO:<b@example.org>\nbdat\nS: 250 2.1.0 ok\nS: 250 2.1.5 ok\nS: 250 2.0.0 queued as 1\nC: QUIT\nS: 221 bye", "Subject: x\r\n\r\n.hello\r\n..\r\n")]
    [InlineData(Pipelining + "C: MAIL FROM:<a@example.org> SIZE=26\nC: RCPT TO:<b@example.org>\nC: DATA\nS: 250 2.1.0 ok\nS: 250 2.1.5 ok\nS: 354 go\ndata\nS: 250 2.0.0 queued as 1\nC: QUIT\nS: 221 bye", "Subject: x\r\n\r\n..hello\r\n...\r\n.\r\n")]
    [InlineData(Simple + "C: MAIL FROM:<a@example.org> SIZE=26\nS: 250 2.1.0 ok\nC: RCPT TO:<b@example.org>\nS: 250 2.1.5 ok\nC: DATA\nS: 354 go\ndata\nS: 250 2.0.0 queued as 1\nC: QUIT\nS: 221 bye", "Subject: x\r\n\r\n..hello\r\n...\r\n.\r\n")]
    public async Task A_message_is_sent_in_the_way_that_the_server_offers(string script, string content)
    {
        foreach (var dripping in new[] { false, true })
        {
            await using var server = ScriptedServer.Play(script, dripping: dripping);
            await using var session = await server.ConnectAsync();
            var asked = 0;
            var result = await session.SendAsync(ToOne, Small, _ => { asked++; return ValueTask.FromResult(true); }, Cancellation);
            await session.QuitAsync(Cancellation);
            await server.Finished;
            Assert.Equal(SendState.Completed, result.State);
            Assert.True(result.IsAccepted(0));
            Assert.Equal("250 2.0.0 queued as 1", result.ReplyFor(0)!.Verbatim);
            Assert.Equal(1, asked);
            Assert.Equal(content, Assert.Single(server.Contents));
            Assert.Equal(1, session.MessagesSent);
            Assert.False(session.IsUsable);
        }
    }

    [Fact]
    public async Task Many_messages_go_over_one_session()
    {
        await using var server = ScriptedServer.Play(Chunking + string.Concat(Enumerable.Repeat("C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 250 ok\n", 5)));
        await using var session = await server.ConnectAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(SendState.Completed, (await session.SendAsync(ToOne, Small, Yes, Cancellation)).State);
        Assert.Equal(5, session.MessagesSent);
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nC: RCPT *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 452 4.5.3 later\nS: 250 2.0.0 queued")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: RCPT *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 452 4.5.3 later\nS: 354 go\ndata\nS: 250 2.0.0 queued")]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: RCPT *\nS: 550 5.1.1 unknown\nC: RCPT *\nS: 452 4.5.3 later\nC: DATA\nS: 354 go\ndata\nS: 250 2.0.0 queued")]
    public async Task Recipients_are_accepted_and_refused_one_by_one(string script)
    {
        await using var server = ScriptedServer.Play(script + "\nhang");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToThree, Small, Yes, Cancellation);
        Assert.Equal(SendState.Completed, result.State);
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(result.IsAccepted));
        Assert.Equal(["250 2.0.0 queued", "550 5.1.1 unknown", "452 4.5.3 later"], Enumerable.Range(0, 3).Select(i => result.ReplyFor(i)!.Verbatim));
        Assert.True(session.IsUsable);
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nC: RCPT *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 550-5.1.1 unknown\nS: 550 5.1.1 to us\nS: 452 4.5.3 later\nS: 250 2.0.0 queued",
        "C: MAIL FROM:<a@example.org> SIZE=26\nS: 250 ok\nC: RCPT TO:<b@example.org>\nS: 250 ok\nC: RCPT TO:<c@example.org>\nS: 550 5.1.1 unknown\nS: to us\nC: RCPT TO:<d@example.org>\nS: 452 4.5.3 later\nC: BDAT, the content (26 octets)\nS: 250 2.0.0 queued")]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 550 no\nC: RCPT *\nS: 550 no\nC: RCPT *\nS: 550 no",
        "C: MAIL FROM:<a@example.org> SIZE=26\nS: 250 ok\nC: RCPT TO:<b@example.org>\nS: 550 no\nC: RCPT TO:<c@example.org>\nS: 550 no\nC: RCPT TO:<d@example.org>\nS: 550 no")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: RCPT *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nclose",
        "C: DATA\nS: 354 go\nC: the content (26 octets)\n* no answer\n* ")]
    public async Task What_was_said_is_told_afterwards_without_sign_in_and_content(string script, string told)
    {
        await using var server = ScriptedServer.Play(script + "\nhang");
        await using var session = await server.ConnectAsync();
        var transcript = SmtpTranscript.Of(session, ToThree, Small, await session.SendAsync(ToThree, Small, Yes, Cancellation));
        Assert.Contains("\n" + told, transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_recipients_the_transcript_names_some_and_counts_the_rest()
    {
        await using var server = ScriptedServer.Play(Simple + "C: MAIL *\nS: 421 closing\nclose");
        await using var session = await server.ConnectAsync();
        var many = new Envelope("a@example.org", [.. Enumerable.Range(0, 5000).Select(number => $"someone-{number}@example.org")]);
        var result = await session.SendAsync(many, Small, Yes, Cancellation);
        Assert.DoesNotContain("RCPT", SmtpTranscript.Of(session, many, Small, result), StringComparison.Ordinal);
        await using var pipelining = ScriptedServer.Play(Pipelining + "hang");
        await using var other = await pipelining.ConnectAsync();
        var transcript = SmtpTranscript.Of(other, many, Small, result);
        Assert.Contains("and 4950 more recipients", transcript, StringComparison.Ordinal);
        Assert.InRange(transcript.Length, 1000, SmtpTranscript.Longest);
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 554 5.5.1 no valid recipients\nC: RSET\nS: 250 ok\nC: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 250 ok", 1)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 554 5.5.1 no valid recipients\nC: RSET\nS: 250 ok\nC: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nS: 250 ok", 0)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 354 go\ndot\nS: 554 5.5.1 no valid recipients\nC: RSET\nS: 250 ok\nC: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nS: 250 ok", 0)]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 550 5.1.1 unknown\nC: RSET\nS: 250 ok\nC: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA\nS: 354 go\ndata\nS: 250 ok", 0)]
    public async Task When_all_recipients_are_refused_nothing_is_sent_and_the_session_goes_on(string script, int asked)
    {
        await using var server = ScriptedServer.Play(script);
        await using var session = await server.ConnectAsync();
        var questions = 0;
        var result = await session.SendAsync(ToOne, Small, _ => { questions++; return ValueTask.FromResult(true); }, Cancellation);
        Assert.Equal(SendState.Refused, result.State);
        Assert.Equal("550 5.1.1 unknown", result.ReplyFor(0)!.Verbatim);
        Assert.Equal(asked, questions);
        if (server.Contents.Count > 0 && asked == 0)
            Assert.Equal(".\r\n", server.Contents[0]);
        Assert.Equal(SendState.Completed, (await session.SendAsync(ToOne, Small, Yes, Cancellation)).State);
        await server.Finished;
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 552 5.2.2 full\nS: 503 mail first\nS: 503 mail first", "552 5.2.2 full")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 552 5.2.2 full\nS: 503 mail first\nS: 503 mail first", "552 5.2.2 full")]
    [InlineData(Simple + "C: MAIL *\nS: 552 5.2.2 full", "552 5.2.2 full")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 451 4.3.0 not now", "451 4.3.0 not now")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nS: 554 5.6.0 no", "554 5.6.0 no")]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 554 5.2.252 SendAsDenied", "554 5.2.252 SendAsDenied")]
    public async Task A_refusal_is_a_value_and_the_session_stays(string script, string reply)
    {
        await using var server = ScriptedServer.Play(script + "\nC: NOOP\nS: 250 ok");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, Small, Yes, Cancellation);
        Assert.Equal(SendState.Refused, result.State);
        Assert.Equal(reply, result.ReplyFor(0)!.Verbatim);
        Assert.True((await session.NoopAsync(Cancellation)).IsPositive);
        await server.Finished;
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 421 4.3.2 closing\nclose")]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 421 4.3.2 closing\nclose")]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nS: 421 4.3.2 closing\nclose")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 421 4.3.2 closing\nclose")]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 421 4.3.2 closing\nclose")]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA\nS: 421 4.3.2 closing\nclose")]
    public async Task After_421_the_outcome_is_known_and_the_session_is_over(string script)
    {
        await using var server = ScriptedServer.Play(script);
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, Small, Yes, Cancellation);
        Assert.Equal(SendState.Refused, result.State);
        Assert.Equal("421 4.3.2 closing", result.ReplyFor(0)!.Verbatim);
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat", SendState.Uncertain, SmtpStage.Mail)]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok", SendState.Uncertain, SmtpStage.Rcpt)]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok", SendState.Uncertain, SmtpStage.FinalReply)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata", SendState.Uncertain, SmtpStage.FinalReply)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nraw: 250 o", SendState.Uncertain, SmtpStage.FinalReply)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok", SendState.Lost, SmtpStage.Rcpt)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA", SendState.Lost, SmtpStage.Mail)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok", SendState.Lost, SmtpStage.Data)]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *", SendState.Lost, SmtpStage.Rcpt)]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nC: DATA", SendState.Lost, SmtpStage.Data)]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 550 5.7.1 no", SendState.Refused, SmtpStage.Rcpt)]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 550 5.1.1 no", SendState.Refused, SmtpStage.FinalReply)]
    public async Task A_connection_lost_before_the_commit_is_lost_and_after_it_uncertain_unless_a_reply_decided(string script, SendState state, SmtpStage stage)
    {
        foreach (var end in new[] { "close", "reset" })
        {
            await using var server = ScriptedServer.Play(script + "\n" + end);
            await using var session = await server.ConnectAsync();
            var result = await session.SendAsync(ToOne, Small, Yes, Cancellation);
            Assert.False(session.IsUsable);
            // A reset may overtake the reply that decided; then less is known, and that is said.
            if (end == "reset" && state == SendState.Refused && result.State == SendState.Uncertain)
                continue;
            Assert.Equal(state, result.State);
            if (end == "close" && state != SendState.Refused)
                Assert.Equal((stage, SmtpFault.Closed), (result.Error!.Stage, result.Error.Fault));
            Assert.Equal(state == SendState.Refused, result.ReplyFor(0) is not null);
        }
    }

    [Theory]
    [InlineData(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nS: 250 ok\nS: 250 ok\nhang", SendState.Uncertain, SmtpStage.FinalReply)]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nhang", SendState.Uncertain, SmtpStage.FinalReply)]
    [InlineData(Simple + "C: MAIL *\nhang", SendState.Lost, SmtpStage.Mail)]
    [InlineData(Simple + "C: MAIL *\nS: 250 ok\nC: RCPT *\nhang", SendState.Lost, SmtpStage.Rcpt)]
    public async Task A_silent_server_is_left_after_the_time_of_the_stage(string script, SendState state, SmtpStage stage)
    {
        await using var server = ScriptedServer.Play(script);
        var soon = TimeSpan.FromMilliseconds(150);
        await using var session = await server.ConnectAsync(options: ScriptedServer.Options(new SmtpTimeouts { Mail = soon, Rcpt = soon, FinalReply = soon }));
        var result = await session.SendAsync(ToOne, Small, Yes, Cancellation);
        Assert.Equal((state, stage, SmtpFault.TimedOut), (result.State, result.Error!.Stage, result.Error.Fault));
    }

    [Theory]
    [InlineData(9, SendState.Completed)]
    [InlineData(10, SendState.Uncertain)]
    public async Task The_answer_to_the_message_is_awaited_for_ten_minutes(int minutes, SendState state)
    {
        var time = new FakeTimeProvider();
        await using var stream = new RecordingStream("220 hi\r\n", "250-hi\r\n250-PIPELINING\r\n250 CHUNKING\r\n", "250 ok\r\n250 ok\r\n");
        await using var session = await SmtpClientSession.OverStreamAsync(stream, new SmtpEndpoint("localhost", 25, SmtpSecurity.None), new SmtpClientOptions { TimeProvider = time }, Cancellation);
        var sending = session.SendAsync(ToOne, Small, Yes, Cancellation);
        await stream.AllRead;
        time.Advance(TimeSpan.FromMinutes(minutes));
        await stream.SayAsync("250 2.0.0 queued late\r\n");
        Assert.Equal(state, (await sending).State);
    }

    [Theory]
    [InlineData(Chunking + "hang")]
    [InlineData(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nhang")]
    public async Task A_lease_that_is_gone_stops_the_message_before_its_end(string script)
    {
        await using var server = ScriptedServer.Play(script);
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, Small, _ => ValueTask.FromResult(false), Cancellation);
        Assert.Equal(SendState.Abandoned, result.State);
        Assert.False(session.IsUsable);
        await server.Finished;
        Assert.Empty(server.Contents);
    }

    [Fact]
    public async Task A_cancellation_before_the_commit_throws_and_after_it_the_outcome_is_uncertain()
    {
        await using var server = ScriptedServer.Play(Chunking + "C: MAIL *\nC: RCPT *\nbdat\nhang");
        await using var session = await server.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var sending = session.SendAsync(ToOne, Small, Yes, stop.Token);
        while (server.Contents.Count == 0)
            await Task.Delay(5, Cancellation);
        await stop.CancelAsync();
        Assert.Equal(SendState.Uncertain, (await sending).State);

        await using var other = ScriptedServer.Play(Simple + "C: MAIL *\nhang");
        await using var second = await other.ConnectAsync();
        using var stopSecond = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.SendAsync(ToOne, Small, Yes, stopSecond.Token));
        Assert.False(second.IsUsable);
    }

    [Fact]
    public async Task A_message_larger_than_the_server_takes_costs_no_byte()
    {
        await using var server = ScriptedServer.Play(Hello + "\nS: 250 SIZE 10\nC: QUIT\nS: 221 bye");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, Small, Never, Cancellation);
        Assert.Equal((SendState.Refused, SendRefusal.TooLarge), (result.State, result.Refusal));
        Assert.True(result.ReplyFor(0) is { IsLocal: true, Code: 552 });
        await session.QuitAsync(Cancellation);
        await server.Finished;
    }

    [Fact]
    public async Task What_the_server_cannot_carry_is_refused_before_it_is_asked()
    {
        await using var server = ScriptedServer.Play(Simple + "C: QUIT\nS: 221 bye");
        await using var session = await server.ConnectAsync();
        var eight = Content("Subject: x\r\n\r\ngrüße\r\n");
        Assert.Equal(SendRefusal.NeedsConversion, (await session.SendAsync(ToOne, eight, Never, Cancellation)).Refusal);
        Assert.Equal(SendRefusal.NeedsSmtpUtf8, (await session.SendAsync(new("a@example.org", ["grüße@example.org"]), Small, Never, Cancellation)).Refusal);
        Assert.Equal(SendRefusal.NeedsSmtpUtf8, (await session.SendAsync(ToOne with { SmtpUtf8 = true }, Small, Never, Cancellation)).Refusal);
        Assert.Equal(SendRefusal.InvalidSender, (await session.SendAsync(ToOne with { From = "a@example.org>\r\nRSET" }, Small, Never, Cancellation)).Refusal);
        var nobody = await session.SendAsync(ToOne with { Recipients = ["b@example.org\r\nDATA", "c d@example.org"] }, Small, Never, Cancellation);
        Assert.Equal(SendRefusal.NoValidRecipient, nobody.Refusal);
        Assert.Equal(553, nobody.ReplyFor(1)!.Code);
        await session.QuitAsync(Cancellation);
        await server.Finished;
    }

    // RFC 3030 section 3: binary content needs BINARYMIME, which needs BDAT; where either is missing nothing is said.
    [Theory]
    [InlineData("CHUNKING,BINARYMIME", true)]
    [InlineData("CHUNKING,BINARYMIME,8BITMIME,PIPELINING", true)]
    [InlineData("BINARYMIME,8BITMIME", false)]
    [InlineData("CHUNKING,8BITMIME", false)]
    [InlineData("", false)]
    public async Task Binary_content_goes_by_BDAT_where_BINARYMIME_is_offered(string offered, bool carried)
    {
        byte[][] contents = [[.. "Subject: x\r\n\r\n"u8, 0, 10, 13, 255], [.. "Subject: x\r\n\r\na\nb\r\n"u8], [.. "Subject: x\r\n\r\na\0b\r\n"u8], [.. "Subject: x\r\n\r\na\r"u8]];
        var script = $"{Hello}\n{string.Concat(offered.Split(',').Select(keyword => $"S: 250-{keyword}\n"))}S: 250 SIZE 1000\n"
            + string.Concat(contents.Select(content => $"C: MAIL FROM:<a@example.org> SIZE={content.Length} BODY=BINARYMIME\n{(offered.Contains("PIPELINING") ? "C: RCPT *\nbdat\nS: 250 ok\nS: 250 ok" : "S: 250 ok\nC: RCPT *\nS: 250 ok\nbdat")}\nS: 250 ok\n"));
        await using var server = ScriptedServer.Play(carried ? script : Hello + string.Concat(offered.Split(',').Select(keyword => $"\nS: 250-{keyword}")) + "\nS: 250 SIZE 1000\nhang");
        await using var session = await server.ConnectAsync();
        foreach (var content in contents)
        {
            var result = await session.SendAsync(ToOne, MessageContent.FromMemory(content), carried ? Yes : Never, Cancellation);
            Assert.Equal(carried ? (SendState.Completed, SendRefusal.None) : (SendState.Refused, SendRefusal.NeedsConversion), (result.State, result.Refusal));
        }
        Assert.Equal(carried ? contents.Select(Encoding.Latin1.GetString) : [], server.Contents);
        Assert.True(session.IsUsable);
    }

    [Fact]
    public async Task Extensions_are_used_where_they_are_offered()
    {
        await using var server = ScriptedServer.Play(Hello + """

            S: 250-PIPELINING
            S: 250-CHUNKING
            S: 250-8BITMIME
            S: 250-SMTPUTF8
            S: 250 DSN
            C: MAIL FROM:<a@bücher.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+2B1
            C: RCPT TO:<grüße@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;x+2By@example.org
            bdat
            S: 250 ok
            S: 250 ok
            S: 250 ok
            C: MAIL FROM:<> RET=HDRS ENVID=id+2B1
            C: RCPT TO:<b@xn--bcher-kva.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;x+2By@example.org
            bdat
            S: 250 ok
            S: 250 ok
            S: 250 ok
            """.Replace("bücher", Latin("bücher")).Replace("grüße", Latin("grüße")));
        await using var session = await server.ConnectAsync();
        var reports = new EnvelopeReports(DsnReturn.Headers, "id+1", DsnNotify.Failure | DsnNotify.Delay, ["x+y@example.org"]);
        Assert.Equal(SendState.Completed, (await session.SendAsync(new("a@bücher.example", ["grüße@example.org"], Reports: reports), Small, Yes, Cancellation)).State);
        Assert.Equal(SendState.Completed, (await session.SendAsync(new(null, ["b@bücher.example"], Reports: reports), Small, Yes, Cancellation)).State);
        await server.Finished;
    }

    [Fact]
    public async Task An_address_that_must_not_reach_the_wire_costs_only_its_recipient()
    {
        await using var server = ScriptedServer.Play(Chunking + "C: MAIL *\nC: RCPT TO:<b@example.org>\nC: RCPT TO:<d@example.org>\nbdat\nS: 250 ok\nS: 250 ok\nS: 550 5.1.1 no\nS: 250 ok");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(new("a@example.org", ["b@example.org", "c@d@example.org", "d@example.org"]), Small, Yes, Cancellation);
        Assert.Equal([250, 553, 550], Enumerable.Range(0, 3).Select(i => result.ReplyFor(i)!.Code));
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(result.IsAccepted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_content_goes_in_chunks_and_arrives_as_it_was(bool pipelining)
    {
        var content = new Pieces(string.Concat(Enumerable.Range(0, 60_000).Select(i => $".line {i}\r\n")), 70_001);
        var chunks = (content.Length - 1) / SmtpTransaction.Block + 1;
        var script = Hello + "\n" + (pipelining ? "S: 250-PIPELINING\n" : "") + "S: 250 CHUNKING\nC: MAIL *\n"
            + (pipelining ? "C: RCPT *\nS: 250 ok\nS: 250 ok\n" : "S: 250 ok\nC: RCPT *\nS: 250 ok\n")
            + string.Concat(Enumerable.Repeat("bdat\nS: 250 ok\n", (int)chunks));
        await using var server = ScriptedServer.Play(script);
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, content, Yes, Cancellation);
        Assert.Equal(SendState.Completed, result.State);
        await server.Finished;
        Assert.True(string.Concat(server.Contents) == content.Text);
        Assert.EndsWith(" LAST", server.Transcript.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task Large_content_by_data_arrives_as_it_was()
    {
        var content = new Pieces(string.Concat(Enumerable.Range(0, 60_000).Select(i => $".line {i}\r\n")), 9_973);
        await using var server = ScriptedServer.Play(Pipelining + "C: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\ndata\nS: 250 ok");
        await using var session = await server.ConnectAsync();
        Assert.Equal(SendState.Completed, (await session.SendAsync(ToOne, content, Yes, Cancellation)).State);
        Assert.True(server.Contents[0] == content.Text.Replace(".line", "..line") + ".\r\n");
    }

    [Fact]
    public async Task A_refusal_in_the_middle_of_large_content_stops_it()
    {
        var content = new Pieces(string.Concat(Enumerable.Repeat("0123456789\r\n", 500_000)), 100_000);
        await using var server = ScriptedServer.Play(Hello + "\nS: 250 CHUNKING\nC: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nbdat\nS: 552 5.3.4 too big\nC: RSET\nS: 250 ok\nC: MAIL *\nS: 550 no");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, content, Never, Cancellation);
        Assert.Equal((SendState.Refused, "552 5.3.4 too big"), (result.State, result.ReplyFor(0)!.Verbatim));
        Assert.Equal("550 no", (await session.SendAsync(ToOne, Small, Yes, Cancellation)).ReplyFor(0)!.Verbatim);
        await server.Finished;
    }

    [Fact]
    public async Task A_server_that_gives_up_within_data_is_heard()
    {
        var content = new Pieces(string.Concat(Enumerable.Repeat("0123456789\r\n", 3_000_000)), 100_000);
        await using var server = ScriptedServer.Play(Hello + "\nS: 250 PIPELINING\nC: MAIL *\nC: RCPT *\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nS: 552 5.3.4 too big\nhang");
        await using var session = await server.ConnectAsync();
        var result = await session.SendAsync(ToOne, content, Never, Cancellation);
        Assert.Equal((SendState.Refused, "552 5.3.4 too big"), (result.State, result.ReplyFor(0)!.Verbatim));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task Content_that_is_not_as_long_as_it_says_is_never_committed()
    {
        foreach (var wrong in new[] { 100, 10 })
        {
            await using var server = ScriptedServer.Play(Hello + "\nS: 250 CHUNKING\nC: MAIL *\nS: 250 ok\nC: RCPT *\nS: 250 ok\nhang");
            await using var session = await server.ConnectAsync();
            await Assert.ThrowsAsync<InvalidDataException>(() => session.SendAsync(ToOne, new Pieces("a\r\nb\r\nc\r\nd\r\ne\r\n", 4, wrong), Never, Cancellation));
            Assert.False(session.IsUsable);
        }
    }

    [Fact]
    public async Task A_goodbye_between_messages_makes_the_next_one_lost_and_safe_to_repeat()
    {
        await using var server = ScriptedServer.Play(Chunking + "C: NOOP\nS: 250 ok\nS: 421 4.4.2 idle too long\nclose");
        await using var session = await server.ConnectAsync();
        await session.NoopAsync(Cancellation);
        await server.Finished;
        var result = await session.SendAsync(ToOne, Small, Never, Cancellation);
        Assert.Equal(SendState.Lost, result.State);
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task A_server_that_left_silently_makes_the_next_message_lost_and_not_uncertain()
    {
        await using var server = ScriptedServer.Play(Chunking + "close");
        await using var session = await server.ConnectAsync();
        await server.Finished;
        await Task.Delay(50, Cancellation);
        Assert.Equal(SendState.Lost, (await session.SendAsync(ToOne, Small, Never, Cancellation)).State);
    }

    [Fact]
    public async Task A_thousand_recipients_with_talkative_replies_do_not_block()
    {
        const int Many = 5000;
        var talk = new string('x', 400);
        var script = Pipelining + "C: MAIL *\nS: 250 ok\n" + string.Concat(Enumerable.Range(0, Many).Select(i => $"C: RCPT *\nS: 250 {talk}\n")) + "C: DATA\nS: 354 go\ndata\nS: 250 ok";
        await using var server = ScriptedServer.Play(script);
        await using var session = await server.ConnectAsync();
        var envelope = new Envelope("a@example.org", [.. Enumerable.Range(0, Many).Select(i => $"{new string('r', 50)}{i}@{new string('d', 60)}.{new string('e', 60)}.example.org")]);
        var result = await session.SendAsync(envelope, Small, Yes, Cancellation);
        Assert.Equal(SendState.Completed, result.State);
        Assert.True(Enumerable.Range(0, Many).All(result.IsAccepted));
    }

    private static ValueTask<bool> Yes(CancellationToken cancellation) => ValueTask.FromResult(true);

    private static ValueTask<bool> Never(CancellationToken cancellation) => throw new InvalidOperationException("The message must not come to its end.");

    private static MessageContent Content(string text) => MessageContent.FromMemory(Encoding.UTF8.GetBytes(text));

    // The server notes lines octet by octet.
    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private sealed class Pieces(string text, int size, int? length = null) : MessageContent
    {
        private readonly byte[] bytes = Encoding.ASCII.GetBytes(text);
        public string Text => text;
        public override long Length => length ?? bytes.Length;
        public override SmtpBody Body => SmtpBody.SevenBit;

        public override async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            for (var i = 0; i < bytes.Length; i += size)
            {
                await Task.Yield();
                yield return bytes.AsMemory(i, Math.Min(size, bytes.Length - i));
            }
        }
    }
}
