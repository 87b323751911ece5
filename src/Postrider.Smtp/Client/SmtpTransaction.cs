using System.Buffers;

namespace Postrider.Smtp;

/// <summary>One message on its way: the envelope and the content in as few round trips as the server allows, and what became of them.
/// Replies arrive in the order of the commands (RFC 2920), so a counter tells which command a reply belongs to.</summary>
internal sealed class SmtpTransaction(
    SmtpWire wire, SmtpCapabilities capabilities, SmtpTimeouts timeouts, Envelope envelope, MessageContent content,
    Func<CancellationToken, ValueTask<bool>> beforeFinalDot, ArrayBufferWriter<byte> output)
{
    /// <summary>Up to here, MAIL, RCPT and the whole content leave in one write when the server offers PIPELINING and CHUNKING.</summary>
    public const int OneWriteContent = 64 * 1024;

    /// <summary>Larger content leaves in pieces of this size.</summary>
    public const int Block = 256 * 1024;

    private readonly SmtpReply?[] recipients = new SmtpReply?[envelope.Recipients.Count];
    private SmtpReply? mail, data, final;
    private SmtpConnectionException? error;
    private int asked;          // RCPT commands that are or will be sent
    private int answered;       // RCPT replies
    private int accepted;
    private int cursor;         // the recipient whose RCPT reply comes next
    private int outstanding;    // commands written and not answered
    private bool committed;
    private bool abandoned;
    private bool isAhead;       // the envelope left behind the content of the message before
    private Task<SmtpReply>? reading;

    private bool Chunked => capabilities.Chunking;

    /// <summary>Whose envelope leaves behind our final dot, if it comes to that. Only by DATA, and where PIPELINING is offered.</summary>
    public SmtpTransaction? Next { get; set; }

    /// <summary>The server may still hold a transaction: RSET before the next.</summary>
    public bool LeavesTransactionOpen { get; private set; }

    /// <summary>What need not be asked (T32): nothing is written for a message that this server cannot take.</summary>
    public SendResult? RefuseLocally()
    {
        if (capabilities.Size is { } most && content.Length > most)
            return Refuse(SendRefusal.TooLarge, SmtpReply.Local(552, "5.3.4", $"The message has {content.Length} octets; the server takes at most {most}."));
        var utf8 = envelope.SmtpUtf8;
        if (envelope.From is { } from && !IsWritable(from, ref utf8, out var wrongSender))
            return Refuse(SendRefusal.InvalidSender, SmtpReply.Local(553, "5.1.7", $"The sender's address cannot be used. {wrongSender}"));
        for (var i = 0; i < recipients.Length; i++)
            if (IsWritable(envelope.Recipients[i], ref utf8, out var wrong))
                asked++;
            else
                recipients[i] = SmtpReply.Local(553, "5.1.3", $"The recipient's address cannot be used. {wrong}");
        if (asked == 0)
            return Result(SendState.Refused, SendRefusal.NoValidRecipient);
        UsesUtf8 = utf8;
        if (utf8 && !(capabilities.SmtpUtf8 && capabilities.EightBitMime))
            return Refuse(SendRefusal.NeedsSmtpUtf8, SmtpReply.Local(553, "5.6.7", "The message needs SMTPUTF8, which the server does not offer."));
        if (!capabilities.Carries(content.Body))
            return Refuse(SendRefusal.NeedsConversion, SmtpReply.Local(554, "5.6.3", content.Body == SmtpBody.BinaryMime
                ? "The message has binary content, which the server does not take."
                : "The message has 8-bit content, and the server takes only 7 bits."));
        return null;
    }

    private bool UsesUtf8 { get; set; }

    public async Task<SendResult> RunAsync(bool reset, bool fresh, CancellationToken cancellation)
    {
        try
        {
            if (wire.HasBufferedBytes && !isAhead)
                return await UnaskedReplyAsync();
            if (reset && !isAhead && await ResetAsync() is { } refused)
                return refused;
            if (capabilities.Pipelining && Chunked && fresh && content.Length <= OneWriteContent && content.TryGetMemory(out var whole))
                await WholeMessageAsync(whole, cancellation);
            else if (await EnvelopeAsync())
                await (Chunked ? ChunksAsync(cancellation) : DataAsync(cancellation));
            return Outcome();
        }
        catch (SmtpConnectionException e)
        {
            error = e;
            return Outcome();
        }
        catch (OperationCanceledException e) when (committed)
        {
            error = new SmtpConnectionException(SmtpStage.FinalReply, SmtpFault.Closed, "The wait for the answer to the message was cancelled.", e);
            return Outcome();
        }
        catch
        {
            // The caller's hook or content failed, or the caller cancelled: the server is in the middle of something, so the session ends.
            wire.Close();
            throw;
        }
        finally
        {
            if (reading is { } abandonedRead)
                _ = abandonedRead.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    // RFC 3030 section 4.2: MAIL, RCPT and BDAT may share a group. One write, then the replies.
    private async Task WholeMessageAsync(ReadOnlyMemory<byte> whole, CancellationToken cancellation)
    {
        output.ResetWrittenCount();
        WriteWhole(whole);
        if (!await CommitAsync(cancellation))
            return;
        outstanding = 1 + asked + 1;
        await PushAsync(SmtpStage.Mail);
        await DrainAsync();
    }

    /// <summary>Envelope and content, for a write of its own or behind another message's.</summary>
    internal void WriteWhole(ReadOnlyMemory<byte> whole)
    {
        WriteMail();
        WriteRecipients();
        output.WriteBdat(whole.Length, last: true);
        output.Write(whole.Span);
    }

    /// <summary>Reads the answers to a message that has left with others.</summary>
    internal async Task<SendResult> AnswersAsync()
    {
        committed = true;
        outstanding = 1 + asked + 1;
        try
        {
            await DrainAsync();
        }
        catch (SmtpConnectionException lost)
        {
            error = lost;
        }
        return Outcome();
    }

    /// <summary>The message left, and nobody is there any more to answer it.</summary>
    /// <param name="dismissed">The server said 421 before it came to this message (RFC 5321 section 3.8): it was not taken.</param>
    internal SendResult Unanswered(SmtpConnectionException why, bool dismissed)
    {
        (committed, error) = (!dismissed, why);
        return Outcome();
    }

    internal SendResult NotSent()
    {
        abandoned = true;
        return Outcome();
    }

    internal bool WasDismissed => mail?.Code == 421 || final?.Code == 421 || recipients.Any(reply => reply?.Code == 421);

    internal SmtpConnectionException? Error => error;

    // True when somebody accepted: the content may follow.
    private async Task<bool> EnvelopeAsync()
    {
        output.ResetWrittenCount();
        if (!capabilities.Pipelining)
        {
            WriteMail();
            await StepAsync(SmtpStage.Mail);
            for (var i = 0; i < recipients.Length && mail!.IsPositive && wire.IsOpen; i++)
                if (recipients[i] is null)
                {
                    output.WriteRecipient(envelope, i, UsesUtf8, capabilities);
                    await StepAsync(SmtpStage.Rcpt);
                }
            if (accepted > 0 && !Chunked && wire.IsOpen)
            {
                output.Write("DATA\r\n"u8);
                await StepAsync(SmtpStage.Data);
            }
        }
        else
        {
            outstanding = 1 + asked + (Chunked ? 0 : 1);
            if (!isAhead)
            {
                WriteEnvelope();
                await PushAsync(SmtpStage.Mail);
            }
            await DrainAsync();
        }
        if (Chunked || !wire.IsOpen)
            return wire.IsOpen && mail is { IsPositive: true } && accepted > 0;
        return await ContentIsWantedAsync();
    }

    private void WriteEnvelope()
    {
        WriteMail();
        WriteRecipients();
        if (!Chunked)
            output.Write("DATA\r\n"u8);
    }

    // RFC 2920 section 3.1: the end of a content may be the first of a group, and DATA its last.
    private void WriteAhead()
    {
        WriteEnvelope();
        isAhead = true;
    }

    private async Task<bool> ContentIsWantedAsync()
    {
        if (data is not { IsIntermediate: true })
            return false;
        if (mail is { IsPositive: true } && accepted > 0)
            return true;
        // RFC 2920 section 3.1: 354 although nobody was accepted is answered with a lone dot.
        // If the server refused MAIL and yet accepted a recipient, that dot could send an empty message: hang up instead.
        if (accepted > 0)
        {
            wire.Close();
            return false;
        }
        output.ResetWrittenCount();
        output.Write(".\r\n"u8);
        outstanding = 1;
        await PushAsync(SmtpStage.Content);
        await DrainAsync();
        return false;
    }

    private async Task ChunksAsync(CancellationToken cancellation)
    {
        var remaining = content.Length;
        await using var pieces = new ContentPieces(content, wire, cancellation);
        while (remaining > Block)
        {
            output.ResetWrittenCount();
            output.WriteBdat(Block, last: false);
            await pieces.CopyAsync(Block, output);
            remaining -= Block;
            outstanding++;
            await PushAsync(SmtpStage.Content);
            if (capabilities.Pipelining)
                await TakeArrivedAsync();
            else
                await DrainAsync();
            if (final is not null || !wire.IsOpen)
                break;
        }
        // The last chunk commits: it leaves only when every chunk before it is known to be welcome.
        await DrainAsync();
        if (final is not null || !wire.IsOpen)
            return;
        output.ResetWrittenCount();
        output.WriteBdat(remaining, last: true);
        await pieces.CopyAsync((int)remaining, output);
        await pieces.EndAsync();
        if (!await CommitAsync(cancellation))
            return;
        outstanding++;
        await PushAsync(SmtpStage.Content);
        await DrainAsync();
    }

    private async Task DataAsync(CancellationToken cancellation)
    {
        var stuffer = new DotStuffer();
        var remaining = content.Length;
        await using var pieces = new ContentPieces(content, wire, cancellation);
        outstanding = 1;    // a server may answer before the dot, to say that it gives up
        output.ResetWrittenCount();
        while (await pieces.NextAsync(Math.Min(remaining, Block)) is { Length: > 0 } piece)
        {
            remaining -= piece.Length;
            stuffer.Write(piece.Span, output);
            if (output.WrittenCount < Block || remaining == 0)
                continue;
            await PushAsync(SmtpStage.Content);
            output.ResetWrittenCount();
            await TakeArrivedAsync();
            if (final is not null)
            {
                wire.Close();
                return;
            }
        }
        await pieces.EndAsync();
        stuffer.Finish(output);
        if (!await CommitAsync(cancellation))
            return;
        Next?.WriteAhead();
        await PushAsync(SmtpStage.Content);
        await DrainAsync();
    }

    private async ValueTask<bool> CommitAsync(CancellationToken cancellation)
    {
        wire.Disarm();
        if (await beforeFinalDot(cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            return committed = true;
        }
        abandoned = true;
        wire.Close();
        return false;
    }

    private void WriteMail() => output.WriteMail(envelope, content, UsesUtf8, capabilities);

    private void WriteRecipients()
    {
        for (var i = 0; i < recipients.Length; i++)
            if (recipients[i] is null)
                output.WriteRecipient(envelope, i, UsesUtf8, capabilities);
    }

    private async Task StepAsync(SmtpStage stage)
    {
        outstanding = 1;
        await PushAsync(stage);
        await DrainAsync();
        output.ResetWrittenCount();
    }

    // While a write waits for the server to read, we read what it says: otherwise both could wait for the other for ever (RFC 2920 section 3.1).
    private async ValueTask PushAsync(SmtpStage stage)
    {
        var write = wire.WriteAsync(output.WrittenMemory, stage, timeouts.ContentBlock);
        if (write.IsCompleted)
        {
            await write;
            return;
        }
        var writing = write.AsTask();
        while (!writing.IsCompleted && outstanding > 0 && final is null)
        {
            reading ??= ReadAsync().AsTask();
            if (await Task.WhenAny(writing, reading) == writing)
                break;
            var early = reading;
            reading = null;
            try
            {
                Take(await early);
            }
            catch
            {
                _ = writing.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw;
            }
        }
        await writing;
    }

    private async ValueTask DrainAsync()
    {
        while (outstanding > 0 && (wire.IsOpen || reading is not null))
        {
            if (reading is null)
            {
                Take(await ReadAsync());
                continue;
            }
            // Begun while the content was under way; now it is the final answer that is waited for, and longer.
            if (wire.IsOpen)
                wire.Await(Expected.Stage, Expected.Within);
            var early = reading;
            reading = null;
            Take(await early);
        }
    }

    // Without waiting: has the server refused while we were writing?
    private async ValueTask TakeArrivedAsync()
    {
        while (outstanding > 0 && final is null)
        {
            reading ??= ReadAsync().AsTask();
            if (!reading.IsCompleted)
                return;
            var arrived = reading;
            reading = null;
            Take(await arrived);
        }
    }

    private ValueTask<SmtpReply> ReadAsync() => wire.ReadReplyAsync(Expected.Stage, Expected.Within);

    private (SmtpStage Stage, TimeSpan Within) Expected =>
        mail is null ? (SmtpStage.Mail, timeouts.Mail)
        : answered < asked ? (SmtpStage.Rcpt, timeouts.Rcpt)
        : !Chunked && data is null ? (SmtpStage.Data, timeouts.Data)
        : committed ? (SmtpStage.FinalReply, timeouts.FinalReply)
        : (SmtpStage.Content, timeouts.ContentBlock);

    private void Take(SmtpReply reply)
    {
        outstanding--;
        if (mail is null)
            mail = reply;
        else if (answered < asked)
        {
            while (recipients[cursor] is not null)
                cursor++;
            recipients[cursor++] = reply;
            answered++;
            if (reply.IsPositive)
                accepted++;
        }
        else if (!Chunked && data is null)
            data = reply;
        else if (!Chunked || committed || !reply.IsPositive)
            final ??= reply;    // of BDAT, the first refusal or the answer to the last chunk
        if (reply.Code == 421)
            SpreadGoodbye(reply);
    }

    // 421 is the last word: it answers everything that was asked and not answered.
    private void SpreadGoodbye(SmtpReply goodbye)
    {
        outstanding = 0;
        for (; mail!.IsPositive && cursor < recipients.Length; cursor++)
            recipients[cursor] ??= goodbye;
        if (accepted > 0)
            final ??= goodbye;
    }

    private SendResult Outcome()
    {
        if (abandoned)
            return Result(SendState.Abandoned);
        LeavesTransactionOpen = final is not { IsPositive: true };
        if (final is { IsPositive: true } && accepted > 0 && mail is { IsPositive: true } && committed)
            return Result(SendState.Completed);
        var nobody = mail is { IsPositive: false } || (mail is not null && answered == asked && accepted == 0);
        if (nobody || final is { IsPositive: false } || data is { IsIntermediate: false })
            return Result(SendState.Refused);
        if (error is null)
        {
            wire.Close();
            error = new SmtpConnectionException(committed ? SmtpStage.FinalReply : SmtpStage.Content, SmtpFault.NotSmtp, "The server answered out of turn.") { Reply = final };
        }
        return Result(committed ? SendState.Uncertain : SendState.Lost);
    }

    private async Task<SendResult> UnaskedReplyAsync()
    {
        var reply = await wire.ReadReplyAsync(SmtpStage.Idle, timeouts.Command);
        wire.Close();
        error = new SmtpConnectionException(SmtpStage.Idle, reply.Code == 421 ? SmtpFault.Closed : SmtpFault.NotSmtp, $"The server ended the session between messages: {reply.Verbatim}") { Reply = reply };
        return Result(SendState.Lost);
    }

    private async Task<SendResult?> ResetAsync()
    {
        output.ResetWrittenCount();
        output.Write("RSET\r\n"u8);
        await wire.WriteAsync(output.WrittenMemory, SmtpStage.Idle, timeouts.Command);
        var reply = await wire.ReadReplyAsync(SmtpStage.Idle, timeouts.Command);
        // Anything but one 250 means that we and the server no longer talk about the same command.
        if (reply.Code == 250 && !wire.HasBufferedBytes)
            return null;
        wire.Close();
        error = new SmtpConnectionException(SmtpStage.Idle, SmtpFault.Refused, $"The server did not reset the session: {reply.Verbatim}") { Reply = reply };
        return Result(SendState.Lost);
    }

    private static bool IsWritable(string address, ref bool utf8, out string? why)
    {
        why = null;
        if (SmtpAddress.IsPlain(address))
            return true;
        if (!SmtpAddress.TryParse(address, out var parsed, out why))
            return false;
        utf8 |= parsed.NeedsSmtpUtf8;
        return true;
    }

    private SendResult Refuse(SendRefusal refusal, SmtpReply reply)
    {
        mail = reply;
        return Result(SendState.Refused, refusal);
    }

    private SendResult Result(SendState state, SendRefusal refusal = SendRefusal.None) => new(state, recipients)
    {
        Refusal = refusal,
        MailReply = mail,
        DataReply = data,
        FinalReply = final,
        Error = state is SendState.Lost or SendState.Uncertain ? error : null,
    };
}
