using System.Text;
using MimeKit;
using MimeKit.Utils;
using Postrider.Client;
using Postrider.Smtp;

namespace Postrider.Server.Api;

/// <summary>Makes a MIME message of the fields of a request. Whatever could break out of its field is refused and told, not cleaned:
/// a program that sends it has a fault that its author should see.</summary>
internal sealed class MessageComposer(TimeProvider time)
{
    private const int LongestLine = 998;   // RFC 5322 section 2.1.1

    /// <summary>Later than this is a mistyped year.</summary>
    private static readonly TimeSpan FarthestSendAt = TimeSpan.FromDays(366);

    /// <summary>Fields that have a member of their own, or that the gateway and MIME write.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Received", "Return-Path",
        "Resent-From", "Resent-Sender",
        "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "DKIM-Signature", "Authentication-Results",
    };

    /// <param name="Bytes">The message in CR LF lines, without Bcc and Message-ID.</param>
    public sealed record Composed(string MailFrom, IReadOnlyList<string> Recipients, byte[] Bytes, bool NeedsSmtpUtf8);

    /// <param name="author">The sender when the request names none.</param>
    public (Composed? Message, Dictionary<string, string[]> Errors) Compose(SendMessage request, string? author)
    {
        var errors = new Dictionary<string, string[]>();
        var message = new MimeMessage { Date = time.GetUtcNow() };
        message.Headers.Remove(HeaderId.MessageId);
        var from = Addresses("from", (request.From ?? author) is { } sender ? [sender] : [], errors);
        var (to, cc, bcc, replyTo) = (Addresses("to", request.To, errors), Addresses("cc", request.Cc, errors),
            Addresses("bcc", request.Bcc, errors), Addresses("replyTo", request.ReplyTo, errors));
        if (from.Count == 0 && !errors.ContainsKey("from"))
            errors["from"] = ["Name the sender, such as \"Alerts <alerts@example.org>\"."];
        if (to.Count + cc.Count + bcc.Count == 0 && errors.Count == 0)
            errors["to"] = ["Name at least one recipient in to, cc or bcc."];
        if (HasControl(request.Subject))
            errors["subject"] = ["A subject is one line without control characters."];
        if (request.SendAt > time.GetUtcNow() + FarthestSendAt)
            errors["sendAt"] = [$"At most {FarthestSendAt.TotalDays:0} days ahead."];
        Headers(request, message, errors);
        var body = Body(request, errors);
        if (errors.Count > 0)
            return (null, errors);

        message.From.AddRange(from);
        message.To.AddRange(to);
        message.Cc.AddRange(cc);
        message.ReplyTo.AddRange(replyTo);
        message.Subject = request.Subject ?? "";
        message.Body = body;
        var recipients = to.Concat(cc).Concat(bcc).Select(box => SmtpAddress.Parse(box.Address)).Distinct().ToList();
        var international = recipients.Append(SmtpAddress.Parse(from[0].Address)).Any(address => address.NeedsSmtpUtf8);
        using var bytes = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true, International = international }, bytes, CancellationToken.None);
        return (new Composed(SmtpAddress.Parse(from[0].Address).WireText, [.. recipients.Select(address => address.WireText)], bytes.ToArray(), international), errors);
    }

    private static List<MailboxAddress> Addresses(string member, IReadOnlyList<string> texts, Dictionary<string, string[]> errors)
    {
        var boxes = new List<MailboxAddress>();
        var wrong = new List<string>();
        foreach (var text in texts)
        {
            if (HasControl(text) || !MailboxAddress.TryParse(text, out var box))
                wrong.Add($"\"{Shown(text)}\" is not an address. Write name@example.org or Name <name@example.org>.");
            else if (!SmtpAddress.TryParse(box.Address, out _, out var why))
                wrong.Add($"\"{Shown(text)}\": {why}");
            else
                boxes.Add(box);
        }
        if (wrong.Count > 0)
            errors[member] = [.. wrong];
        return boxes;
    }

    private static void Headers(SendMessage request, MimeMessage message, Dictionary<string, string[]> errors)
    {
        var wrong = new List<string>();
        foreach (var (name, value) in request.Headers)
        {
            if (name.Length is 0 or > 76 || name.Any(letter => letter is <= ' ' or >= (char)127 or ':'))
                wrong.Add($"\"{Shown(name)}\" is not a header name (RFC 5322 section 2.2).");
            else if (Reserved.Contains(name))
                wrong.Add($"{name} has a member of its own or is written by the gateway.");
            else if (HasControl(value))
                wrong.Add($"The value of {name} holds a line break or another control character.");
            else
                message.Headers.Add(name, Encoding.UTF8, value);
        }
        if (wrong.Count > 0)
            errors["headers"] = [.. wrong];
    }

    private static MimeEntity Body(SendMessage request, Dictionary<string, string[]> errors)
    {
        // Text is encoded when a line of it would be too long for the wire, or holds what the wire does not carry.
        var builder = new BodyBuilder { TextBody = WithCrLf(request.Text), HtmlBody = WithCrLf(request.Html) };
        if (request.Text is null && request.Html is null)
            builder.TextBody = "";
        var wrong = new List<string>();
        foreach (var attachment in request.Attachments)
        {
            if (attachment.Name.Length is 0 or > 255 || HasControl(attachment.Name))
                wrong.Add($"\"{Shown(attachment.Name)}\" is not a file name.");
            else if (!TryDecode(attachment.ContentBase64, out var content))
                wrong.Add($"The content of {attachment.Name} is not base64.");
            else if (HasControl(attachment.ContentType) || !ContentType.TryParse(attachment.ContentType ?? MimeTypes.GetMimeType(attachment.Name), out var type))
                wrong.Add($"\"{Shown(attachment.ContentType!)}\" is not a media type. Write it like application/pdf.");
            else if (type.IsMimeType("multipart", "*") || type.IsMimeType("message", "*"))
                wrong.Add($"{type.MimeType} is a container of other parts, which an attachment of bytes is not. Write application/octet-stream, or hand in the whole message as message/rfc822.");
            else
                // In base64 whatever it is: text too must arrive as the bytes that were given, line ends and all.
                builder.Attachments.Add(new MimePart(type)
                {
                    FileName = attachment.Name, ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = attachment.Name },
                    Content = new MimeContent(new MemoryStream(content)), ContentTransferEncoding = ContentEncoding.Base64,
                });
        }
        if (wrong.Count > 0)
            errors["attachments"] = [.. wrong];
        var body = builder.ToMessageBody();
        foreach (var part in body is Multipart parts ? parts.OfType<TextPart>().Concat(parts.OfType<Multipart>().SelectMany(inner => inner.OfType<TextPart>())) : [(TextPart)body])
            part.ContentTransferEncoding = part.GetBestEncoding(EncodingConstraint.SevenBit, LongestLine);
        return body;
    }

    // A CR or LF alone is a line end to who wrote it, and to the wire it is none.
    private static string? WithCrLf(string? text) =>
        text?.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);

    private static bool TryDecode(string base64, out byte[] bytes)
    {
        try
        {
            bytes = Convert.FromBase64String(base64);
            return true;
        }
        catch (FormatException)
        {
            bytes = [];
            return false;
        }
    }

    private static bool HasControl(string? text) => text?.Any(char.IsControl) == true;

    /// <summary>What a client wrote, short and without control characters.</summary>
    public static string Shown(string text) =>
        new([.. (text.Length > 60 ? text[..60] : text).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
