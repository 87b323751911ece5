using System.IO.Pipelines;
using System.Text;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class ReplyReaderTests
{
    // Recorded from public session logs; host names invented.
    public static TheoryData<string, int, string?, string> Recorded => new()
    {
        { "220 SY5P282CA0097.outlook.office365.com Microsoft ESMTP MAIL Service ready at Sun, 23 Nov 2025 01:02:03 +0000 [08DE2A]\r\n", 220, null, "SY5P282CA0097.outlook.office365.com Microsoft ESMTP MAIL Service ready at Sun, 23 Nov 2025 01:02:03 +0000 [08DE2A]" },
        { "250 2.1.0 Sender OK\r\n", 250, "2.1.0", "Sender OK" },
        { "535 5.7.3 Authentication unsuccessful [SN2PR01CA0001.prod.exchangelabs.com]\r\n", 535, "5.7.3", "Authentication unsuccessful [SN2PR01CA0001.prod.exchangelabs.com]" },
        { "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [X]\r\n", 535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [X]" },
        { "550-5.1.1 The email account that you tried to reach does not exist.\r\n550-5.1.1 Please try double-checking\r\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp\r\n", 550, "5.1.1", "The email account that you tried to reach does not exist.\nPlease try double-checking\n https://support.google.com/mail/?p=NoSuchUser - gsmtp" },
        { "354\r\n", 354, null, "" },
        { "250 \r\n", 250, null, "" },
        { "250-\r\n250 fine\r\n", 250, null, "\nfine" },
        { "250 4.7.1 is only text here\r\n", 250, null, "4.7.1 is only text here" },
        { "550 5.1.1\r\n", 550, "5.1.1", "" },
        { "250 a bare line feed ends a reply too\n", 250, null, "a bare line feed ends a reply too" },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task A_recorded_reply_reads_the_same_whole_and_one_byte_at_a_time(string bytes, int code, string? enhanced, string text)
    {
        foreach (var piece in new[] { int.MaxValue, 1, 3 })
        {
            var reply = (await ReadAsync(bytes + "220 next\r\n", piece))!;
            Assert.Equal(code, reply.Code);
            Assert.Equal(enhanced, reply.Enhanced?.ToString());
            Assert.Equal(text, reply.Text);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("25 no\r\n")]
    [InlineData("199 no\r\n")]
    [InlineData("600 no\r\n")]
    [InlineData("250x no\r\n")]
    [InlineData("250-first\r\n550 second\r\n")]
    [InlineData("\r\n")]
    public async Task What_is_no_reply_is_told_apart(string bytes) =>
        await Assert.ThrowsAsync<SmtpProtocolException>(() => ReadAsync(bytes, 1));

    [Fact]
    public async Task A_line_of_four_kibibytes_is_read_and_a_longer_one_ends_the_session()
    {
        Assert.Equal(4000, (await ReadAsync("250 " + new string('x', 4000) + "\r\n", int.MaxValue))!.Text.Length);
        await Assert.ThrowsAsync<SmtpProtocolException>(() => ReadAsync("250 " + new string('x', 5000) + "\r\n", int.MaxValue));
        await Assert.ThrowsAsync<SmtpProtocolException>(() => ReadAsync(new string('2', 100_000), 1000));
    }

    [Fact]
    public async Task A_reply_has_at_most_a_hundred_lines()
    {
        var ninetyNine = string.Concat(Enumerable.Repeat("250-x\r\n", 99));
        Assert.NotNull(await ReadAsync(ninetyNine + "250 end\r\n", int.MaxValue));
        await Assert.ThrowsAsync<SmtpProtocolException>(() => ReadAsync(ninetyNine + "250-x\r\n250 end\r\n", int.MaxValue));
    }

    [Fact]
    public async Task A_reply_that_is_cut_off_is_no_reply() => Assert.Null(await ReadAsync("250-first\r\n250 sec", int.MaxValue));

    [Fact]
    public async Task Control_characters_of_a_hostile_server_do_not_reach_a_terminal()
    {
        var reply = (await ReadAsync("550 5.7.1 \u001b[2Jgone\u0007\u0000 \u202Etxt.exe\ttab \u0085 grüße\r\n", int.MaxValue))!;
        Assert.Equal("\uFFFD[2Jgone\uFFFD\uFFFD \uFFFDtxt.exe tab \uFFFD grüße", reply.Text);
        Assert.Equal("550 5.7.1 " + reply.Text, reply.Verbatim);
    }

    [Fact]
    public async Task Invalid_utf8_is_replaced()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { (byte)'2', (byte)'5', (byte)'0', (byte)' ', 0xFF, (byte)'\r', (byte)'\n' }, TestContext.Current.CancellationToken);
        Assert.Equal("\uFFFD", (await new SmtpReplyReader(pipe.Reader).ReadAsync(TestContext.Current.CancellationToken))!.Text);
    }

    [Fact]
    public void Exchange_and_gmail_capabilities_are_understood()
    {
        var exchange = SmtpCapabilities.Parse(new SmtpReply(250, null, "SYBP.outlook.office365.com Hello [192.0.2.1]\nSIZE 157286400\nPIPELINING\nDSN\nENHANCEDSTATUSCODES\nAUTH LOGIN XOAUTH2\n8BITMIME\nBINARYMIME\nCHUNKING\nSMTPUTF8"));
        Assert.True(exchange is { Pipelining: true, Chunking: true, Dsn: true, EightBitMime: true, BinaryMime: true, SmtpUtf8: true, EnhancedStatusCodes: true, StartTls: false, Size: 157286400 });
        Assert.Equal(["LOGIN", "XOAUTH2"], exchange.AuthMechanisms);
        var old = SmtpCapabilities.Parse(new SmtpReply(250, null, "mail\nsize\nauth=plain login\nAUTH PLAIN CRAM-MD5\nLIMITS RCPTMAX=100 MAILMAX=20\nX-UNKNOWN"));
        Assert.True(old is { DeclaresSize: true, Size: null, MaxRecipients: 100, MaxMessages: 20 });
        Assert.Equal(["PLAIN", "LOGIN", "CRAM-MD5"], old.AuthMechanisms);
        Assert.Null(SmtpCapabilities.Parse(new SmtpReply(250, null, "mail\nSIZE 0")).Size);
    }

    private static async Task<SmtpReply?> ReadAsync(string text, int piece)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var reader = new SmtpReplyReader(pipe.Reader);
        var bytes = Encoding.UTF8.GetBytes(text);
        var reading = reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        for (var i = 0; i < bytes.Length && !reading.IsFaulted; i += Math.Min(piece, bytes.Length))
            await pipe.Writer.WriteAsync(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        return await reading;
    }
}
