using System.Text;
using MimeKit;
using Postrider.EndToEnd.Hostile;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Transport;

/// <summary>A message with a binary part (RFC 3030): in by BDAT, and out as it is where the server takes it, otherwise in another transfer encoding.</summary>
public sealed class BinaryMimeTests : IAsyncLifetime
{
    private Installation? started;

    private Installation Installation => started!;

    public async ValueTask InitializeAsync() => started = await Installation.StartAsync();

    private static readonly byte[] Picture = [.. "\u0089PNG\r\n\u001a\n\0\n.\n\r\n.\r\n\r\r\n--bound\n"u8, .. Enumerable.Range(0, 256).Select(octet => (byte)octet)];

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 8000)]
    [InlineData("PIPELINING", 8000)]
    public async Task It_leaves_as_it_came_where_the_server_takes_it(string hidden, int times)
    {
        Hide(hidden);
        var message = Message(times);
        var id = await HandInAsync(message, chunk: 100_000);
        await Installation.Gateway.MessageIsAsync(id, "sent");
        await Installation.Gateway.Api.Messages.ResendAsync(id, cancellation: TestContext.Current.CancellationToken);
        await Installation.Simulator.State.Messages.ArrivedAsync(2, TestContext.Current.CancellationToken);
        foreach (var arrived in Installation.Simulator.State.Messages.Read())
        {
            Assert.Contains("BODY=BINARYMIME", arrived.MailParameters, StringComparison.Ordinal);
            Assert.True(Installation.Simulator.State.Messages.Raw(arrived.Id).AsSpan().EndsWith(message.AsSpan(message.AsSpan().IndexOf("MIME-Version"u8))));
        }
    }

    [Theory]
    [InlineData("BINARYMIME", false)]
    [InlineData("CHUNKING", false)]
    [InlineData("CHUNKING,PIPELINING,BINARYMIME", false)]
    [InlineData("BINARYMIME,8BITMIME", true)]
    public async Task It_is_converted_where_the_server_does_not_and_every_octet_of_its_parts_arrives(string hidden, bool sevenBits)
    {
        Hide(hidden);
        foreach (var times in new[] { 1, 8000 })
        {
            var message = Message(times);
            var id = await HandInAsync(message, chunk: message.Length);
            await Installation.Gateway.MessageIsAsync(id, "sent");
            var arrived = Installation.Simulator.State.Messages.Read()[^1];
            var raw = Installation.Simulator.State.Messages.Raw(arrived.Id)!;
            Assert.DoesNotContain("BINARYMIME", arrived.MailParameters, StringComparison.Ordinal);
            Assert.Equal(sevenBits, Ascii.IsValid(raw));
            Assert.Equal(!sevenBits, arrived.MailParameters.Contains("BODY=8BITMIME", StringComparison.Ordinal));
            Assert.DoesNotContain((byte)0, raw);
            Assert.Equal(Parts(message), Parts(raw));
        }
    }

    /// <summary>RFC 6152 section 3 leaves two ways, conversion and refusal, and RFC 1847 section 2.1 forbids the first.</summary>
    [Theory]
    [InlineData("8BITMIME", "8bit", "Gr\u00fc\u00dfe")]
    [InlineData("BINARYMIME", "binary", "one\ntwo")]
    public async Task What_is_signed_is_refused_rather_than_broken_and_the_sender_is_told_what_to_mend(string hidden, string encoding, string text)
    {
        Hide(hidden);
        var message = Encoding.Latin1.GetBytes($"From: {Installation.Mailbox}\r\nMessage-ID: <signed@app.example>\r\nSubject: signed\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=s\r\n\r\n"
            + $"--s\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nsignature\r\n--s--\r\n");
        var id = await HandInAsync(message, chunk: message.Length);
        var failed = await Installation.Gateway.MessageIsAsync(id, "failed");
        var recipient = Assert.Single(failed.Recipients);
        Assert.StartsWith("554 5.6.3 ", recipient.Reply, StringComparison.Ordinal);
        Assert.Contains("its signature would break", recipient.Cause, StringComparison.Ordinal);
        Assert.Contains("quoted-printable or base64", recipient.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(Installation.Simulator.State.Messages.Read(), arrived => arrived.Subject == "signed");
    }

    private void Hide(string keywords) => Installation.Simulator.State.Smtp = Installation.Simulator.State.Smtp with { Hide = keywords.Split(',', StringSplitOptions.RemoveEmptyEntries) };

    private static byte[] Message(int times) =>
    [
        .. Encoding.UTF8.GetBytes($"From: {Installation.Mailbox}\r\nMessage-ID: <{times}@app.example>\r\nDate: Tue, 3 Nov 2026 09:00:00 +0100\r\nSubject: binary\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=boundary\r\nContent-Transfer-Encoding: binary\r\n\r\n--boundary\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n.\r\n"
            + "--boundary\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"),
        .. Enumerable.Repeat(Picture, times).SelectMany(picture => picture),
        .. "\r\n--boundary--\r\n"u8,
    ];

    private async Task<string> HandInAsync(byte[] message, int chunk)
    {
        await using var smtp = await RawSmtp.GreetedAsync(Installation.Gateway.Smtp);
        await smtp.SayAsync($"MAIL FROM:<{Installation.Mailbox}> BODY=BINARYMIME");
        await smtp.SayAsync("RCPT TO:<someone@example.org>");
        foreach (var piece in message.Chunk(chunk))
        {
            await smtp.SendAsync($"BDAT {piece.Length}\r\n");
            await smtp.SendAsync(piece);
            Assert.Equal($"250 2.0.0 {piece.Length} octets taken", await smtp.ReplyAsync());
        }
        return OpenDoors.StoredId(await smtp.SayAsync("BDAT 0 LAST"));
    }

    private static List<string> Parts(byte[] message) => [.. MimeMessage.Load(new MemoryStream(message)).BodyParts.Cast<MimePart>().Select(part =>
    {
        using var decoded = new MemoryStream();
        part.Content!.DecodeTo(decoded);
        return $"{part.ContentType}: {Convert.ToHexString(decoded.ToArray())}";
    })];

    public async ValueTask DisposeAsync() => await Installation.DisposeAsync();
}
