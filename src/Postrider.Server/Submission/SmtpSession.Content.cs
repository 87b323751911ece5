using System.Text;
using Postrider.Mail.Intake;
using Postrider.Smtp;
using Postrider.Storage;

namespace Postrider.Server.Submission;

/// <summary>The content of a message, by DATA or by BDAT, and what is said of it.</summary>
internal sealed partial class SmtpSession
{
    private const string NoRoom = "No space to store the message, try again later", TooSlow = "The message came too slowly";

    /// <summary>The content of a message that comes by BDAT.</summary>
    private sealed record Chunks(ContentSpool Spool, SmtpChunkReader Reader) : IDisposable
    {
        public void Dispose() => Spool.Dispose();
    }

    private async Task DataAsync()
    {
        if (envelope is not { Recipients.Count: > 0 } transaction)
        {
            RefuseContent();
            return;
        }
        if (transaction.Chunks is not null || transaction.Body == SmtpBody.BinaryMime)
        {
            Refuse(503, "5.5.1", transaction.Chunks is not null ? "The content has begun: go on with it or send RSET" : "BODY=BINARYMIME goes with BDAT (RFC 3030 section 3)");
            return;
        }
        Forget();
        Reply(354, null, "Send the message, end with a lone dot");
        await FlushAsync();
        using var spool = intake.NewSpool();
        SmtpContentSummary content = default;
        if (await ReceiveAsync(spool, async (afterEachRead, patience) =>
            (content = await SmtpDataReader.ReadAsync(input, spool, mail.MaxMessageBytes, afterEachRead, patience)).IsComplete))
            await JudgeAsync(transaction, spool, content);
    }

    /// <summary>The octets follow the command at once: they are taken even where it is refused, as the next command begins behind them (RFC 3030 section 2).</summary>
    private async Task ChunkAsync(SmtpCommand.Bdat chunk)
    {
        if (!IsHere(chunk.Size))
            await FlushAsync();
        if (envelope is not { Recipients.Count: > 0 } transaction)
        {
            await PassOverAsync(chunk);
            return;
        }
        if (transaction.Chunks is null)
        {
            var into = intake.NewSpool();
            transaction.Chunks = new Chunks(into, new SmtpChunkReader(input, into, mail.MaxMessageBytes));
        }
        var (spool, reader) = transaction.Chunks;
        if (!await ReceiveAsync(spool, (afterEachRead, patience) => reader.ReadAsync(chunk.Size, afterEachRead, patience)))
            return;
        if (!chunk.Last && !reader.Summary.TooLarge)
        {
            Reply(250, "2.0.0", $"{chunk.Size} octets taken");
            return;
        }
        await JudgeAsync(transaction, spool, reader.Summary);
        // Of one that is refused early, the chunks that are under way belong to no message.
        Forget();
    }

    private bool IsHere(long octets)
    {
        if (!input.TryRead(out var read))
            return false;
        var isHere = read.Buffer.Length >= octets;
        input.AdvanceTo(read.Buffer.Start);
        return isHere;
    }

    private async Task PassOverAsync(SmtpCommand.Bdat chunk)
    {
        if (chunk.Size > mail.MaxMessageBytes)
        {
            Close(503, "5.5.1", "Send MAIL and RCPT first");
            return;
        }
        try
        {
            closing |= !await new SmtpChunkReader(input, sink: null, 0).ReadAsync(chunk.Size, null, Within(options.DataTimeout, ref busy));
            RefuseContent();
        }
        catch (OperationCanceledException)
        {
            Close(421, "4.4.2", TooSlow);
        }
    }

    private void RefuseContent() => Refuse(envelope is null ? 503 : 554, "5.5.1", envelope is null ? "Send MAIL first" : "No recipient was taken");

    /// <param name="read">Reads what is to come; given what to do after each piece, and how long to wait for the next.</param>
    /// <returns>False when it did not come whole: the connection cannot go on.</returns>
    private async Task<bool> ReceiveAsync(ContentSpool spool, Func<Action, CancellationToken, ValueTask<bool>> read)
    {
        var patience = Within(options.DataTimeout, ref busy);
        var (begun, before) = (time.GetUtcNow(), spool.Length);
        try
        {
            var whole = await read(() =>
            {
                spool.Spill();
                var elapsed = time.GetUtcNow() - begun;
                if (elapsed > options.DataTimeout && spool.Length - before < elapsed.TotalSeconds * options.MinBytesPerSecond)
                    throw new OperationCanceledException(TooSlow);
                busy.CancelAfter(options.DataTimeout);
            }, patience);
            closing |= !whole;
            return whole;
        }
        catch (OperationCanceledException)
        {
            Close(421, "4.4.2", TooSlow);
        }
        catch (StorageFullException)
        {
            // What is left of the message would be read as commands.
            Close(452, "4.3.1", NoRoom);
        }
        return false;
    }

    private async Task JudgeAsync(Transaction transaction, ContentSpool spool, SmtpContentSummary content)
    {
        if (Objection(transaction, content) is { } wrong)
        {
            SubmissionLog.Refused(log, transaction.Client?.Name ?? "this machine", address, wrong.ToString());
            Refuse(wrong.Code, wrong.Enhanced, wrong.Text);
            return;
        }
        await AcceptAsync(transaction, spool, content);
    }

    private Refusal? Objection(Transaction transaction, SmtpContentSummary content) =>
        content.TooLarge ? new Refusal(552, "5.3.4", $"A message may have {mail.MaxMessageBytes} octets")
        // A binary body may hold any octets (RFC 3030 section 3); its header is lines all the same.
        : transaction.Body == SmtpBody.BinaryMime && content.HeaderIsClean ? null
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
                Recipients = transaction.Recipients, SmtpUtf8 = transaction.SmtpUtf8, Body = content.Body,
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
