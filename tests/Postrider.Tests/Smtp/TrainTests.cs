using System.Text;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

/// <summary>Several messages in one write: each has the answers that are its own, whatever becomes of the others.</summary>
public sealed class TrainTests
{
    private const string Hello = "S: 220 mail.example ESMTP\nC: EHLO client.example\nS: 250-mail.example\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250-CHUNKING\nS: 250 SIZE 1000\n";
    private const string One = "C: MAIL *\nC: RCPT *\nbdat\n", Next = "C: RSET\n" + One, Taken = "S: 250 ok\nS: 250 ok\nS: 250 2.0.0 queued\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (Envelope, MessageContent) Message(string name, string text = "Subject: x\r\n\r\nhello\r\n") =>
        (new("a@example.org", [$"{name}@example.org"]), MessageContent.FromMemory(Encoding.ASCII.GetBytes(text)));

    private static readonly IReadOnlyList<(Envelope, MessageContent)> Three = [Message("one"), Message("two"), Message("three")];

    private static ValueTask<bool> Yes(CancellationToken _) => ValueTask.FromResult(true);

    [Fact]
    public async Task Three_messages_leave_in_one_write_and_are_all_taken()
    {
        await using var stream = new RecordingStream("220 hi\r\n", "250-hi\r\n250-PIPELINING\r\n250 CHUNKING\r\n", string.Concat(Enumerable.Repeat("250 ok\r\n", 3 * 3 + 2)));
        await using var session = await SmtpClientSession.OverStreamAsync(stream, new SmtpEndpoint("localhost", 25, SmtpSecurity.None), ScriptedServer.Options(), Cancellation);
        Assert.True(session.TakesTrains);
        var asked = 0;
        var results = await session.SendTrainAsync(Three, _ => { asked++; return ValueTask.FromResult(true); }, Cancellation);
        Assert.All(results, result => Assert.Equal(SendState.Completed, result.State));
        Assert.Equal((1, 2, 3), (asked, stream.Writes.Count, session.MessagesSent));
        Assert.Equal(2, stream.Writes[1].Split("RSET\r\n").Length - 1);
        Assert.True(session.TakesTrains);
    }

    [Fact]
    public async Task A_server_without_pipelining_takes_no_trains()
    {
        await using var server = ScriptedServer.Play("S: 220 hi\nC: EHLO *\nS: 250-hi\nS: 250 CHUNKING\nhang");
        await using var session = await server.ConnectAsync();
        Assert.False(session.TakesTrains);
    }

    /// <summary>RFC 2920 section 3.1: the end of a content may share a group with the envelope of the next, and DATA is the last of it.</summary>
    private const string Plain = "S: 220 mail.example ESMTP\nC: EHLO client.example\nS: 250-mail.example\nS: 250-PIPELINING\nS: 250 8BITMIME\n",
        Begin = "C: MAIL *\nC: RCPT *\nC: DATA\n", Wanted = "S: 250 ok\nS: 250 ok\nS: 354 go\n", Queued = "S: 250 2.0.0 queued\n";

    [Fact]
    public async Task By_DATA_the_next_envelope_leaves_behind_each_final_dot()
    {
        foreach (var dripping in new[] { false, true })
        {
            await using var server = ScriptedServer.Play(Plain + Begin + Wanted + "data\n" + Begin + Queued + Wanted + "data\n" + Begin + Queued + Wanted + "data\n" + Queued + "hang", dripping: dripping);
            await using var session = await server.ConnectAsync();
            var asked = 0;
            var results = await session.SendTrainAsync([Message("one", ".\r\n"), Message("two", "x\r\n.\r\n"), Message("three")], _ => { asked++; return ValueTask.FromResult(true); }, Cancellation);
            Assert.All(results, result => Assert.Equal(SendState.Completed, result.State));
            Assert.Equal((3, 3), (asked, session.MessagesSent));
            Assert.Equal(["..\r\n.\r\n", "x\r\n..\r\n.\r\n", "Subject: x\r\n\r\nhello\r\n.\r\n"], server.Contents);
            Assert.True(session.TakesTrains);
        }
    }

    [Theory]
    [InlineData("S: 250 ok\nS: 550 5.1.1 unknown\nS: 554 5.5.1 nobody\nC: RSET\nS: 250 ok\n", "550 5.1.1 unknown")]
    [InlineData("S: 250 ok\nS: 550 5.1.1 unknown\nS: 354 go\ndot\nS: 554 5.5.1 nobody\nC: RSET\nS: 250 ok\n", "550 5.1.1 unknown")]
    [InlineData("S: 450 4.7.1 not now\nS: 503 mail first\nS: 503 mail first\nC: RSET\nS: 250 ok\n", "450 4.7.1 not now")]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 451 4.3.0 no room\nC: RSET\nS: 250 ok\n", "451 4.3.0 no room")]
    public async Task By_DATA_one_that_is_refused_before_its_content_is_forgotten_before_the_next(string refusal, string reply)
    {
        await using var server = ScriptedServer.Play(Plain + Begin + Wanted + "data\n" + Begin + Queued + refusal + Begin + Wanted + "data\n" + Queued + "hang");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, Yes, Cancellation);
        Assert.Equal([SendState.Completed, SendState.Refused, SendState.Completed], results.Select(result => result.State));
        Assert.Equal(reply, results[1].ReplyFor(0)!.Verbatim);
        Assert.False(session.TakesTrains);
    }

    [Fact]
    public async Task By_DATA_one_that_is_refused_after_its_content_takes_no_other_with_it()
    {
        await using var server = ScriptedServer.Play(Plain + Begin + Wanted + "data\n" + Begin + "S: 554 5.6.0 no\n" + Wanted + "data\n" + Queued + "hang");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync([Three[0], Three[1]], Yes, Cancellation);
        Assert.Equal([SendState.Refused, SendState.Completed], results.Select(result => result.State));
        Assert.Equal("554 5.6.0 no", results[0].ReplyFor(0)!.Verbatim);
    }

    [Theory]
    [InlineData("close", SendState.Uncertain)]
    [InlineData(Queued + "close", SendState.Lost)]
    [InlineData(Queued + "S: 250 ok\nS: 250 ok\nclose", SendState.Lost)]
    [InlineData(Queued + "S: 421 4.3.2 going down\nclose", SendState.Refused)]
    [InlineData(Queued + Wanted + "data\nclose", SendState.Uncertain)]
    [InlineData("S: 421 4.3.2 going down\nclose", SendState.Refused)]
    public async Task By_DATA_one_is_in_doubt_when_the_connection_breaks_and_those_behind_it_have_not_been_sent(string end, SendState state)
    {
        await using var server = ScriptedServer.Play(Plain + Begin + Wanted + "data\n" + Begin + end);
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, Yes, Cancellation);
        SendState[] expected = end.StartsWith(Queued, StringComparison.Ordinal) ? [SendState.Completed, state, SendState.Abandoned] : [state, SendState.Abandoned, SendState.Abandoned];
        Assert.Equal(expected, results.Select(result => result.State));
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task By_DATA_a_no_to_a_final_dot_stops_there_and_what_was_answered_is_told(bool throws)
    {
        await using var server = ScriptedServer.Play(Plain + Begin + Wanted + "data\n" + Begin + Queued + Wanted + "hang");
        await using var session = await server.ConnectAsync();
        var asked = 0;
        var results = await session.SendTrainAsync(Three, _ => ++asked == 1 ? ValueTask.FromResult(true) : throws ? throw new InvalidOperationException() : ValueTask.FromResult(false), Cancellation);
        Assert.Equal([SendState.Completed, SendState.Abandoned, SendState.Abandoned], results.Select(result => result.State));
        Assert.False(session.IsUsable);
        await server.Finished;
        Assert.Single(server.Contents);
    }

    [Fact]
    public async Task A_message_that_is_refused_takes_no_other_with_it()
    {
        await using var server = ScriptedServer.Play(Hello + One + Next + Next + Taken + "S: 250 reset\nS: 250 ok\nS: 550 5.1.1 unknown\nS: 503 5.5.1 no recipients\nS: 250 reset\n" + Taken
            + "C: RSET\nS: 250 ok\n" + One + Taken + "hang", dripping: true);
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, Yes, Cancellation);
        Assert.Equal([SendState.Completed, SendState.Refused, SendState.Completed], results.Select(result => result.State));
        Assert.Equal("550 5.1.1 unknown", results[1].ReplyFor(0)!.Verbatim);
        // Whether the server still holds something is not known: the next one begins with RSET.
        Assert.False(session.TakesTrains);
        Assert.Equal(SendState.Completed, (await session.SendAsync(Three[0].Item1, Three[0].Item2, Yes, Cancellation)).State);
        Assert.True(session.TakesTrains);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("close")]
    public async Task When_the_connection_breaks_those_without_an_answer_are_in_doubt(string end)
    {
        await using var server = ScriptedServer.Play(Hello + One + Next + Next + Taken + "S: 250 reset\nS: 250 ok\n" + end);
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, Yes, Cancellation);
        // A reset may overtake answers that were on their way.
        Assert.Contains(results[0].State, (SendState[])(end == "close" ? [SendState.Completed] : [SendState.Completed, SendState.Uncertain]));
        Assert.Equal([SendState.Uncertain, SendState.Uncertain], results.Skip(1).Select(result => result.State));
        Assert.All(results.Skip(1), result => Assert.NotNull(result.Error));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task After_421_the_messages_that_it_does_not_answer_were_not_taken()
    {
        await using var server = ScriptedServer.Play(Hello + One + Next + Next + Taken + "S: 250 reset\nS: 421 4.3.2 going down\nclose");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, Yes, Cancellation);
        Assert.Equal([SendState.Completed, SendState.Refused, SendState.Lost], results.Select(result => result.State));
        Assert.Equal(421, results[1].MailReply!.Code);
    }

    [Fact]
    public async Task An_answer_out_of_turn_between_two_messages_ends_the_session_and_leaves_doubt()
    {
        await using var server = ScriptedServer.Play(Hello + One + Next + Taken + "S: 500 5.5.1 what\n" + Taken + "hang");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync([Three[0], Three[1]], Yes, Cancellation);
        Assert.Equal([SendState.Completed, SendState.Uncertain], results.Select(result => result.State));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task A_no_to_the_final_dots_writes_nothing_and_closes()
    {
        await using var server = ScriptedServer.Play(Hello + "hang");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync(Three, _ => ValueTask.FromResult(false), Cancellation);
        Assert.All(results, result => Assert.Equal(SendState.Abandoned, result.State));
        Assert.False(session.IsUsable);
        Assert.Equal("EHLO client.example\n", server.Transcript);
    }

    [Fact]
    public async Task What_the_server_cannot_take_is_refused_without_asking_and_the_others_go()
    {
        await using var server = ScriptedServer.Play(Hello + One + Taken + "hang");
        await using var session = await server.ConnectAsync();
        var results = await session.SendTrainAsync([Message("large", new string('x', 2000) + "\r\n"), Three[0]], Yes, Cancellation);
        Assert.Equal(SendRefusal.TooLarge, results[0].Refusal);
        Assert.Equal(SendState.Completed, results[1].State);
        Assert.True(session.TakesTrains);
    }
}
