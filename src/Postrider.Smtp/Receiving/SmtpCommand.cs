namespace Postrider.Smtp;

/// <summary>What a message holds, and what BODY of MAIL says of it (RFC 6152, RFC 3030). Stored as a number: each holds what those before it do.</summary>
public enum SmtpBody
{
    /// <summary>Lines of ASCII.</summary>
    SevenBit,

    /// <summary>Lines of any octets but NUL.</summary>
    EightBitMime,

    /// <summary>Any octets: a CR or LF may stand alone. Only BDAT can carry them.</summary>
    BinaryMime,
}

/// <summary>One command of a client, read and checked. What is wrong with a line is a command too: <see cref="Malformed"/> carries the reply to send.</summary>
public abstract record SmtpCommand
{
    private protected SmtpCommand() { }

    public sealed record Ehlo(string Domain) : SmtpCommand;

    public sealed record Helo(string Domain) : SmtpCommand;

    /// <param name="ReversePath">Null is the empty path of reports.</param>
    public sealed record Mail(SmtpAddress? ReversePath, MailParameters Parameters) : SmtpCommand;

    /// <param name="ForwardPath">May need SMTPUTF8: then MAIL must have said so, which only the session knows (553 5.6.7).</param>
    public sealed record Rcpt(SmtpAddress ForwardPath, RcptParameters Parameters) : SmtpCommand;

    public sealed record Data : SmtpCommand;

    /// <summary>The octets follow at once (RFC 3030): the session must take them even when it refuses the command.</summary>
    public sealed record Bdat(long Size, bool Last) : SmtpCommand;

    public sealed record Rset : SmtpCommand;

    public sealed record Noop : SmtpCommand;

    public sealed record Quit : SmtpCommand;

    public sealed record StartTls : SmtpCommand;

    /// <param name="Mechanism">In upper case.</param>
    /// <param name="InitialResponse">Base64 as sent, <c>=</c> for an empty one; null when none came. A secret: never printed.</param>
    public sealed record Auth(string Mechanism, string? InitialResponse) : SmtpCommand
    {
        public override string ToString() => $"AUTH {Mechanism}";
    }

    public sealed record Vrfy(string Argument) : SmtpCommand;

    public sealed record Help : SmtpCommand;

    /// <param name="Verb">What stood first, shortened and made safe to show; 500 5.5.1.</param>
    public sealed record Unknown(string Verb) : SmtpCommand;

    /// <param name="Reply">What is wrong, ready to be sent.</param>
    /// <param name="CloseAfterwards">The client and we no longer agree where the next command begins.</param>
    public sealed record Malformed(SmtpReply Reply, bool CloseAfterwards = false) : SmtpCommand;
}

/// <param name="Size">SIZE (RFC 1870): what the client believes; the real size is counted.</param>
/// <param name="SmtpUtf8">RFC 6531 section 3.4.</param>
/// <param name="Return">RET (RFC 3461).</param>
/// <param name="EnvelopeId">ENVID, decoded from xtext.</param>
/// <param name="Auth">AUTH of MAIL (RFC 4954 section 5), as sent; it proves nothing.</param>
public sealed record MailParameters(long? Size = null, SmtpBody Body = SmtpBody.SevenBit, bool SmtpUtf8 = false, DsnReturn? Return = null, string? EnvelopeId = null, string? Auth = null);

/// <param name="Notify">NOTIFY (RFC 3461).</param>
/// <param name="OriginalRecipient">ORCPT without its type, decoded from xtext.</param>
public sealed record RcptParameters(DsnNotify Notify = DsnNotify.Default, string? OriginalRecipientType = null, string? OriginalRecipient = null);
