namespace Postrider.Smtp;

/// <summary>What is known about a message after an attempt.</summary>
public enum SendState
{
    /// <summary>The server took the responsibility (RFC 5321 section 6.1) for every recipient whose RCPT it accepted.</summary>
    Completed,

    /// <summary>Nobody has it, and a reply says why: to MAIL, to every RCPT, to DATA or to the content.</summary>
    Refused,

    /// <summary><c>beforeFinalDot</c> said no: nobody has it, the session is closed.</summary>
    Abandoned,

    /// <summary>The connection ended before the bytes that commit: nobody has it, another attempt is safe.</summary>
    Lost,

    /// <summary>The bytes that commit were on their way and no answer came: it may have been sent.
    /// Recipients refused at RCPT are known all the same.</summary>
    Uncertain,
}

/// <summary>Why we refused without asking the server.</summary>
public enum SendRefusal
{
    None,

    /// <summary>Larger than the SIZE that the server offers (RFC 1870); 552 5.3.4.</summary>
    TooLarge,

    /// <summary>8-bit content and no 8BITMIME, or binary content and no BINARYMIME: the caller converts it and tries again; 554 5.6.3.</summary>
    NeedsConversion,

    /// <summary>An address or header needs SMTPUTF8 and the server does not offer it; 553 5.6.7 (RFC 6531 section 3.2).</summary>
    NeedsSmtpUtf8,

    /// <summary>The sender's address must not reach the wire; 553 5.1.7.</summary>
    InvalidSender,

    /// <summary>No recipient's address may reach the wire; 553 5.1.3 for each.</summary>
    NoValidRecipient,
}

/// <summary>The outcome of one attempt, by recipient.</summary>
public sealed class SendResult
{
    private readonly SmtpReply?[] recipients;

    internal SendResult(SendState state, SmtpReply?[] recipients) => (State, this.recipients) = (state, recipients);

    public SendState State { get; }

    /// <summary>Set when nothing was sent because of what the server offers or an address; the reply is then our own.</summary>
    public SendRefusal Refusal { get; init; }

    public SmtpReply? MailReply { get; init; }

    /// <summary>By position in the envelope: the answer to RCPT, or our own for an address that must not reach the wire; null when none came.</summary>
    public IReadOnlyList<SmtpReply?> RecipientReplies => recipients;

    /// <summary>The answer to DATA, 354 when the content was wanted; null with BDAT.</summary>
    public SmtpReply? DataReply { get; init; }

    /// <summary>The answer to the content: to the final dot or to BDAT.</summary>
    public SmtpReply? FinalReply { get; init; }

    /// <summary>What ended the connection, when <see cref="State"/> is <see cref="SendState.Lost"/> or <see cref="SendState.Uncertain"/>.</summary>
    public SmtpConnectionException? Error { get; init; }

    /// <summary>The server answers for this recipient now.</summary>
    public bool IsAccepted(int recipient) => State == SendState.Completed && recipients[recipient] is { IsPositive: true };

    /// <summary>The reply that decided a recipient's fate: its own refusal, else that of MAIL, DATA or the content, else the final 250.
    /// Null when no reply did: abandoned, lost, or uncertain.</summary>
    public SmtpReply? ReplyFor(int recipient)
    {
        if (recipients[recipient] is { IsPositive: false, IsLocal: true } ours)
            return ours;
        if (MailReply is { IsPositive: false } mail)
            return mail;
        if (recipients[recipient] is { IsPositive: false } own)
            return own;
        return State is SendState.Completed or SendState.Refused
            ? FinalReply ?? (DataReply is { IsIntermediate: false } data ? data : null)
            : null;
    }

    public override string ToString() => $"{State}: {FinalReply ?? DataReply ?? MailReply}{Error?.Message}";
}
