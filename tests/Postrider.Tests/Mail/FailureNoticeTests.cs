using MimeKit;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Postrider.Mail;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Smtp;

namespace Postrider.Tests.Mail;

/// <summary>The report to a sender (RFC 3464), read back with somebody else's parser.</summary>
public class FailureNoticeTests
{
    private const string From = "noreply@example.org";
    private readonly FailureNotice notices = new(new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero)),
        new GatewayName(Options.Create(new MailOptions { HostName = "gateway.example" })));

    private static readonly RecipientOutcome[] Failed =
    [
        new(1, OutcomeKind.Failed, "550 5.1.10 RESOLVER.ADR.RecipientNotFound\r\n550 not found", "There is no such mailbox.", "Check the address."),
        new(2, OutcomeKind.Failed, "The message could not be delivered in its time."),
    ];

    [Fact]
    public void It_names_each_failed_recipient_with_status_reply_cause_and_remedy()
    {
        var (notice, bytes) = Write(Message(), Failed, "Subject: Rechnung\r\nX-Note: one\r\n\r\nbody that is not shown");
        Assert.DoesNotContain(bytes, octet => octet > 127);
        Assert.Equal(("Not delivered: Rechnung für Mai", "auto-replied", "<1@example.org>"), (notice.Subject, notice.Headers[HeaderId.AutoSubmitted], notice.Headers[HeaderId.InReplyTo]));
        Assert.Equal(From, notice.From.Mailboxes.Single().Address);
        var report = Assert.IsType<MultipartReport>(notice.Body);
        Assert.Equal(("delivery-status", 3), (report.ReportType, report.Count));

        var groups = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups.Where(group => group.Count > 0).ToList();
        Assert.Equal("dns; gateway.example", groups[0]["Reporting-MTA"]);
        Assert.Equal(["rfc822; b@example.org", "rfc822; c@example.org"], groups.Skip(1).Select(group => group["Final-Recipient"]));
        Assert.Equal(["5.1.10", "5.0.0"], groups.Skip(1).Select(group => group["Status"]));
        Assert.Equal("smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound 550 not found", groups[1]["Diagnostic-Code"]);
        Assert.All(groups.Skip(1), group => Assert.Equal("failed", group["Action"]));

        var text = Assert.IsType<TextPart>(report[0]).Text;
        foreach (var part in new[] { "b@example.org", "There is no such mailbox.", "Check the address.", "RecipientNotFound", "c@example.org" })
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain("a@example.org", text, StringComparison.Ordinal);
        var header = Assert.IsType<TextPart>(report[2]).Text;
        Assert.Contains("X-Note: one", header, StringComparison.Ordinal);
        Assert.DoesNotContain("not shown", header, StringComparison.Ordinal);
    }

    // A path of SMTP need not be an address of RFC 5322. What was an error of our own here took the outcomes of others with it.
    [Theory]
    [InlineData("a..b@example.org")]
    [InlineData(".a@example.org")]
    [InlineData("a.@example.org")]
    public void A_sender_that_is_no_address_by_the_strict_rules_is_told_all_the_same(string sender)
    {
        var notice = notices.Write(Message(from: sender), Failed, sender, "Subject: x\r\n\r\n"u8)!;
        Assert.Equal([sender], notice.Recipients);
        var text = System.Text.Encoding.UTF8.GetString([.. notice.Content.Pieces().SelectMany(piece => piece)]);
        Assert.Contains($"To: <{sender}>\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"<{sender}>\r\n", text[text.IndexOf("From:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_a_message_to_the_sender_through_the_same_provider_and_never_causes_another()
    {
        var written = notices.Write(Message(), Failed, From, "\r\n"u8)!;
        Assert.Equal(("p", "report", From, "1"), (written.ProviderId, written.Source, written.MailFrom, written.ReportOf));
        Assert.Equal(["app@example.org"], written.Recipients);
        Assert.Null(notices.Write(Message(reportOf: "1"), Failed, From, "\r\n"u8));
        Assert.Null(notices.Write(Message(from: ""), Failed, From, "\r\n"u8));
        Assert.Null(notices.Write(Message(), [], From, "\r\n"u8));
    }

    [Fact]
    public void A_header_in_eight_bits_and_an_address_beyond_ASCII_come_through()
    {
        var message = Message(from: "büro@example.org");
        var written = notices.Write(message, Failed, From, "Subject: Grüße\r\nbroken line\r\n"u8)!;
        Assert.Equal(["büro@example.org"], written.Recipients);
        var notice = Parse(written, out _);
        Assert.Equal("büro@example.org", notice.To.Mailboxes.Single().Address);
        Assert.Contains("Grüße", Assert.IsType<TextPart>(Assert.IsType<MultipartReport>(notice.Body)[2]).Text, StringComparison.Ordinal);
        Assert.Equal((true, SmtpBody.EightBitMime), (written.SmtpUtf8, written.Body));
    }

    private (MimeMessage, byte[]) Write(ClaimedMessage message, RecipientOutcome[] failed, string head)
    {
        var written = notices.Write(message, failed, From, System.Text.Encoding.UTF8.GetBytes(head))!;
        return (Parse(written, out var bytes), bytes);
    }

    private static MimeMessage Parse(NewMessage written, out byte[] bytes) =>
        MimeMessage.Load(new MemoryStream(bytes = [.. written.Content.Pieces().SelectMany(piece => piece)]));

    private static ClaimedMessage Message(string from = "app@example.org", string? reportOf = null) => new()
    {
        Id = "1", ProviderId = "p", Fence = 1, Attempts = 0, Rescues = 0, MailFrom = from, HeaderId = "<1@example.org>", Subject = "Rechnung für Mai",
        Recipients = [new() { Number = 0, Address = "a@example.org" }, new() { Number = 1, Address = "b@example.org" }, new() { Number = 2, Address = "c@example.org" }],
        Size = 100, Body = SmtpBody.SevenBit, SmtpUtf8 = false, ReportOf = reportOf, AcceptedAt = default, ExpiresAt = default,
    };
}
