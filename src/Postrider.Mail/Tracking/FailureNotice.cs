using System.Globalization;
using System.Text;
using MimeKit;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Mail.Tracking;

/// <summary>Tells a sender that a message will not arrive: a delivery status notification (RFC 3464) in a multipart/report (RFC 6522).
/// It is a message like any other, stored in the same transaction as the failure that it tells of.</summary>
public sealed class FailureNotice(TimeProvider time, GatewayName name)
{
    /// <summary>So much of the original's header is shown at the most.</summary>
    private const int LongestExcerpt = 64 * 1024;

    /// <summary>The address that a notice comes from: that of the mailbox, where it has one.</summary>
    public static string From(Provider? provider, string mailFrom) => provider?.UserName.Contains('@') == true ? provider.UserName : mailFrom;

    /// <param name="from">An address that the provider lets us send as. The null reverse path would be right by RFC 5321 section 6.1,
    /// but client submission may refuse it, so the notice marks itself by Auto-Submitted (RFC 3834) and never causes another.</param>
    /// <param name="head">The beginning of the original message.</param>
    /// <returns>Null when nobody is to be told: the message came with a null reverse path or was itself a notice.</returns>
    public NewMessage? Write(ClaimedMessage message, IReadOnlyList<RecipientOutcome> failed, string from, ReadOnlySpan<byte> head) =>
        Write(new Original(message.Id, message.ProviderId, message.MailFrom, message.Subject, message.HeaderId, message.ReportOf, message.AcceptedAt,
            message.Recipients.ToDictionary(recipient => recipient.Number, recipient => recipient.Address)), failed, from, head);

    /// <summary>The same for one that is just being accepted.</summary>
    /// <inheritdoc cref="Write(ClaimedMessage, IReadOnlyList{RecipientOutcome}, string, ReadOnlySpan{byte})"/>
    public NewMessage? Write(NewMessage message, IReadOnlyList<RecipientOutcome> failed, string from) =>
        Write(new Original(message.Id, message.ProviderId, message.MailFrom, message.Subject, message.HeaderId, message.ReportOf, time.GetUtcNow(),
            message.Recipients.Index().ToDictionary(recipient => recipient.Index, recipient => recipient.Item)), failed, from, message.Content.Pieces().FirstOrDefault());

    private sealed record Original(string Id, string ProviderId, string MailFrom, string Subject, string HeaderId, string? ReportOf, DateTimeOffset AcceptedAt, Dictionary<int, string> Addresses);

    private NewMessage? Write(Original message, IReadOnlyList<RecipientOutcome> failed, string from, ReadOnlySpan<byte> head)
    {
        if (message.MailFrom.Length == 0 || message.ReportOf is not null || failed.Count == 0)
            return null;
        var id = MessageIds.New(time);
        var notice = new MimeMessage
        {
            Date = time.GetUtcNow(),
            MessageId = $"{id}@{name.Value}",
            Subject = "Not delivered: " + message.Subject,
            Body = new MultipartReport("delivery-status")
            {
                new TextPart("plain") { Text = Explain(message, failed) },
                Status(message, failed),
                new TextPart("rfc822-headers") { ContentTransferEncoding = ContentEncoding.QuotedPrintable, Text = Header(head) },
            },
        };
        Put(notice, HeaderId.From, "Mail delivery (Postrider)", from);
        Put(notice, HeaderId.To, null, message.MailFrom);
        notice.Headers.Add(HeaderId.AutoSubmitted, "auto-replied");
        if (message.HeaderId.Length > 0)
        {
            notice.Headers.Add(HeaderId.InReplyTo, message.HeaderId);
            notice.Headers.Add(HeaderId.References, message.HeaderId);
        }
        // Nobody can be asked whether they take 8-bit content; only a sender's address beyond ASCII leaves no other way (RFC 6532).
        notice.Prepare(EncodingConstraint.SevenBit);
        var international = !Ascii.IsValid(message.MailFrom) || !Ascii.IsValid(from);
        using var bytes = new MemoryStream();
        notice.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true, International = international }, bytes);
        return new NewMessage
        {
            Id = id, ProviderId = message.ProviderId, Source = "report", MailFrom = from, Recipients = [message.MailFrom],
            HeaderFrom = from, Subject = notice.Subject, HeaderId = $"<{notice.MessageId}>", ReportOf = message.Id,
            Body = international ? SmtpBody.EightBitMime : SmtpBody.SevenBit, SmtpUtf8 = international,
            Content = StoredBytes.From(bytes.ToArray()),
        };
    }

    // What SMTP takes as a path need not be an address of RFC 5322, such as a..b@example.org: it stands as it was said.
    private static void Put(MimeMessage notice, HeaderId field, string? name, string address)
    {
        if (MailboxAddress.TryParse(address, out var parsed))
            (field == HeaderId.From ? notice.From : notice.To).Add(new MailboxAddress(name, parsed.Address));
        else
            notice.Headers.Add(new Header(Encoding.UTF8, field, name is null ? $"<{address}>" : $"\"{name}\" <{address}>"));
    }

    private static string Explain(Original message, IReadOnlyList<RecipientOutcome> failed)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Your message \"{message.Subject}\" of {message.AcceptedAt:yyyy-MM-dd HH:mm} UTC did not reach:\r\n");
        foreach (var recipient in failed)
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\n  {message.Addresses[recipient.Number]}\r\n");
            if (recipient.Cause is { } cause)
                text.Append(CultureInfo.InvariantCulture, $"    Cause:   {cause}\r\n");
            if (recipient.Remedy is { } remedy)
                text.Append(CultureInfo.InvariantCulture, $"    Remedy:  {remedy}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"    Reply:   {recipient.Reply}\r\n");
        }
        return text.Append("\r\nIt will not be tried again by itself.\r\n").ToString();
    }

    private MessageDeliveryStatus Status(Original message, IReadOnlyList<RecipientOutcome> failed)
    {
        var status = new MessageDeliveryStatus();
        status.StatusGroups.Add(new HeaderList
        {
            { "Reporting-MTA", "dns; " + name.Value },
            { "Arrival-Date", MimeKit.Utils.DateUtils.FormatDate(message.AcceptedAt) },
        });
        foreach (var recipient in failed)
            status.StatusGroups.Add(new HeaderList
            {
                { "Final-Recipient", "rfc822; " + message.Addresses[recipient.Number] },
                { "Action", "failed" },
                { "Status", Enhanced(recipient.Reply) },
                { "Diagnostic-Code", "smtp; " + recipient.Reply.ReplaceLineEndings(" ") },
            });
        return status;
    }

    // RFC 3463 in the reply where there is one; 5.0.0 says "failed, of unknown kind".
    private static string Enhanced(string reply) =>
        reply.Split(' ', 3) is [_, var status, ..] && status.Split('.') is ["2" or "4" or "5", var subject, var detail]
        && int.TryParse(subject, out _) && int.TryParse(detail, out _) ? "5" + status[1..] : "5.0.0";

    private static string Header(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf("\r\n\r\n"u8) is var at and >= 0 ? at + 2 : head.Length;
        return Encoding.UTF8.GetString(head[..Math.Min(end, LongestExcerpt)]);
    }
}
