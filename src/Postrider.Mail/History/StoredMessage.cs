using Postrider.Mail.Tracking;
using Postrider.Smtp;

namespace Postrider.Mail.History;

/// <summary>A message as the database tells it. Times are milliseconds since 1970 UTC.</summary>
public sealed class StoredMessage
{
    public string Id { get; init; } = "";
    public string ProviderId { get; init; } = "";
    public string? ClientId { get; init; }
    /// <summary>Who handed it in, where that was no client: an API key, or a person.</summary>
    public string? Submitter { get; init; }
    public string Source { get; init; } = "";
    public string MailFrom { get; init; } = "";
    public string HeaderFrom { get; init; } = "";
    public string Subject { get; init; } = "";
    public string HeaderId { get; init; } = "";
    public string? RemoteId { get; init; }
    public long Size { get; init; }
    public SmtpBody EightBit { get; init; }
    public bool SmtpUtf8 { get; init; }
    public string State { get; init; } = "";
    public long AcceptedAt { get; init; }
    public long ExpiresAt { get; init; }
    public long? FinishedAt { get; init; }

    /// <summary>When it is tried next; null once it has left the queue.</summary>
    public long? DueAt { get; init; }

    /// <summary>A worker has it in hand.</summary>
    public bool Sending { get; init; }

    /// <summary>Set: it waits until a person releases it.</summary>
    public long? HeldAt { get; init; }
    public string? HeldReason { get; init; }

    public IReadOnlyList<StoredRecipient> Recipients { get; internal set; } = [];

    /// <summary>All attempts; in a list only the last.</summary>
    public IReadOnlyList<StoredAttempt> Attempts { get; internal set; } = [];

    public IReadOnlyList<StoredReply> Replies { get; internal set; } = [];
    public IReadOnlyList<StoredEvent> Events { get; internal set; } = [];

    /// <summary>What came back about it, the oldest first.</summary>
    public IReadOnlyList<StoredReport> Reports { get; internal set; } = [];
}

public sealed class StoredRecipient
{
    public string MessageId { get; init; } = "";
    public string Address { get; init; } = "";
    public string State { get; init; } = "";
    public bool Uncertain { get; init; }
    public string? Reply { get; init; }
    public string? Cause { get; init; }
    public string? Remedy { get; init; }
    public long UpdatedAt { get; init; }
}

public sealed class StoredAttempt
{
    public string MessageId { get; init; } = "";
    public int Number { get; init; }
    public string ProviderId { get; init; } = "";
    public long StartedAt { get; init; }
    public long? DotAt { get; init; }
    public long FinishedAt { get; init; }
    public string Outcome { get; init; } = "";
    public string? Stage { get; init; }
    public string Reply { get; init; } = "";
    public string? Cause { get; init; }
    public string? Remedy { get; init; }

    /// <summary>What was said, where somebody was not reached.</summary>
    public string? Transcript { get; init; }
}

public sealed class StoredReply
{
    public int Attempt { get; init; }
    public string Address { get; init; } = "";
    public string Outcome { get; init; } = "";
    public string Reply { get; init; } = "";
}

public sealed class StoredEvent
{
    public long At { get; init; }
    public string Kind { get; init; } = "";
    public string Actor { get; init; } = "";
    public string Detail { get; init; } = "";
}
