using Postrider.Mail.Intake;
using Postrider.Smtp;
using Sender = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Submission;

internal sealed partial class SmtpSession
{
    private Transaction? envelope;

    private sealed record Transaction(Sender? Client, SmtpAddress? From, bool SmtpUtf8, SmtpBody Body)
    {
        public List<string> Recipients { get; } = [];

        /// <summary>What has come of it by BDAT; null before.</summary>
        public Chunks? Chunks { get; set; }
    }

    private void Forget()
    {
        envelope?.Chunks?.Dispose();
        envelope = null;
    }

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
        if (command.Parameters.Return is not null || command.Parameters.EnvelopeId is not null)
        {
            Refuse(555, "5.5.4", "DSN is not offered");
            return;
        }
        if (command.ReversePath is { NeedsSmtpUtf8: true } && !command.Parameters.SmtpUtf8)
        {
            Refuse(553, "5.6.7", "An address beyond ASCII needs the parameter SMTPUTF8");
            return;
        }
        envelope = new Transaction(sender, command.ReversePath, command.Parameters.SmtpUtf8, command.Parameters.Body);
        if (sender is not null)
            await clients.SeenAsync(sender);
        Reply(250, "2.1.0", "Sender taken");
    }

    private void Recipient(SmtpCommand.Rcpt command)
    {
        if (envelope is null)
            Refuse(503, "5.5.1", "Send MAIL first");
        else if (envelope.Chunks is not null)
            Refuse(503, "5.5.1", "The content has begun: go on with it or send RSET");
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
}
