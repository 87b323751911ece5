using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class LineAndCommandTests
{
    [Fact]
    public async Task Lines_arrive_one_by_one_in_any_pieces()
    {
        foreach (var piece in new[] { int.MaxValue, 1, 5 })
            Assert.Equal(["Line:EHLO a", "Line:", "Line:RSET", "EndOfStream:"], await ReadAsync("EHLO a\r\n\r\nRSET\r\nhalf", piece));
    }

    [Fact]
    public async Task Only_crlf_ends_a_line_and_what_stands_behind_another_end_is_never_a_command()
    {
        foreach (var piece in new[] { int.MaxValue, 1 })
        {
            Assert.Equal(["BareLineEnd:", "Line:RSET", "EndOfStream:"], await ReadAsync("NOOP\nMAIL FROM:<a@example.org>\r\nRSET\r\n", piece));
            Assert.Equal(["BareLineEnd:", "Line:RSET", "EndOfStream:"], await ReadAsync("NOOP\rMAIL FROM:<a@example.org>\r\nRSET\r\n", piece));
            Assert.Equal(["BareLineEnd:", "Line:RSET", "EndOfStream:"], await ReadAsync("NOOP\r\r\nRSET\r\n", piece));
        }
    }

    [Fact]
    public async Task A_line_beyond_the_limit_is_refused_and_the_next_is_read()
    {
        var exact = new string('x', 510);
        Assert.Equal([$"Line:{exact}", "TooLong:", "Line:NOOP", "EndOfStream:"], await ReadAsync($"{exact}\r\n{exact}x\r\nNOOP\r\n", 7));
        Assert.Equal(["TooLong:", "Line:NOOP", "EndOfStream:"], await ReadAsync($"{new string('x', 5000)}\n\r{new string('y', 5000)}\r\nNOOP\r\n", 100));
    }

    [Fact]
    public async Task A_line_of_a_hundred_megabytes_costs_no_memory()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var pipe = new Pipe();
        var reader = new SmtpLineReader(pipe.Reader);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var writing = Task.Run(async () =>
        {
            var block = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
            for (var i = 0; i < 1600; i++)
                await pipe.Writer.WriteAsync(block, cancellation);
            await pipe.Writer.WriteAsync("\r\nNOOP\r\n"u8.ToArray(), cancellation);
            await pipe.Writer.CompleteAsync();
        }, cancellation);
        Assert.Equal(SmtpLineKind.TooLong, (await reader.ReadAsync(512, cancellation)).Kind);
        Assert.Equal("NOOP", Encoding.ASCII.GetString((await reader.ReadAsync(512, cancellation)).Bytes.Span));
        await writing;
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8_000_000);
    }

    [Theory]
    [InlineData("ehlo client.example", "Ehlo { Domain = client.example }")]
    [InlineData("HELO [192.0.2.1]  ", "Helo { Domain = [192.0.2.1] }")]
    [InlineData("EHLO", "501 5.5.4")]
    [InlineData("EHLO a b", "501 5.5.2")]
    [InlineData("DATA", "Data { }")]
    [InlineData("DATA now", "501 5.5.4")]
    [InlineData("BDAT 0 LAST", "Bdat { Size = 0, Last = True }")]
    [InlineData("bdat 12345", "Bdat { Size = 12345, Last = False }")]
    [InlineData("BDAT -1", "501 5.5.4!")]
    [InlineData("BDAT 99999999999999999999", "501 5.5.4!")]
    [InlineData("BDAT 5 LAST x", "501 5.5.4!")]
    [InlineData("RSET", "Rset { }")]
    [InlineData("NOOP whatever", "Noop { }")]
    [InlineData("QUIT", "Quit { }")]
    [InlineData("STARTTLS", "StartTls { }")]
    [InlineData("STARTTLS x", "501 5.5.4")]
    [InlineData("AUTH plain AHVzZXIAc2VjcmV0", "AUTH PLAIN")]
    [InlineData("AUTH", "501 5.5.4")]
    [InlineData("AUTH PLAIN a b", "501 5.5.4")]
    [InlineData("VRFY someone", "Vrfy { Argument = someone }")]
    [InlineData("HELP", "Help { }")]
    [InlineData("GET / HTTP/1.1", "Unknown { Verb = GET }")]
    [InlineData("", "Unknown { Verb =  }")]
    [InlineData("NO\0OP", "500 5.5.2")]
    [InlineData("NOOP\u001b[2J", "500 5.5.2")]
    [InlineData("MAIL FROM:<>", "from <>")]
    [InlineData("MAIL FROM:<a@example.org>", "from <a@example.org>")]
    [InlineData("mail from: <a@example.org> ", "from <a@example.org>")]
    [InlineData("MAIL FROM:a@example.org", "from <a@example.org>")]
    [InlineData("MAIL FROM:<@one.example,@two.example:a@example.org>", "from <a@example.org>")]
    [InlineData("MAIL FROM:<\"a b>\"@example.org> SIZE=5", "from <\"a b>\"@example.org>")]
    [InlineData("MAIL FROM:", "501 5.5.4")]
    [InlineData("MAIL a@example.org", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@example.org", "501 5.1.3")]
    [InlineData("MAIL FROM:<a@example.org>SIZE=1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b@example.org>", "501 5.1.7")]
    [InlineData("MAIL FROM:<a>", "501 5.1.7")]
    [InlineData("MAIL FROM:<\"a@example.org>", "501 5.1.3")]
    [InlineData("MAIL FROM:<a@example.org> SIZE=x", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@example.org> SIZE=1 size=2", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@example.org> BODY=9BIT", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@example.org> XYZ=1", "555 5.5.4")]
    [InlineData("MAIL FROM:<grüße@example.org>", "553 5.6.7")]
    [InlineData("MAIL FROM:<grüße@example.org> SMTPUTF8", "from <grüße@example.org>")]
    [InlineData("RCPT TO:<b@example.org>", "to <b@example.org>")]
    [InlineData("RCPT TO:<>", "501 5.1.3")]
    [InlineData("RCPT TO:<postmaster>", "501 5.1.3")]
    [InlineData("RCPT TO:<b@example.org> NOTIFY=NEVER,FAILURE", "501 5.5.4")]
    [InlineData("RCPT TO:<b@example.org> ORCPT=rfc822;a+0", "501 5.5.4")]
    [InlineData("RCPT FROM:<b@example.org>", "501 5.5.4")]
    public void A_command_line_is_read_or_its_fault_is_named(string line, string expected) =>
        Assert.StartsWith(expected, Show(SmtpCommandParser.Parse(Encoding.UTF8.GetBytes(line))));

    [Fact]
    public void The_parameters_of_mail_and_rcpt_are_read()
    {
        var mail = Assert.IsType<SmtpCommand.Mail>(SmtpCommandParser.Parse("MAIL FROM:<a@example.org> SIZE=12 BODY=8BITMIME smtputf8 RET=HDRS ENVID=a+2Bb AUTH=<>"u8));
        Assert.Equal(new MailParameters(12, SmtpBody.EightBitMime, true, DsnReturn.Headers, "a+b", "<>"), mail.Parameters);
        var rcpt = Assert.IsType<SmtpCommand.Rcpt>(SmtpCommandParser.Parse("RCPT TO:<b@example.org> NOTIFY=SUCCESS,DELAY ORCPT=RFC822;Bob+40example.org"u8));
        Assert.Equal(new RcptParameters(DsnNotify.Success | DsnNotify.Delay, "rfc822", "Bob@example.org"), rcpt.Parameters);
    }

    [Fact]
    public void A_secret_in_an_auth_command_is_never_printed()
    {
        var auth = Assert.IsType<SmtpCommand.Auth>(SmtpCommandParser.Parse("AUTH PLAIN AHVzZXIAc2VjcmV0"u8));
        Assert.Equal("AHVzZXIAc2VjcmV0", auth.InitialResponse);
        Assert.DoesNotContain("AHVz", $"{auth}", StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_break_the_parser() =>
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.String[Gen.Char["MAILFROM:<>@a.\"\\ =RCPTO+;\0é"], 0, 80].Select(text => Encoding.UTF8.GetBytes("MAIL FROM:" + text)))
            .Sample(line => { SmtpCommandParser.Parse(line); }, iter: 50_000);

    private static string Show(SmtpCommand command) => command switch
    {
        SmtpCommand.Malformed wrong => wrong.Reply.Code + " " + wrong.Reply.Enhanced + (wrong.CloseAfterwards ? "!" : ""),
        SmtpCommand.Mail mail => $"from <{mail.ReversePath}>",
        SmtpCommand.Rcpt rcpt => $"to <{rcpt.ForwardPath}>",
        _ => command.ToString(),
    };

    private static async Task<string[]> ReadAsync(string text, int piece)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var pipe = new Pipe();
        var reader = new SmtpLineReader(pipe.Reader);
        var writing = Task.Run(async () =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var i = 0; i < bytes.Length; i += Math.Min(piece, bytes.Length))
                await pipe.Writer.WriteAsync(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)), cancellation);
            await pipe.Writer.CompleteAsync();
        }, cancellation);
        var seen = new List<string>();
        SmtpLine line;
        do
        {
            line = await reader.ReadAsync(512, cancellation);
            seen.Add($"{line.Kind}:{Encoding.UTF8.GetString(line.Bytes.Span)}");
        }
        while (line.Kind != SmtpLineKind.EndOfStream);
        await writing;
        return [.. seen];
    }
}
