using System.Globalization;
using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Messages that are too large, have odd headers, or must arrive as they are.</summary>
[Collection(OpenDoors.Name)]
public sealed class ContentTests(OpenDoors doors)
{
    private static readonly string TooLarge = $"552 5.3.4 A message may have {OpenDoors.MaxMessageBytes} octets";

    [Fact]
    public async Task What_is_stored_is_what_came_below_the_added_fields_and_without_Bcc()
    {
        await using var smtp = await doors.GreetedAsync();
        // Odd and lawful: folding, empty values, a long line, 8-bit octets, spaces at line ends, no body structure.
        var kept = "X-Odd :  value \r\n\tfolded\r\n  again\r\nSubject:\r\nFrom: App <app@example.org>\r\nx-empty:\r\nTo: undisclosed-recipients:;\r\n";
        var body = $"\r\n.\r\n..two\r\n\t \r\n{new string('y', 3000)}\r\nl\u00e9\u00ff\r\n\r\n";
        await smtp.SayAsync("MAIL FROM:<app@example.org> BODY=8BITMIME");
        await smtp.SayAsync("RCPT TO:<someone@example.org>");
        await smtp.SayAsync("DATA");
        await smtp.SendAsync(kept + "Bcc: secret@example.org,\r\n other@example.org\r\nReturn-Path: <x@example.org>\r\n" + body.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n");
        var id = OpenDoors.StoredId(await smtp.ReplyAsync());

        var stored = Encoding.Latin1.GetString(await doors.ContentAsync(id));
        Assert.Matches($@"^Received: from test\.example \(\[127\.0\.0\.1\]\)\r\n\tby gateway\.example \(Postrider\) with ESMTP id {id}\r\n\tfor <someone@example\.org>;\r\n\t[^\r\n]+\r\nDate: [^\r\n]+\r\nMessage-ID: <{id}@gateway\.example>\r\nX-Odd", stored);
        Assert.EndsWith($"@gateway.example>\r\n{kept}{body}", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@example.org", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_goes_to_the_envelope_and_to_nobody_whom_the_header_alone_names()
    {
        await using var smtp = await doors.GreetedAsync();
        var id = OpenDoors.StoredId(await smtp.HandInAsync($"From: {Running.Installation.Mailbox}\r\nTo: everybody@example.org, boss@example.org\r\nCc: more@example.org\r\nSubject: to one\r\n\r\nHello",
            Running.Installation.Mailbox, "only@example.org"));
        var hidden = OpenDoors.StoredId(await smtp.HandInAsync($"From: {Running.Installation.Mailbox}\r\nBcc: hidden@example.org\r\nSubject: to Bcc alone\r\n\r\nHello", Running.Installation.Mailbox, "hidden@example.org"));
        await doors.Gateway.MessageIsAsync(id, "sent");
        await doors.Gateway.MessageIsAsync(hidden, "sent");
        var arrived = doors.Installation.Simulator.State.Messages.Read(0, 1000);
        Assert.Equal(["only@example.org"], Assert.Single(arrived, message => message.Subject == "to one").To);
        Assert.Equal(["hidden@example.org"], Assert.Single(arrived, message => message.Subject == "to Bcc alone").To);
    }

    [Fact]
    public async Task A_Date_and_a_Message_ID_that_are_there_stay_and_several_recipients_are_not_named()
    {
        await using var smtp = await doors.GreetedAsync();
        const string content = "Message-ID: <mine@example.org>\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\nFrom: app@example.org\r\n\r\nHello\r\n";
        await smtp.SayAsync("MAIL FROM:<app@example.org>");
        await smtp.SayAsync("RCPT TO:<one@example.org>");
        await smtp.SayAsync("RCPT TO:<two@example.org>");
        await smtp.SayAsync("DATA");
        await smtp.SendAsync(content + ".\r\n");
        var stored = Encoding.Latin1.GetString(await doors.ContentAsync(OpenDoors.StoredId(await smtp.ReplyAsync())));
        Assert.EndsWith("\r\n" + content, stored, StringComparison.Ordinal);
        Assert.DoesNotContain("one@example.org", stored, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "550 5.6.0 The header has no From field.")]
    [InlineData("just text, no header", "550 5.6.0 The header has no From field.")]
    [InlineData("\r\nFrom: a@example.org\r\n\r\nx", "550 5.6.0 The header has no From field.")]
    [InlineData(" From: a@example.org\r\n\r\nx", "550 5.6.0 The header has no From field.")]
    [InlineData("Subject: x\r\nthis is the body already\r\nFrom: a@example.org\r\n\r\nx", "550 5.6.0 The header has no From field.")]
    [InlineData("Subject: x\r\n\r\nx", "550 5.6.0 The header has no From field.")]
    [InlineData("From: a@example.org\r\nFrom: b@example.org\r\n\r\nx", "550 5.6.0 The header has more than one From or Sender field.")]
    [InlineData("From: a@example.org\r\nfrom : b@example.org\r\n\r\nx", "550 5.6.0 The header has more than one From or Sender field.")]
    [InlineData("From: a@example.org\r\nSender: a@example.org\r\nSender: b@example.org\r\n\r\nx", "550 5.6.0 The header has more than one From or Sender field.")]
    [InlineData("From: nobody\r\n\r\nx", "550 5.6.0 The From field is not an address: write it like")]
    [InlineData("From: a@b@example.org\r\n\r\nx", "550 5.6.0 The From field is not an address: write it like")]
    [InlineData("From:\r\n\r\nx", "550 5.6.0 The From field is not an address: write it like")]
    [InlineData("From: a@example.org, b@example.org\r\n\r\nx", "550 5.6.0 The From field names several authors and there is no Sender field")]
    [InlineData("From: a@example.org\r\nDate: x\r\nDate: y\r\n\r\nx", "550 5.6.0 The header has a field twice that may stand once")]
    [InlineData("From: a@example.org\r\n\r\n\0", "550 5.6.0 The message holds a NUL octet")]
    public async Task A_message_with_a_broken_header_is_refused_with_what_to_mend(string content, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.StartsWith(expected, await smtp.HandInAsync(content), StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    });

    [Fact]
    public async Task A_message_that_goes_in_circles_or_has_an_endless_header_is_refused() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.StartsWith("554 5.4.6 The message has passed 50 servers", await smtp.HandInAsync(string.Concat(Enumerable.Repeat("Received: x\r\n", 50)) + "From: a@example.org\r\n\r\nx"), StringComparison.Ordinal);
        Assert.Equal("552 5.3.4 The header is longer than 192 KiB.", await smtp.HandInAsync($"From: a@example.org\r\nX-Long: {new string('x', 200_000)}\r\n\r\nx"));
        Assert.Equal("552 5.3.4 The header is longer than 192 KiB.", await smtp.HandInAsync(string.Concat(Enumerable.Repeat("X-Many: x\r\n", 60_000)) + "From: a@example.org\r\n\r\nx"));
    });

    [Fact]
    public async Task A_body_as_deep_as_MIME_can_be_nested_is_stored_as_it_is()
    {
        await using var smtp = await doors.GreetedAsync();
        var body = string.Concat(Enumerable.Range(0, 10_000).Select(depth => $"--b{depth}\r\nContent-Type: multipart/mixed; boundary=b{depth + 1}\r\n\r\n"));
        var id = OpenDoors.StoredId(await smtp.HandInAsync($"From: app@example.org\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n{body}"));
        Assert.EndsWith(body + "\r\n", Encoding.Latin1.GetString(await doors.ContentAsync(id)), StringComparison.Ordinal);
        await doors.Gateway.Api.Messages.GetAsync(id, TestContext.Current.CancellationToken);
        await doors.SoundAsync();
    }

    [Fact]
    public async Task A_size_beyond_the_limit_is_refused_before_or_after_the_content_whatever_SIZE_said() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.Equal(TooLarge, await smtp.SayAsync($"MAIL FROM:<a@example.org> SIZE={OpenDoors.MaxMessageBytes + 1}"));
        Assert.StartsWith("501 5.5.4 The value of SIZE is not valid", await smtp.SayAsync("MAIL FROM:<a@example.org> SIZE=99999999999999999999999"), StringComparison.Ordinal);
        Assert.StartsWith("501 5.5.4 The value of SIZE is not valid", await smtp.SayAsync("MAIL FROM:<a@example.org> SIZE=-1"), StringComparison.Ordinal);
        var line = new string('x', 998) + "\r\n";
        var content = "From: a@example.org\r\n\r\n" + string.Concat(Enumerable.Repeat(line, OpenDoors.MaxMessageBytes / 1000 + 1));
        Assert.Equal(TooLarge, await smtp.HandInAsync(content, parameters: " SIZE=10"));
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    });

    [Fact]
    public async Task The_largest_message_arrives_whole()
    {
        await using var smtp = await doors.GreetedAsync();
        const string head = "From: a@example.org\r\nMessage-ID: <large@example.org>\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n";
        var content = head + string.Concat(Enumerable.Range(0, OpenDoors.MaxMessageBytes / 100 - 2).Select(number => number.ToString(CultureInfo.InvariantCulture).PadRight(98) + "\r\n"));
        var id = OpenDoors.StoredId(await smtp.HandInAsync(content[..^2]));
        Assert.EndsWith("\r\n" + content, Encoding.Latin1.GetString(await doors.ContentAsync(id)), StringComparison.Ordinal);
    }

    // The client sends the rest in another transaction (RFC 5321 section 4.5.3.1.10): that is no error of its own.
    [Fact]
    public async Task Recipients_beyond_the_limit_wait_for_another_transaction_and_the_others_get_their_mail()
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SendAsync("MAIL FROM:<a@example.org>\r\n" + string.Concat(Enumerable.Range(0, OpenDoors.MaxRecipients + 30).Select(number => $"RCPT TO:<r{number}@example.org>\r\n")) + "DATA\r\n");
        await smtp.ReplyAsync();
        for (var i = 0; i < OpenDoors.MaxRecipients; i++)
            Assert.Equal("250 2.1.5 Recipient taken", await smtp.ReplyAsync());
        for (var i = 0; i < 30; i++)
            Assert.Equal($"452 4.5.3 A message may have {OpenDoors.MaxRecipients} recipients, send the others separately", await smtp.ReplyAsync());
        Assert.StartsWith("354 ", await smtp.ReplyAsync(), StringComparison.Ordinal);
        await smtp.SendAsync("From: a@example.org\r\n\r\nx\r\n.\r\n");
        OpenDoors.StoredId(await smtp.ReplyAsync());
    }
}
