using System.Text;
using Postrider.Mail.Intake;
using Postrider.Smtp;
using Postrider.Storage;
using Sender = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Submission;

internal sealed partial class SmtpSession
{
    private const string NoRoom = "No space to store the message, try again later";

    private Transaction? envelope;

    private sealed record Transaction(Sender? Client, SmtpAddress? From, bool SmtpUtf8)
    {
        public List<string> Recipients { get; } = [];
    }

    private void Forget() => envelope = null;

    private async Task MailAsync(SmtpCommand.Mail command)
    {
        if (helo.Length == 0 || envelope is not null)
        {
            Refuse(503, "5.5.1", helo.Length == 0 ? "Send EHLO first" : "A message is under way: finish it or send RSET");
            return;
        }
        // Asked anew for each message: a credential that was taken away stops working at once, not at the next sign-in.
        if (client is not null && clients.Find(client.Id) is null)
        {
            Close(421, "4.7.0", "Your access was withdrawn");
            return;
        }
        var sender = client ?? clients.ForAddress(address);
        if (sender is null && !(IsLoopback && options.TrustLoopback))
        {
            Refuse(530, "5.7.0", MayAuthenticate
                ? "Sign in first: postrider client add NAME makes a user name and password"
                : certificate.IsConfigured ? "Start TLS and sign in first" : "Your address may not send without signing in, and signing in needs a certificate here (Submission:Certificate)");
            return;
        }
        if (command.Parameters.Size > mail.MaxMessageBytes)
        {
            Refuse(552, "5.3.4", $"A message may have {mail.MaxMessageBytes} octets");
            return;
        }
        if (command.Parameters.Body == SmtpBody.BinaryMime || command.Parameters.Return is not null || command.Parameters.EnvelopeId is not null)
        {
            Refuse(555, "5.5.4", "BINARYMIME and DSN are not offered");
            return;
        }
        if (command.ReversePath is { NeedsSmtpUtf8: true } && !command.Parameters.SmtpUtf8)
        {
            Refuse(553, "5.6.7", "An address beyond ASCII needs the parameter SMTPUTF8");
            return;
        }
        envelope = new Transaction(sender, command.ReversePath, command.Parameters.SmtpUtf8);
        if (sender is not null)
            await clients.SeenAsync(sender);
        Reply(250, "2.1.0", "Sender taken");
    }

    private void Recipient(SmtpCommand.Rcpt command)
    {
        if (envelope is null)
            Refuse(503, "5.5.1", "Send MAIL first");
        else if (envelope.Recipients.Count >= mail.MaxRecipients)
            // 452, not 5xx: the client sends the rest in another transaction (RFC 5321 section 4.5.3.1.10). No error of its own, so none is counted.
            Reply(452, "4.5.3", $"A message may have {mail.MaxRecipients} recipients, send the others separately");
        else if (command.ForwardPath.NeedsSmtpUtf8 && !envelope.SmtpUtf8)
            Refuse(553, "5.6.7", "An address beyond ASCII needs the parameter SMTPUTF8 at MAIL");
        else if (command.Parameters.Notify != DsnNotify.Default || command.Parameters.OriginalRecipient is not null)
            Refuse(555, "5.5.4", "DSN is not offered");
        else
        {
            var recipient = command.ForwardPath.WireText;
            if (!envelope.Recipients.Contains(recipient))
                envelope.Recipients.Add(recipient);
            Reply(250, "2.1.5", "Recipient taken");
        }
    }

    private async Task DataAsync()
    {
        if (envelope is not { Recipients.Count: > 0 } transaction)
        {
            Refuse(envelope is null ? 503 : 554, "5.5.1", envelope is null ? "Send MAIL first" : "No recipient was taken");
            return;
        }
        Forget();
        Reply(354, null, "Send the message, end with a lone dot");
        await FlushAsync();
        using var spool = intake.NewSpool();
        var patience = Within(options.DataTimeout, ref busy);
        var begun = time.GetUtcNow();
        SmtpContentSummary content;
        try
        {
            content = await SmtpDataReader.ReadAsync(input, spool, mail.MaxMessageBytes, () =>
            {
                spool.Spill();
                var elapsed = time.GetUtcNow() - begun;
                if (elapsed > options.DataTimeout && spool.Length < elapsed.TotalSeconds * options.MinBytesPerSecond)
                    throw new OperationCanceledException("The message came too slowly.");
                busy.CancelAfter(options.DataTimeout);
            }, patience);
        }
        catch (OperationCanceledException)
        {
            Close(421, "4.4.2", "The message came too slowly");
            return;
        }
        catch (StorageFullException)
        {
            // What is left of the message would be read as commands.
            Close(452, "4.3.1", NoRoom);
            return;
        }
        if (!content.IsComplete)
        {
            closing = true;
            return;
        }
        if (Objection(content) is { } wrong)
        {
            SubmissionLog.Refused(log, transaction.Client?.Name ?? "this machine", address, wrong.ToString());
            Refuse(wrong.Code, wrong.Enhanced, wrong.Text);
            return;
        }
        await AcceptAsync(transaction, spool, content);
    }

    private Refusal? Objection(SmtpContentSummary content) =>
        content.TooLarge ? new Refusal(552, "5.3.4", $"A message may have {mail.MaxMessageBytes} octets")
        : content.BareCr || content.BareLf ? new Refusal(550, "5.6.11", "Lines end in CR LF, and neither stands alone (RFC 5321 section 2.3.8): the sending program must be mended")
        : content.Nul ? new Refusal(550, "5.6.0", "The message holds a NUL octet (RFC 5322 section 2.3): encode the attachment")
        : null;

    private async Task AcceptAsync(Transaction transaction, ContentSpool spool, SmtpContentSummary content)
    {
        IntakeResult result;
        try
        {
            result = await intake.AcceptAsync(new IncomingMessage
            {
                Source = "smtp", Client = transaction.Client, MailFrom = transaction.From?.WireText ?? "",
                Recipients = transaction.Recipients, SmtpUtf8 = transaction.SmtpUtf8, EightBit = content.EightBit,
                ReceivedFrom = $"from {InAscii(helo)} ([{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}])",
                ReceivedWith = $"{(transaction.SmtpUtf8 ? "UTF8SMTP" : extended ? "ESMTP" : "SMTP")}{(IsSecure && extended ? "S" : "")}{(client is not null ? "A" : "")}",
            }, spool, CancellationToken.None);
        }
        catch (StorageFullException)
        {
            Reply(452, "4.3.1", NoRoom);
            return;
        }
        catch (StorageException)
        {
            Reply(451, "4.3.0", "The message could not be stored, try again later");
            return;
        }
        switch (result)
        {
            case IntakeResult.Accepted accepted:
                errors = 0;
                SubmissionLog.Accepted(log, accepted.Id, transaction.Client?.Name ?? "this machine", address, spool.Length, transaction.Recipients.Count);
                Reply(250, "2.0.0", $"Stored as {accepted.Id}");
                break;
            case IntakeResult.Refused { Why: var why }:
                SubmissionLog.Refused(log, transaction.Client?.Name ?? "this machine", address, why.ToString());
                Refuse(why.Code, why.Enhanced, why.Text);
                break;
        }
    }

    // Received stands in messages that go to servers without SMTPUTF8 too.
    private static string InAscii(string name) => Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(name));
}
