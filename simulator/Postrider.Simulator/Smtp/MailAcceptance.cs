namespace Postrider.Simulator;

/// <summary>Decides about a message that has arrived whole, records it and answers for it.</summary>
internal sealed class MailAcceptance(SmtpSession session, SmtpWire wire, SimulatorState state)
{
    public async ValueTask FinishAsync(Envelope envelope, byte[] body, bool tooBig, bool chunked, CancellationToken ct)
    {
        var who = session.SignedIn!;
        if (await session.MeetsFaultAsync(SmtpStage.Dot, who.Mailbox.Address, ct))
            return;
        var headers = MailHeaders.Read(body);
        var bare = !envelope.Binary && HasBareLineEnds(body);
        var givenId = headers.MessageId ?? $"<{Guid.NewGuid():N}@{session.Settings.HostName}>";
        var messageId = who.Mailbox.ReplacesMessageId ? $"<{Guid.NewGuid():N}@simulator.prod.outlook.com>" : givenId;
        var refusal =
            tooBig ? Replies.TooBig
            : bare ? Replies.BareLineEnds
            : RefuseBusy() ?? RefuseFrom(who, headers) ?? RefuseOnDemand(envelope, givenId);
        var fault = refusal is null ? state.SmtpFaults.Take(SmtpStage.Reply, who.Mailbox.Address) : null;
        var drop = refusal is null && (fault is { Drop: true } || DropsOnDemand(envelope, givenId));
        var reply = refusal ?? fault?.Reply ?? $"250 2.0.0 OK {Replies.Printable(messageId)} [Hostname={session.Settings.HostName}]";
        var message = new ReceivedMessage
        {
            Account = who.Mailbox.Address,
            AuthenticatedAs = who.As,
            Mechanism = who.Mechanism,
            TlsVersion = wire.TlsVersion,
            ClientName = session.ClientName,
            From = envelope.From,
            To = envelope.To,
            MailParameters = envelope.Parameters,
            RecipientParameters = envelope.ToParameters,
            Chunked = chunked,
            BareLineEnds = bare,
            Size = body.Length,
            ReceivedAt = state.Time.GetUtcNow(),
            MessageId = messageId,
            OriginalMessageId = givenId == messageId ? null : givenId,
            HeaderFrom = headers.From,
            Subject = headers.Subject,
            Reply = reply,
            ReplySent = !drop,
        };
        if (refusal is null)
            state.Messages.Add(message, body);
        else
            state.Messages.AddRefused(message);

        var wait = envelope.Magic.Where(m => m.Magic.Kind == MagicKind.Slow).Sum(m => m.Magic.Number) + (fault?.DelayMilliseconds ?? 0);
        if (wait > 0)
        {
            await wire.FlushAsync(ct);
            await Task.Delay(TimeSpan.FromMilliseconds(wait), state.Time, ct);
        }
        if (drop)
        {
            wire.Abort();
            session.Close();
            return;
        }
        session.ReplyAndMaybeClose(reply);
    }

    private string? RefuseBusy()
    {
        if (!session.IsOverLimit)
            return null;
        state.Counters.Throttled("432");
        return Replies.TooManyConnections;
    }

    private string? RefuseFrom(SignedIn who, MailHeaders headers)
    {
        if (!session.Settings.CheckFromHeader)
            return null;
        if (headers.FromCount != 1 || headers.From is not { } from || !from.Contains('@'))
            return Replies.FromMissing;
        return state.Directory.FindAccount(from) is { } account && who.MaySendAs(account)
            ? null
            : Replies.SendAsDenied(who.As, from);
    }

    private string? RefuseOnDemand(Envelope envelope, string messageId)
    {
        foreach (var (magic, address) in envelope.Magic)
        {
            if (magic.Kind == MagicKind.Dot && state.Magic.Applies(magic, $"{messageId} {address}"))
                return Replies.OnDemand(magic.Number, afterDot: true);
        }
        return null;
    }

    private bool DropsOnDemand(Envelope envelope, string messageId)
    {
        var drops = false;
        foreach (var (magic, address) in envelope.Magic)
            drops |= magic.Kind == MagicKind.Drop && state.Magic.Applies(magic, $"{messageId} {address}");
        return drops;
    }

    /// <summary>Counts instead of looking at each byte: every CR and every LF must be half of a CRLF.</summary>
    private static bool HasBareLineEnds(ReadOnlySpan<byte> body)
    {
        var pairs = body.Count("\r\n"u8);
        return body.Count((byte)'\n') != pairs || body.Count((byte)'\r') != pairs;
    }
}
