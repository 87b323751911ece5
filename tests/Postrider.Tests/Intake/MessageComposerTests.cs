using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Postrider.Client;
using Postrider.Server.Api;

namespace Postrider.Tests.Intake;

public sealed class MessageComposerTests
{
    private readonly MessageComposer composer = new(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private MimeMessage Compose(SendMessage request)
    {
        var (message, errors) = composer.Compose(request, "app@example.org");
        Assert.True(message is not null, string.Join(" ", errors.SelectMany(error => error.Value)));
        AssertFitForTheWire(message.Bytes);
        return MimeMessage.Load(new MemoryStream(message.Bytes), TestContext.Current.CancellationToken);
    }

    private static void AssertFitForTheWire(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        Assert.DoesNotContain('\0', text);
        var lines = text.Split("\r\n");
        Assert.All(lines, line => Assert.False(line.AsSpan().ContainsAny('\r', '\n')));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 998));
        Assert.Equal("", lines[^1]);
    }

    [Fact]
    public void Text_and_HTML_are_alternatives_and_attachments_stand_beside_them()
    {
        var message = Compose(new SendMessage
        {
            To = ["A <a@example.org>"], Cc = ["c@example.org"], Bcc = ["secret@example.org"], Subject = "Grüße", Text = "Hallo\nWelt", Html = "<p>Hällo",
            Attachments = [new() { Name = "Ünïcode.pdf", ContentBase64 = "AAEC" }], Headers = new Dictionary<string, string> { ["X-A"] = "wörd" },
        });
        var mixed = Assert.IsType<Multipart>(message.Body, exactMatch: false);
        Assert.IsType<MultipartAlternative>(mixed[0]);
        Assert.Equal(("Grüße", "Hallo\r\nWelt", "<p>Hällo", "wörd"), (message.Subject, message.TextBody!.ReplaceLineEndings("\r\n").TrimEnd(), message.HtmlBody!.TrimEnd(), message.Headers["X-A"]));
        Assert.Equal("Ünïcode.pdf", Assert.IsType<MimePart>(mixed[1], exactMatch: false).FileName);
        Assert.Empty(message.Bcc);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/csv; charset=utf-16")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public void The_bytes_of_an_attachment_arrive_as_they_were_given(string? type)
    {
        byte[] given = [.. "a\nb\r\nc\rd\0\r.\r\n.\r\nFrom me\xe9"u8, 0xFF];
        var message = Compose(new SendMessage { To = ["a@example.org"], Text = "x", Attachments = [new() { Name = "a.txt", ContentType = type, ContentBase64 = Convert.ToBase64String(given) }] });
        using var arrived = new MemoryStream();
        Assert.IsType<MimePart>(Assert.Single(message.Attachments), exactMatch: false).Content!.DecodeTo(arrived, TestContext.Current.CancellationToken);
        Assert.Equal(given, arrived.ToArray());
    }

    private static readonly Gen<string> Words = Gen.OneOf(Gen.String[Gen.Char["ab .\r\n\0\té語\u2028"], 0, 80], Gen.Const(new string('x', 5000)), Gen.Const("\r.\r"), Gen.Const("\n.\nMAIL"));

    [Fact]
    public void Whatever_the_text_is_the_message_fits_the_wire() => Gen.Select(Words, Words, Gen.Bool).Sample((text, html, both) =>
    {
        var (message, _) = composer.Compose(new SendMessage { To = ["a@example.org"], Text = text, Html = both ? html : null }, "app@example.org");
        AssertFitForTheWire(message!.Bytes);
    }, iter: 500);

    [Theory]
    [InlineData(2000)]
    [InlineData(20_000)]
    public void Long_values_of_header_fields_are_folded(int length)
    {
        var words = string.Concat(Enumerable.Repeat("word ", length / 5)).Trim();
        Assert.Equal(words, Compose(new SendMessage { To = ["a@example.org"], Subject = words, Text = "" }).Subject);
        Compose(new SendMessage { To = ["a@example.org"], Subject = new string('s', length), Headers = new Dictionary<string, string> { ["X-Long"] = new string('h', length) } });
    }

    [Fact]
    public void Only_an_address_beyond_ASCII_needs_SMTPUTF8_and_a_domain_goes_in_its_ASCII_form()
    {
        var (message, _) = composer.Compose(new SendMessage { To = ["a@bücher.example"], Text = "é" }, "app@example.org");
        Assert.False(message!.NeedsSmtpUtf8);
        Assert.Equal(["a@xn--bcher-kva.example"], message.Recipients);
        Assert.True(Ascii.IsValid(message.Bytes), Encoding.UTF8.GetString(message.Bytes));
        Assert.True(composer.Compose(new SendMessage { To = ["jürgen@example.org"], Text = "" }, "app@example.org").Message!.NeedsSmtpUtf8);
    }

    [Fact]
    public void A_recipient_named_twice_gets_one_message()
    {
        var (message, _) = composer.Compose(new SendMessage { To = ["a@example.org"], Cc = ["A <a@EXAMPLE.org>"], Bcc = ["a@example.org"] }, "app@example.org");
        Assert.Single(message!.Recipients);
    }
}
