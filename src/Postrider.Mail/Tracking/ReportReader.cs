using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using MimeKit.Utils;
using Postrider.Smtp;

namespace Postrider.Mail.Tracking;

/// <summary>Reads what comes back: delivery status notifications (RFC 3464 in RFC 6522, RFC 6533), those that say the same in their own way
/// (<see cref="OddReports"/>), and what is no report of a delivery. It takes whatever it is given and throws at nothing.</summary>
public static partial class ReportReader
{
    /// <summary>More than this is not looked at: what a report says stands at its beginning.</summary>
    public const int MostRead = 1024 * 1024;

    private const int MostRecipients = 1000, DeepestPart = 20, LongestAddress = 320, LongestText = 1000, LongestIds = 50;

    private static readonly ParserOptions Lenient = new() { MaxMimeDepth = DeepestPart };

    public static ReadReport Read(ReadOnlyMemory<byte> raw)
    {
        try
        {
            using var stream = new MemoryStream(raw[..Math.Min(raw.Length, MostRead)].ToArray(), writable: false);
            return Read(MimeMessage.Load(Lenient, stream));
        }
        catch (Exception unreadable) when (unreadable is not OutOfMemoryException)
        {
            // A parser that stumbles over hostile bytes says no more than that they are no report.
            return new ReadReport { Kind = ReportKind.Unread };
        }
    }

    private static ReadReport Read(MimeMessage mail)
    {
        var parts = Parts(mail.Body, 0).ToList();
        var original = parts.OfType<MessagePart>().FirstOrDefault()?.Message?.Headers;
        var status = parts.OfType<MessageDeliveryStatus>().FirstOrDefault();
        var report = new ReadReport
        {
            Kind = ReportKind.None, Sender = Clean(mail.From.Mailboxes.FirstOrDefault()?.Address ?? mail.Sender?.Address), Subject = Clean(mail.Subject),
            HeaderId = mail.MessageId is { } own ? $"<{own}>" : null,
            Thread = [.. Ids(mail.Headers, HeaderId.InReplyTo, HeaderId.References)],
            For = [.. mail.To.Mailboxes.Select(box => Clean(box.Address)).Where(address => address.Contains('@')).Take(LongestIds)],
        };
        report = original is null ? report : report with
        {
            MessageIds = [.. Ids(original, HeaderId.MessageId).Concat(Ids(original, "X-Microsoft-Original-Message-ID"))],
            OriginalSubject = original[HeaderId.Subject] is { } subject ? Clean(subject) : null, TraceId = TraceIn(original),
        };
        var type = mail.Body is MultipartReport multipart ? multipart.ReportType?.ToLowerInvariant() : null;
        if (type == "disposition-notification" || parts.Exists(part => part.ContentType.IsMimeType("message", "disposition-notification")))
            return report with { Kind = ReportKind.Receipt };
        if (type == "feedback-report" || parts.Exists(part => part.ContentType.IsMimeType("message", "feedback-report")))
            return report with { Kind = ReportKind.Complaint };
        if (status is not null && Recipients(status, out var envelope) is { Count: > 0 } recipients)
            return report with { Kind = ReportKind.Delivery, EnvelopeId = envelope, Recipients = recipients };
        if (OddReports.Read(mail.Headers, Text(parts), report) is { } odd)
            return odd;
        return report with
        {
            Kind = type is not null || OddReports.IsFromServer(mail.Headers, report.Sender) ? ReportKind.Unread : IsReply(mail.Headers) ? ReportKind.Reply : ReportKind.None,
        };
    }

    private static IEnumerable<MimeEntity> Parts(MimeEntity? entity, int depth)
    {
        if (entity is null || depth > DeepestPart)
            yield break;
        yield return entity;
        if (entity is Multipart several)
            foreach (var part in several.SelectMany(part => Parts(part, depth + 1)))
                yield return part;
    }

    // The fields of a message stand before the first empty line, those of each recipient behind it.
    private static List<ReportedRecipient> Recipients(MessageDeliveryStatus status, out string? envelope)
    {
        envelope = null;
        var recipients = new List<ReportedRecipient>();
        foreach (var group in status.StatusGroups.Take(MostRecipients + 1))
        {
            envelope ??= group["Original-Envelope-Id"] is { } id ? Clean(id) : null;
            var original = Address(group["Original-Recipient"]);
            if ((Address(group["Final-Recipient"]) ?? original) is not { } address || Action(group["Action"], group["Status"]) is not { } action)
                continue;
            var diagnostic = Typed(group["Diagnostic-Code"]);
            recipients.Add(new ReportedRecipient(address, original, action, StatusIn(group["Status"]) ?? StatusIn(diagnostic), diagnostic, Typed(group["Remote-MTA"])));
        }
        return recipients;
    }

    private static ReportAction? Action(string? action, string? status) => FirstWord().Match(action ?? "").Value.ToLowerInvariant() switch
    {
        "failed" => ReportAction.Failed,
        "delayed" => ReportAction.Delayed,
        "delivered" => ReportAction.Delivered,
        "relayed" => ReportAction.Relayed,
        "expanded" => ReportAction.Expanded,
        _ => StatusIn(status)?[0] switch { '5' => ReportAction.Failed, '4' => ReportAction.Delayed, _ => null },
    };

    /// <summary>The first status of RFC 3463 in a text.</summary>
    internal static string? StatusIn(string? text) => text is not null && Status().Match(text.Length > LongestText ? text[..LongestText] : text) is { Success: true } found && EnhancedCode.TryParse(found.Value, out var code) ? code.ToString() : null;

    /// <summary>An address behind its type, as in <c>rfc822; b@example.org</c>.</summary>
    internal static string? Address(string? field)
    {
        var text = Typed(field)?.Trim('<', '>', ' ') ?? "";
        // RFC 6533 section 3: what a server without UTF-8 can carry.
        text = Unicode().Replace(text, found => Rune.TryCreate(Convert.ToInt32(found.Groups[1].Value, 16), out var rune) ? rune.ToString() : found.Value);
        return text.Length <= LongestAddress && SmtpAddress.TryParse(text, out var address) ? address.Text : null;
    }

    // The type is a word before a semicolon; some leave it out.
    private static string? Typed(string? field)
    {
        if (field is null)
            return null;
        var at = field.IndexOf(';', StringComparison.Ordinal);
        var text = Clean(at > 0 && !field.AsSpan(0, at).Trim().ContainsAny(" @") ? field[(at + 1)..] : field);
        return text.Length > 0 ? text : null;
    }

    private static IEnumerable<string> Ids(HeaderList headers, params HeaderId[] fields) =>
        headers.Where(header => fields.Contains(header.Id)).SelectMany(header => MimeUtils.EnumerateReferences(header.Value)).Select(id => $"<{id}>").Distinct().Take(LongestIds);

    private static IEnumerable<string> Ids(HeaderList headers, string field) =>
        headers[field] is { } value ? MimeUtils.EnumerateReferences(value).Select(id => $"<{id}>").Take(1) : [];

    /// <summary>The Received field that the intake wrote names the message by its id.</summary>
    private static string? TraceIn(HeaderList headers) =>
        headers.Where(header => header.Id == HeaderId.Received).Select(header => Trace().Match(header.Value)).FirstOrDefault(found => found.Success)?.Groups[1].Value;

    private static bool IsReply(HeaderList headers) =>
        headers[HeaderId.AutoSubmitted]?.TrimStart().StartsWith("no", StringComparison.OrdinalIgnoreCase) == false
        || headers.Contains("X-Autoreply") || headers.Contains("X-Autorespond") || headers[HeaderId.Precedence]?.Trim().ToLowerInvariant() is "auto_reply" or "bulk" or "junk";

    private static string Text(List<MimeEntity> parts)
    {
        var text = parts.OfType<TextPart>().FirstOrDefault(part => !part.IsHtml) ?? parts.OfType<TextPart>().FirstOrDefault();
        // A body in UTF-16 that does not say so reads as letters with a NUL between them.
        return (text?.Text ?? "").Replace("\0", "", StringComparison.Ordinal);
    }

    /// <summary>On one line, short, and without what a layout would obey.</summary>
    internal static string Clean(string? text)
    {
        var line = new string([.. (text ?? "").Take(LongestText).Select(letter => char.IsWhiteSpace(letter) ? ' ' : HostileText.IsObeyed(letter) || char.IsSurrogate(letter) ? '\uFFFD' : letter)]);
        return Blanks().Replace(line, " ").Trim();
    }

    [GeneratedRegex("[a-zA-Z]+")]
    private static partial Regex FirstWord();

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")]
    private static partial Regex Status();

    [GeneratedRegex(@"\\x\{([0-9A-Fa-f]{2,6})\}")]
    private static partial Regex Unicode();

    [GeneratedRegex(@"\(Postrider\) with \S+ id ([0-9a-f]{32})(?![0-9a-f])")]
    private static partial Regex Trace();

    [GeneratedRegex("  +")]
    private static partial Regex Blanks();
}
