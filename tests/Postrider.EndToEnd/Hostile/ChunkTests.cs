using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Content by BDAT (RFC 3030): counted, so nothing in it is a command or its end, and taken even where it is refused.</summary>
[Collection(OpenDoors.Name)]
public sealed class ChunkTests(OpenDoors doors)
{
    private const string Envelope = "MAIL FROM:<app@example.org>\r\nRCPT TO:<someone@example.org>\r\n", Header = "From: app@example.org\r\nSubject: x\r\n\r\n";
    private const string Taken = "250 2.1.0 Sender taken", To = "250 2.1.5 Recipient taken";

    [Theory]
    [InlineData("Hello\r\n.\r\nQUIT\r\n")]
    [InlineData("..\r\n.")]
    [InlineData("\u00e9\r\n\u00ff")]
    [InlineData("")]
    public async Task What_comes_in_chunks_of_any_size_is_stored_as_it_is(string body)
    {
        foreach (var size in new[] { 1, 7, 1000 })
        {
            await using var smtp = await doors.GreetedAsync();
            var chunks = (Header + body).Chunk(size).Select(chunk => $"BDAT {chunk.Length}\r\n{new string(chunk)}").ToList();
            await smtp.SendAsync(Envelope + string.Concat(chunks) + "BDAT 0 LAST\r\nNOOP\r\n");
            Assert.Equal([Taken, To], [await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
            foreach (var chunk in chunks)
                Assert.Equal($"250 2.0.0 {chunk.Split(' ', '\r')[1]} octets taken", await smtp.ReplyAsync());
            var id = OpenDoors.StoredId(await smtp.ReplyAsync());
            Assert.Equal("250 2.0.0 Here", await smtp.ReplyAsync());
            Assert.EndsWith("\r\n" + Header + body, Encoding.Latin1.GetString(await doors.ContentAsync(id)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("a\nb\r")]
    [InlineData("\r\n.\r\n\n.\n")]
    public async Task A_binary_body_is_stored_as_it_is_and_another_is_refused(string body)
    {
        await using var smtp = await doors.GreetedAsync();
        var content = Header + body;
        await smtp.SendAsync($"MAIL FROM:<app@example.org> BODY=BINARYMIME\r\nRCPT TO:<someone@example.org>\r\nBDAT {content.Length} LAST\r\n{content}");
        Assert.Equal([Taken, To], [await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
        Assert.EndsWith("\r\n" + content, Encoding.Latin1.GetString(await doors.ContentAsync(OpenDoors.StoredId(await smtp.ReplyAsync()))), StringComparison.Ordinal);
        await doors.UnchangedByAsync(async () =>
        {
            foreach (var declared in new[] { "", " BODY=8BITMIME" })
            {
                await smtp.SendAsync($"MAIL FROM:<app@example.org>{declared}\r\nRCPT TO:<someone@example.org>\r\nBDAT {content.Length} LAST\r\n{content}");
                Assert.Equal([Taken, To], [await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
                Assert.StartsWith("550 5.6.", await smtp.ReplyAsync(), StringComparison.Ordinal);
            }
        });
    }

    // What is read as one field here and as two elsewhere could name another author.
    [Theory]
    [InlineData("From: app@example.org\nFrom: boss@example.org\r\n\r\nx", "550 5.6.11 ")]
    [InlineData("From: app@example.org\r\nX:\rFrom: boss@example.org\r\n\r\nx", "550 5.6.11 ")]
    [InlineData("From: app@example.org\r\nX: \0\r\n\r\nx", "550 5.6.0 ")]
    [InlineData("From: app@example.org\n\nx", "550 5.6.11 ")]
    public async Task A_header_is_lines_even_where_the_body_is_binary(string content, string refusal) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync($"MAIL FROM:<app@example.org> BODY=BINARYMIME\r\nRCPT TO:<someone@example.org>\r\nBDAT {content.Length} LAST\r\n{content}NOOP\r\n");
        Assert.Equal([Taken, To], [await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
        Assert.StartsWith(refusal, await smtp.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 Here", await smtp.ReplyAsync());
    });

    [Theory]
    [InlineData("MAIL FROM:<app@example.org> BODY=BINARYMIME\r\nRCPT TO:<someone@example.org>\r\nDATA\r\n", "503 5.5.1 BODY=BINARYMIME goes with BDAT (RFC 3030 section 3)")]
    [InlineData(Envelope + "BDAT 6\r\nRSET\r\nDATA\r\n", "503 5.5.1 The content has begun: go on with it or send RSET")]
    [InlineData(Envelope + "BDAT 6\r\nRSET\r\nRCPT TO:<other@example.org>\r\n", "503 5.5.1 The content has begun: go on with it or send RSET")]
    [InlineData(Envelope + "BDAT 6\r\nRSET\r\nMAIL FROM:<other@example.org>\r\n", "503 5.5.1 A message is under way: finish it or send RSET")]
    [InlineData("BDAT 6 LAST\r\nQUIT\r\n", "503 5.5.1 Send MAIL first")]
    [InlineData("MAIL FROM:<app@example.org>\r\nBDAT 6 LAST\r\nQUIT\r\n", "554 5.5.1 No recipient was taken")]
    [InlineData(Envelope + "BDAT 6\r\nRSET\r\nRSET\r\nBDAT 6 LAST\r\nQUIT\r\n", "503 5.5.1 Send MAIL first")]
    [InlineData(Envelope + "BDAT 6\r\nRSET\r\nEHLO again.example\r\nBDAT 6 LAST\r\nQUIT\r\n", "503 5.5.1 Send MAIL first")]
    public async Task A_chunk_out_of_place_is_refused_and_no_command_is_read_from_it(string said, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync(said + "NOOP\r\nQUIT\r\n");
        Assert.Equal([expected, "250 2.0.0 Here", "221 2.0.0 Goodbye"], (await smtp.RestAsync()).TakeLast(3));
    });

    [Theory]
    [InlineData("BDAT\r\n", "501 5.5.4 Write BDAT, the number of octets, and LAST for the last chunk")]
    [InlineData("BDAT -1\r\n", "501 5.5.4 Write BDAT, the number of octets, and LAST for the last chunk")]
    [InlineData("BDAT 99999999999999999999\r\n", "501 5.5.4 Write BDAT, the number of octets, and LAST for the last chunk")]
    [InlineData("BDAT 9999999999 LAST\r\n", "503 5.5.1 Send MAIL and RCPT first")]
    public async Task Where_it_is_not_known_what_comes_next_the_session_ends(string said, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync(said + "MAIL FROM:<evil@example.org>\r\n");
        Assert.Equal([expected], await smtp.RestAsync());
    });

    [Fact]
    public async Task What_is_too_large_is_refused_at_the_first_chunk_beyond_and_the_session_goes_on() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        var chunk = new string('x', OpenDoors.MaxMessageBytes / 2);
        var tooLarge = $"552 5.3.4 A message may have {OpenDoors.MaxMessageBytes} octets";
        await smtp.SendAsync($"{Envelope}BDAT {chunk.Length}\r\n{chunk}BDAT {chunk.Length + 1}\r\n{chunk}xBDAT 4\r\nRSETBDAT 0 LAST\r\nNOOP\r\n");
        Assert.Equal([Taken, To, $"250 2.0.0 {chunk.Length} octets taken", tooLarge, "503 5.5.1 Send MAIL first", "503 5.5.1 Send MAIL first", "250 2.0.0 Here"],
            [await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
        await smtp.SendAsync($"{Envelope}BDAT {OpenDoors.MaxMessageBytes + 1} LAST\r\n{chunk}{chunk}x");
        Assert.Equal([Taken, To, tooLarge], [await smtp.ReplyAsync(), await smtp.ReplyAsync(), await smtp.ReplyAsync()]);
    });

    [Fact]
    public async Task A_large_message_in_large_chunks_is_stored_whole()
    {
        await using var smtp = await doors.GreetedAsync();
        var content = Header + string.Concat(Enumerable.Range(0, 90_000).Select(number => $".{number}\r\n"));
        var (half, id) = (content.Length / 2, "");
        await smtp.SendAsync($"{Envelope}BDAT {half}\r\n{content[..half]}BDAT {content.Length - half} LAST\r\n{content[half..]}");
        for (var reply = 0; reply < 4; reply++)
            id = await smtp.ReplyAsync();
        Assert.EndsWith("\r\n" + content, Encoding.Latin1.GetString(await doors.ContentAsync(OpenDoors.StoredId(id))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_within_its_message_leaves_nothing() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync($"{Envelope}BDAT {Header.Length}\r\n{Header}BDAT 100 LAST\r\nHello");
        smtp.CloseSending();
        Assert.Equal([Taken, To, $"250 2.0.0 {Header.Length} octets taken"], await smtp.RestAsync());
    });
}
