using System.Buffers;

namespace Postrider.Smtp;

/// <summary>Several messages in one write. RFC 2920 section 3.1 lets RSET, MAIL and RCPT stand anywhere in a group of commands, and RFC 3030
/// section 4.2 lets BDAT join it: the answers come in the order of the commands, each message's are its own. Without BDAT the content of each
/// leaves with the envelope of the next: one round trip for a message instead of two.</summary>
internal sealed class SmtpTrain(SmtpWire wire, SmtpCapabilities capabilities, SmtpTimeouts timeouts, ArrayBufferWriter<byte> output)
{
    public async Task<SendResult[]> RunAsync(IReadOnlyList<(Envelope Envelope, MessageContent Content)> messages,
        Func<CancellationToken, ValueTask<bool>> beforeFinalDots, CancellationToken cancellation)
    {
        var results = new SendResult[messages.Count];
        var aboard = new List<(int At, SmtpTransaction Transaction)>(messages.Count);
        output.ResetWrittenCount();
        for (var at = 0; at < messages.Count; at++)
        {
            var (envelope, content) = messages[at];
            if (!content.TryGetMemory(out var whole) || whole.Length > SmtpTransaction.OneWriteContent)
                throw new ArgumentException("A train takes small messages that lie in memory.", nameof(messages));
            var transaction = new SmtpTransaction(wire, capabilities, timeouts, envelope, content, beforeFinalDots, output);
            if (transaction.RefuseLocally() is { } refused)
            {
                results[at] = refused;
                continue;
            }
            if (!capabilities.Chunking)
            {
                if (aboard.Count > 0)
                    aboard[^1].Transaction.Next = transaction;
                aboard.Add((at, transaction));
                continue;
            }
            // What became of the one before is not known yet, and a server that refused it may still hold its transaction.
            if (aboard.Count > 0)
                output.Write("RSET\r\n"u8);
            transaction.WriteWhole(whole);
            aboard.Add((at, transaction));
        }
        if (aboard.Count == 0)
            return results;
        if (!capabilities.Chunking)
        {
            await OneByOneAsync(aboard, results, cancellation);
            return results;
        }
        wire.Disarm();
        if (!await beforeFinalDots(cancellation))
        {
            wire.Close();
            foreach (var (at, transaction) in aboard)
                results[at] = transaction.NotSent();
            return results;
        }
        await AnswersAsync(aboard, results);
        return results;
    }

    // Each is committed by itself: when the connection breaks, one is in doubt and those behind it have not been sent.
    private async Task OneByOneAsync(List<(int At, SmtpTransaction Transaction)> aboard, SendResult[] results, CancellationToken cancellation)
    {
        var reset = false;
        foreach (var (at, transaction) in aboard)
            try
            {
                results[at] = wire.IsOpen ? await transaction.RunAsync(reset, fresh: false, cancellation) : transaction.NotSent();
                reset = transaction.LeavesTransactionOpen;
            }
            catch (Exception) when (at != aboard[0].At)
            {
                // The outcomes of those before are known and must be told. The session is closed.
                results[at] = transaction.NotSent();
            }
    }

    // The answers are short: a server that cannot say them before it has read everything has room for them, so nobody waits for the other.
    private async Task AnswersAsync(List<(int At, SmtpTransaction Transaction)> aboard, SendResult[] results)
    {
        SmtpConnectionException? lost = null;
        var dismissed = false;
        try
        {
            await wire.WriteAsync(output.WrittenMemory, SmtpStage.Content, timeouts.ContentBlock);
        }
        catch (SmtpConnectionException broken)
        {
            lost = broken;
        }
        foreach (var (at, transaction) in aboard)
        {
            if (lost is null && at != aboard[0].At)
                (lost, dismissed) = await ResetAnswerAsync();
            if (lost is not null)
            {
                results[at] = transaction.Unanswered(lost, dismissed);
                continue;
            }
            results[at] = await transaction.AnswersAsync();
            lost = transaction.Error;
            if (!wire.IsOpen)
            {
                dismissed = transaction.WasDismissed;
                lost ??= new SmtpConnectionException(SmtpStage.Mail, SmtpFault.Closed, "The server closed the session before it came to this message.");
            }
        }
    }

    private async Task<(SmtpConnectionException? Lost, bool Dismissed)> ResetAnswerAsync()
    {
        try
        {
            var reply = await wire.ReadReplyAsync(SmtpStage.Idle, timeouts.Command);
            if (reply.Code == 250)
                return (null, false);
            // Anything else means that we and the server no longer talk about the same command.
            wire.Close();
            return (new SmtpConnectionException(SmtpStage.Idle, reply.Code == 421 ? SmtpFault.Closed : SmtpFault.NotSmtp,
                $"The server ended the session between messages: {reply.Verbatim}") { Reply = reply }, reply.Code == 421);
        }
        catch (SmtpConnectionException lost)
        {
            return (lost, false);
        }
    }
}
