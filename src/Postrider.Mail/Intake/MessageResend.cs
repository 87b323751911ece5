using System.Buffers;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Mail.Intake;

/// <summary>Hands a stored message in once more, as a new message with a story of its own: the same content, to recipients that somebody
/// chooses, under a Message-ID of its own, since servers drop what they have seen already.</summary>
public sealed class MessageResend(MessageIntake intake, MessageQueue queue, ContentStore contents, ProviderDirectory providers, IOptions<MailOptions> options)
{
    /// <param name="recipients">Addresses as they were typed; none: those that the message has.</param>
    /// <param name="source">The door it comes through.</param>
    /// <param name="submitter">Who it is handed in by, such as <c>key erp</c>.</param>
    /// <returns>What is wrong with a recipient, or what the intake said; neither when the content is no longer kept.</returns>
    public async Task<(string? Wrong, IntakeResult? Result)> SendAsync(StoredMessage message, IReadOnlyCollection<string> recipients, string source, string submitter, string actor, CancellationToken cancellation)
    {
        var to = new List<SmtpAddress>();
        foreach (var typed in recipients.Count > 0 ? recipients : [.. message.Recipients.Select(one => one.Address)])
            if (!SmtpAddress.TryParse(typed, out var address, out var why))
                return ($"\"{typed}\": {why}", null);
            else if (!to.Contains(address))
                to.Add(address);
        if (to.Count > options.Value.MaxRecipients)
            return ($"A message may have {options.Value.MaxRecipients} recipients, this one has {to.Count}.", null);
        using var spool = intake.NewSpool();
        await foreach (var piece in contents.PiecesAsync(message.Id, 0, cancellation))
        {
            spool.Write(piece.Span);
            spool.Spill();
        }
        if (spool.Length == 0)
            return (null, null);
        var result = await intake.AcceptAsync(new IncomingMessage
        {
            Source = source, Submitter = submitter, Provider = providers.Find(message.ProviderId)?.Name, MailFrom = message.MailFrom,
            Recipients = [.. to.Select(address => address.WireText)],
            SmtpUtf8 = message.SmtpUtf8 || to.Exists(address => address.NeedsSmtpUtf8), Body = message.EightBit,
            ReceivedFrom = $"from message {message.Id}", ReceivedWith = "resend", HasNewMessageId = true,
        }, spool, cancellation);
        if (result is IntakeResult.Accepted { Id: var copy })
        {
            await queue.TellAsync(message.Id, "resent", actor, $"Sent as a new message: {copy}.", cancellation);
            await queue.TellAsync(copy, "copied", actor, $"A copy of the message {message.Id}, under a Message-ID of its own.", cancellation);
        }
        return (null, result);
    }
}
