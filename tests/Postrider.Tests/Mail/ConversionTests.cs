using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Postrider.Mail.Delivery;
using Postrider.Smtp;

namespace Postrider.Tests.Mail;

/// <summary>What a server cannot carry gets another transfer encoding and means the same; what need not be touched is not.</summary>
public class ConversionTests
{
    private const string Head = "From: App <app@example.org>\r\nTo: someone@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: x\r\n";
    private const string Mime = Head + "MIME-Version: 1.0\r\n";

    public static readonly TheoryData<string, string> Messages = new()
    {
        { "text in 8 bits", Mime + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße   \r\n.\r\nFrom here\r\n\r\n" },
        { "text in another charset", Mime + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe\r\n" },
        { "text without a last line end", Mime + "Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße" },
        { "text that is mostly beyond ASCII", Mime + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nПривет, как дела?\r\n" },
        { "an alternative", Mime + "Content-Type: multipart/alternative; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nnot shown\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>Grüße\r\n--b--\r\n" },
        { "a file in 8 bits", Mime + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlook\r\n--b\r\nContent-Type: application/x-thing\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00ff\u00fe lines \r\n\r\n--b--\r\n" },
        { "a binary file", Mime + "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\u0089PNG\r\n\u001a\n\0\r\r\n\n\n.\r\n.\n\r\n--b--\r\n" },
        { "binary text", Mime + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\n\r\none\ntwo\rthree\r\n" },
        { "nothing but binary", Mime + "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\u0001\r\u00ff\n" },
        { "a binary file that is only lines", Mime + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: binary\r\n\r\na;b\r\n--b\r\nContent-Type: application/x-thing\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r\n--b--\r\n" },
        { "a message in a message", Mime + "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nFrom: other@example.org\r\nSubject: inner\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße von innen\r\n--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: innermost\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGanz innen: ü\r\n--c--\r\n--b--\r\n" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Whatever_is_converted_means_the_same_and_fits(string what, string message)
    {
        var original = Octets(message);
        var had = MessageContent.BodyOf(original);
        foreach (var most in new[] { SmtpBody.SevenBit, SmtpBody.EightBitMime }.Where(most => most < had))
        {
            var converted = await ConvertAsync(original, most);
            Assert.True(MessageContent.BodyOf(converted) <= most, what);
            Assert.Equal(Meaning(original), Meaning(converted));
            var labels = Entities(Load(converted)).Select(entity => entity.Headers[HeaderId.ContentTransferEncoding]).OfType<string>();
            Assert.All(labels, label => Assert.DoesNotContain(label, most == SmtpBody.SevenBit ? ["8bit", "binary"] : new[] { "binary" }));
        }
    }

    [Fact]
    public async Task What_fits_already_is_not_touched()
    {
        var kept = $"--b\r\nContent-Type: text/plain\r\nX-Odd:  a \r\n\tfold\r\n\r\nFrom the beginning\r\n{new string('x', 1500)}\r\nblanks   \r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\n\r\n--b\r\n";
        var head = "X-Odd:   two\t blanks \r\n and a fold\r\nDATE: Tue, 3 Nov 2026 09:00:00 +0100\r\n" + Mime;
        var converted = Text(await ConvertAsync(Octets($"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\nfor others\r\n{kept}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nViele Grüße aus der Stadt am Rhein\r\n--b--\r\nafter\r\n"), SmtpBody.SevenBit));
        Assert.Equal($"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\nfor others\r\n{kept}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nViele Gr=C3=BC=C3=9Fe aus der Stadt am Rhein=\r\n\r\n--b--\r\nafter\r\n", converted);
    }

    [Fact]
    public async Task A_server_with_8BITMIME_keeps_its_eight_bits()
    {
        var converted = Text(await ConvertAsync(Encoding.UTF8.GetBytes($"{Mime}X-Note: Grüße\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n--b\r\nContent-Type: application/x-thing\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r\n--b--\r\n"), SmtpBody.EightBitMime));
        Assert.Contains(Text(Octets("X-Note: Grüße\r\n")), converted, StringComparison.Ordinal);
        Assert.Contains(Text(Octets("8bit\r\n\r\nGrüße\r\n")), converted, StringComparison.Ordinal);
        Assert.Contains("base64\r\n\r\nAA==", converted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Grüße vom Gerät\r\n", "utf-8", "Grüße vom Gerät")]
    [InlineData("Gr\u00fc\u00dfe\r\n", "unknown-8bit", null)]
    public async Task Text_from_before_MIME_is_told_as_what_it_is(string body, string charset, string? reads)
    {
        var bytes = reads is null ? Encoding.Latin1.GetBytes($"{Head}\r\n{body}") : Octets($"{Head}\r\n{body}");
        var converted = await ConvertAsync(bytes, SmtpBody.SevenBit);
        Assert.Contains("MIME-Version: 1.0\r\n", Text(converted), StringComparison.Ordinal);
        var text = Assert.IsType<TextPart>(Load(converted).Body);
        Assert.Equal(charset, text.ContentType.Charset);
        if (reads is not null)
            Assert.Equal(reads, text.Text.TrimEnd());
        Assert.Equal(bytes[(Head.Length + 2)..], Decoded(text));
    }

    [Fact]
    public async Task Eight_bits_in_headers_become_encoded_words_and_parameters()
    {
        var converted = await ConvertAsync(Octets($"From: Jürgen Müller <app@example.org>\r\nTo: \"Büro, Köln\" <someone@example.org>, other@example.org\r\nSubject: Grüße aus Köln\r\nX-Note: für später\r\nX-Plain:  as it  is\r\n"
            + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nASCII\r\n--b\r\nContent-Type: application/pdf; name=\"Übersicht.pdf\"\r\nContent-Disposition: attachment; filename=\"Übersicht.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\n--b--\r\n"), SmtpBody.SevenBit);
        Assert.Equal(SmtpBody.SevenBit, MessageContent.BodyOf(converted));
        var message = Load(converted);
        Assert.Equal(("Jürgen Müller", "app@example.org"), (message.From.Mailboxes.Single().Name, message.From.Mailboxes.Single().Address));
        Assert.Equal(["Büro, Köln", ""], message.To.Mailboxes.Select(mailbox => mailbox.Name));
        Assert.Equal(("Grüße aus Köln", "für später"), (message.Subject, message.Headers["X-Note"]));
        Assert.Contains("\r\nX-Plain:  as it  is\r\n", Text(converted), StringComparison.Ordinal);
        Assert.Equal("Übersicht.pdf", Assert.IsType<MimePart>(Assert.IsType<Multipart>(message.Body)[1]).FileName);
    }

    /// <summary>RFC 1847 section 2.1: a signature is over the octets as they are sent.</summary>
    [Fact]
    public async Task What_is_signed_stays_as_it_is_and_what_stands_beside_it_is_converted()
    {
        const string signed = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain; charset=utf-8\r\n{0}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n-----END PGP SIGNATURE-----\r\n--s--\r\n";
        var seven = signed.Replace("{0}", "\r\nplain  \r\nFrom here", StringComparison.Ordinal);
        var beside = Text(await ConvertAsync(Octets($"{Mime}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{seven}--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nViele Grüße aus der Stadt am Rhein\r\n--b--\r\n"), SmtpBody.SevenBit));
        Assert.Contains(seven, beside, StringComparison.Ordinal);
        Assert.Contains("Gr=C3=BC=C3=9Fe", beside, StringComparison.Ordinal);

        foreach (var (content, most) in new[] { ("Content-Transfer-Encoding: 8bit\r\n\r\nGrüße", SmtpBody.SevenBit), ("Content-Transfer-Encoding: binary\r\n\r\na\nb", SmtpBody.EightBitMime) })
        {
            var original = Octets(Mime + signed.Replace("{0}", content, StringComparison.Ordinal));
            Assert.True(MessageContent.BodyOf(await ConvertAsync(original, most)) > most);
        }
    }

    private static async Task<byte[]> ConvertAsync(byte[] message, SmtpBody most)
    {
        var converted = await Conversion.ConvertAsync(MessageContent.FromMemory(message), most, TestContext.Current.CancellationToken);
        Assert.True(converted.TryGetMemory(out var bytes));
        return bytes.ToArray();
    }

    // Text in UTF-8, and a letter below 256 where a string means octets: both occur in one message.
    private static byte[] Octets(string text) => text.Contains('\u00ff') || text.Contains('\0') || text.Contains("iso-8859-1", StringComparison.Ordinal)
        ? [.. text.SelectMany(letter => letter < 256 ? [(byte)letter] : Encoding.UTF8.GetBytes([letter]))] : Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] octets) => Encoding.Latin1.GetString(octets);

    private static MimeMessage Load(byte[] message) => MimeMessage.Load(new MemoryStream(message));

    /// <summary>Headers by their meaning, and every part by its type and decoded octets.</summary>
    private static List<string> Meaning(byte[] message)
    {
        var loaded = Load(message);
        return [.. loaded.Headers.Select(header => $"{header.Field}: {header.Value}"), .. Entities(loaded).Select(entity => $"{entity.ContentType} {(entity is MimePart part ? Convert.ToHexString(Decoded(part)) : "")}")];
    }

    private static IEnumerable<MimeEntity> Entities(MimeMessage message) => Entities(message.Body!);

    private static IEnumerable<MimeEntity> Entities(MimeEntity entity) => [entity, .. entity switch
    {
        Multipart several => several.SelectMany(Entities),
        MessagePart { Message: { } inner } => Entities(inner),
        _ => Enumerable.Empty<MimeEntity>(),
    }];

    private static byte[] Decoded(MimePart part)
    {
        using var decoded = new MemoryStream();
        part.Content!.DecodeTo(decoded);
        return decoded.ToArray();
    }
}
