namespace Postrider.Simulator;

/// <summary>A message as it arrived. <see cref="Id"/>, <see cref="Sha256"/> are given by the store.</summary>
public sealed record ReceivedMessage
{
    /// <summary>1, 2, 3 … in the order of arrival; refused ones are counted apart.</summary>
    public long Id { get; init; }

    /// <summary>The mailbox that sent it.</summary>
    public required string Account { get; init; }

    /// <summary>Who signed in: an address, or the client id of an application.</summary>
    public required string AuthenticatedAs { get; init; }

    public required string Mechanism { get; init; }

    /// <summary><c>TLSv1.3</c> or <c>TLSv1.2</c>.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>What the client said in EHLO.</summary>
    public string? ClientName { get; init; }

    /// <summary>Envelope.</summary>
    public required string From { get; init; }

    /// <summary>Envelope recipients that were accepted.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Parameters of MAIL as they were sent, such as <c>SIZE=1024 RET=HDRS ENVID=x</c>.</summary>
    public string MailParameters { get; init; } = "";

    /// <summary>Parameters of each RCPT, in the order of <see cref="To"/>.</summary>
    public IReadOnlyList<string> RecipientParameters { get; init; } = [];

    /// <summary>Sent with BDAT.</summary>
    public bool Chunked { get; init; }

    /// <summary>Had a CR or LF alone.</summary>
    public bool BareLineEnds { get; init; }

    /// <summary>Bytes, without dot-stuffing.</summary>
    public int Size { get; init; }

    /// <summary>Of the raw bytes, lower-case hexadecimal. Empty for refused messages.</summary>
    public string Sha256 { get; init; } = "";

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The Message-ID in force, with brackets, as the final 250 names it.</summary>
    public required string MessageId { get; init; }

    /// <summary>The client's, when the provider replaced it (reference 3.6).</summary>
    public string? OriginalMessageId { get; init; }

    /// <summary>Address in From.</summary>
    public string? HeaderFrom { get; init; }

    public string? Subject { get; init; }

    /// <summary>The final reply, whether or not it was sent.</summary>
    public required string Reply { get; init; }

    /// <summary>False when the connection was reset instead.</summary>
    public bool ReplySent { get; init; }
}
