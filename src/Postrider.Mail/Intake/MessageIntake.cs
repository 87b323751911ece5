using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Utils;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;

namespace Postrider.Mail.Intake;

/// <summary>The one way in, whichever door a message came through: checks it, says which provider sends it, adds the trace and what
/// RFC 6409 section 8 lets a submission server add, and stores it. Every octet below stays as it came.</summary>
public sealed class MessageIntake(
    MessageQueue queue, Router router, ClientQuotas quotas, FailureNotice notice, TimeProvider time, GatewayName name, IOptions<MailOptions> options)
{
    /// <summary>A message that has passed this many servers goes in circles (RFC 5321 section 6.3).</summary>
    private const int MaxHops = 50;

    public ContentSpool NewSpool() => new(options.Value.SpoolDirectory);

    public async Task<IntakeResult> AcceptAsync(IncomingMessage submission, ContentSpool content, CancellationToken cancellation)
    {
        var result = await JudgeAsync(submission, content, cancellation);
        MailMeters.HandedIn(submission.Source, result);
        return result;
    }

    private async Task<IntakeResult> JudgeAsync(IncomingMessage submission, ContentSpool content, CancellationToken cancellation)
    {
        var header = HeaderBlock.Read(content.Head);
        if (header is null)
            return Refuse(552, "5.3.4", $"The header is longer than {HeaderBlock.MaxLength / 1024} KiB.");
        if (header.Count("Received") >= MaxHops)
            return Refuse(554, "5.4.6", $"The message has passed {MaxHops} servers: it goes in circles. Check who forwards to whom.");
        if (Authors(header, submission.Client, out var author) is { } wrongAuthor)
            return new IntakeResult.Refused(wrongAuthor);
        var sender = submission.MailFrom ?? author;
        if (sender.Length > 0 && submission.Client?.Refuses(sender) is { } wrongSender)
            return new IntakeResult.Refused(wrongSender);
        if (header.Count("Message-ID") > 1 || header.Count("Date") > 1 || header.Count("Subject") > 1)
            return Refuse(550, "5.6.0", "The header has a field twice that may stand once (Message-ID, Date or Subject, RFC 5322 section 3.6).");

        var routed = router.Choose(submission, author);
        if (routed is Router.Choice.None none)
            return new IntakeResult.Refused(none.Why);
        var provider = ((Router.Choice.Found)routed).Provider;
        var longest = Math.Min(options.Value.MaxMessageBytes, provider.Limits.MessageBytes is > 0 and var most ? most : long.MaxValue);
        if (content.Length > longest)
            return Refuse(552, "5.3.4", $"The message has {content.Length:N0} octets; {provider.DisplayName} takes at most {longest:N0}.");

        if (await quotas.RefusesAsync(submission.Client, cancellation) is { } spent)
            return new IntakeResult.Refused(spent);

        var id = MessageIds.New(time);
        var messageId = header.Value("Message-ID") is { Length: > 0 } given && !submission.HasNewMessageId ? given : $"<{id}@{name.Value}>";
        var result = await queue.AddAsync(new NewMessage
        {
            Id = id, ProviderId = provider.Id, ClientId = submission.Client?.Id, Submitter = submission.Submitter, Source = submission.Source,
            MailFrom = sender, Recipients = submission.Recipients, HeaderFrom = author,
            Subject = Decoded(header.Value("Subject")), HeaderId = messageId, Body = submission.Body, SmtpUtf8 = submission.SmtpUtf8,
            Content = content.With(Edit(header, submission, id, messageId), header.Length),
            Notice = (stored, failed) => notice.Write(stored, failed, FailureNotice.From(provider, sender)),
            HoldUncertain = submission.Client?.HoldUncertain ?? false, SendAt = submission.SendAt, Idempotency = submission.Idempotency,
        }, cancellation);
        return result switch
        {
            AddResult.Added added => new IntakeResult.Accepted(added.Id, Repeated: false),
            AddResult.AlreadyAdded before => new IntakeResult.Accepted(before.Id, Repeated: true),
            _ => Refuse(554, "5.5.0", "The Idempotency-Key was used before for another message. Use a new key for each message."),
        };
    }

    private byte[] Edit(HeaderBlock header, IncomingMessage submission, string id, string messageId)
    {
        var now = DateUtils.FormatDate(time.GetUtcNow());
        // With several recipients the trace names none of them: it would tell each of the others (RFC 5321 section 7.2).
        var who = submission.Recipients is [var only] ? $"\r\n\tfor <{only}>" : "";
        var first = $"Received: {submission.ReceivedFrom}\r\n\tby {name.Value} (Postrider) with {submission.ReceivedWith} id {id}{who};\r\n\t{now}\r\n";
        if (!header.Has("Date"))
            first += $"Date: {now}\r\n";
        var isNew = submission.HasNewMessageId || header.Value("Message-ID") is null or "";
        if (isNew)
            first += $"Message-ID: {messageId}\r\n";
        return isNew
            ? header.Edited(first, "Bcc", "Return-Path", "Message-ID")
            : header.Edited(first, "Bcc", "Return-Path");
    }

    private static Refusal? Authors(HeaderBlock header, Client? client, out string author)
    {
        author = "";
        if (header.Count("From") != 1 || header.Count("Sender") > 1)
            return new Refusal(550, "5.6.0", header.Has("From")
                ? "The header has more than one From or Sender field. RFC 5322 section 3.6.2 allows one of each."
                : "The header has no From field. RFC 5322 section 3.6.2 asks for one: add \"From: you@example.org\".");
        var addresses = new List<string>();
        foreach (var field in new[] { "From", "Sender" })
            if (header.Value(field) is { } value)
            {
                if (!InternetAddressList.TryParse(Strict, value, out var list) || list.Mailboxes.Any(box => !box.Address.Contains('@')) || !list.Mailboxes.Any())
                    return new Refusal(550, "5.6.0", $"The {field} field is not an address: write it like \"{field}: Name <you@example.org>\".");
                addresses.AddRange(list.Mailboxes.Select(box => box.Address));
                if (field == "From" && list.Mailboxes.Skip(1).Any() && !header.Has("Sender"))
                    return new Refusal(550, "5.6.0", "The From field names several authors and there is no Sender field (RFC 5322 section 3.6.2).");
            }
        author = addresses[0];
        // Who sent a message again speaks for themselves too (RFC 5322 section 3.6.6); a forwarded one may name several in turn.
        foreach (var value in header.Values("Resent-From").Concat(header.Values("Resent-Sender")))
            if (InternetAddressList.TryParse(Strict, value, out var resent))
                addresses.AddRange(resent.Mailboxes.Select(box => box.Address));
            else
                return new Refusal(550, "5.6.0", "A Resent-From or Resent-Sender field is not an address (RFC 5322 section 3.6.6).");
        return addresses.Select(address => client?.Refuses(address)).FirstOrDefault(refusal => refusal is not null);
    }

    private static readonly ParserOptions Strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false };

    private static string Decoded(string? subject) =>
        subject is null ? "" : Rfc2047.DecodeText(System.Text.Encoding.UTF8.GetBytes(subject)).Trim();

    private static IntakeResult.Refused Refuse(int code, string enhanced, string text) =>
        new(new Refusal(code, enhanced, text));
}
