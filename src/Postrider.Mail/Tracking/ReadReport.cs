namespace Postrider.Mail.Tracking;

/// <summary>What a message that came back is.</summary>
public enum ReportKind
{
    /// <summary>It tells what became of a message, by recipient: a delivery status notification (RFC 3464), or something that says the same in its own way.</summary>
    Delivery,

    /// <summary>Somebody's program has seen the message (RFC 8098): that says nothing about its delivery to others.</summary>
    Receipt,

    /// <summary>Somebody called the message spam (RFC 5965).</summary>
    Complaint,

    /// <summary>A person's program answered by itself: away, on leave (RFC 3834).</summary>
    Reply,

    /// <summary>It may be a report, and what it says could not be read.</summary>
    Unread,

    /// <summary>Mail like any other.</summary>
    None,
}

/// <summary>What a report says became of a recipient (RFC 3464 section 2.3.3).</summary>
public enum ReportAction { Failed, Delayed, Delivered, Relayed, Expanded }

/// <summary>A report as it was read. Every text in it was written by a stranger; it is short, and holds nothing that a layout would obey.</summary>
public sealed record ReadReport
{
    public required ReportKind Kind { get; init; }

    /// <summary>Who it says it is from.</summary>
    public string Sender { get; init; } = "";

    public string Subject { get; init; } = "";

    /// <summary>Its own Message-ID.</summary>
    public string? HeaderId { get; init; }

    /// <summary>The ENVID that the message was sent with, decoded.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>The ids that the returned header of the message bears, in any of the fields that name one.</summary>
    public IReadOnlyList<string> MessageIds { get; init; } = [];

    /// <summary>The id under which this gateway took the message, by the trace in its returned header.</summary>
    public string? TraceId { get; init; }

    /// <summary>What the report is an answer to.</summary>
    public IReadOnlyList<string> Thread { get; init; } = [];

    /// <summary>The addresses that the message may have been sent from: whom the report is for.</summary>
    public IReadOnlyList<string> For { get; init; } = [];

    /// <summary>Of the message, by its returned header.</summary>
    public string? OriginalSubject { get; init; }

    public IReadOnlyList<ReportedRecipient> Recipients { get; init; } = [];
}

/// <param name="Address">As the reporting server knows it.</param>
/// <param name="OriginalAddress">As the sender wrote it, where the report says so.</param>
/// <param name="Status">RFC 3463, such as <c>5.1.1</c>.</param>
/// <param name="Diagnostic">What the last server said, without the type before it.</param>
public sealed record ReportedRecipient(string Address, string? OriginalAddress, ReportAction Action, string? Status, string? Diagnostic, string? RemoteServer);
