namespace Postrider.Mail.Tracking;

/// <summary>What a mail that came back says of one recipient, as it is kept.</summary>
public sealed class StoredReport
{
    public string Id { get; init; } = "";
    public string MailId { get; init; } = "";
    public long ReceivedAt { get; init; }

    /// <summary>http, console or mailbox.</summary>
    public string Source { get; init; } = "";

    public string Submitter { get; init; } = "";
    public string Sender { get; init; } = "";
    public string Subject { get; init; } = "";
    public long Size { get; init; }

    /// <summary>One of <see cref="Reports.Kinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>certain, probable or unknown.</summary>
    public string Certainty { get; init; } = "";

    public string? MessageId { get; init; }
    public string? Address { get; init; }
    public string? Status { get; init; }

    /// <summary>One of <see cref="BounceClass"/>.</summary>
    public string? Class { get; init; }

    public string? Diagnostic { get; init; }
    public string? RemoteServer { get; init; }

    /// <summary>The recipient's state follows from it.</summary>
    public bool Changed { get; init; }

    /// <summary>Its beginning is still kept.</summary>
    public bool HasContent { get; init; }
}

/// <param name="Cursor">The id of the last one seen.</param>
public sealed record ReportFilter(string? Kind = null, string? Class = null, string? MessageId = null, string? Address = null, string? Cursor = null, int Limit = 50);

/// <summary>How a mail came in that may be a report.</summary>
/// <param name="Source">http, console or mailbox.</param>
/// <param name="Submitter">Who handed it in, such as <c>key erp</c>; of a mailbox, its provider's name.</param>
public sealed record ReportOrigin(string Source, string Submitter, string? ProviderId = null);

/// <param name="Known">The same mail came before, and is kept once.</param>
public sealed record ReportsAdded(string MailId, bool Known, IReadOnlyList<StoredReport> Reports);
