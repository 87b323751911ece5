using Postrider.Smtp;

namespace Postrider.Mail.Queue;

/// <summary>A message that this process may send until its lease ends.</summary>
public sealed class ClaimedMessage
{
    public required string Id { get; init; }
    public required string ProviderId { get; init; }
    public string? ClientId { get; init; }

    /// <summary>Guards the outcome: each claim of a message has a higher one.</summary>
    public required long Fence { get; init; }

    /// <summary>Attempts that ended before this one.</summary>
    public required int Attempts { get; init; }

    /// <summary>Recipients that were not sent to, because they were on the suppression list when the message was accepted.</summary>
    public int Suppressed { get; init; }

    /// <summary>No recipient of the message has an outcome yet.</summary>
    public bool IsWhole => Attempts == 0 && Suppressed == 0;

    /// <summary>How often in a row a worker died with this message in hand.</summary>
    public required int Rescues { get; init; }

    /// <summary>The envelope's sender; empty for the null reverse path.</summary>
    public required string MailFrom { get; init; }

    /// <summary>Those that have no final outcome yet.</summary>
    public required IReadOnlyList<PendingRecipient> Recipients { get; init; }

    public required string HeaderId { get; init; }
    public required string Subject { get; init; }
    public required long Size { get; init; }
    public required SmtpBody Body { get; init; }
    public required bool SmtpUtf8 { get; init; }
    public string? ReportOf { get; init; }

    /// <inheritdoc cref="NewMessage.HoldUncertain"/>
    public bool HoldUncertain { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The whole message, when it is small enough to come along with the claim.</summary>
    public byte[]? Content { get; init; }

    /// <summary>When the final dot of this attempt was about to be sent.</summary>
    public DateTimeOffset? FinalDotAt { get; internal set; }

    /// <summary>The dot did not count: the provider said so, or it never left.</summary>
    public void ForgetFinalDot() => FinalDotAt = null;
}

public sealed record PendingRecipient
{
    public int Number { get; init; }
    public string Address { get; init; } = "";
}

/// <summary>An attempt that has ended, with the notice of failure that it caused.</summary>
public sealed record Concluded(ClaimedMessage Message, AttemptOutcome Outcome, NewMessage? Report = null);

internal sealed class PendingRow
{
    public string MessageId { get; init; } = "";
    public int Number { get; init; }
    public string Address { get; init; } = "";
}

internal sealed class ClaimedRow
{
    public string MessageId { get; init; } = "";
    public long Fence { get; init; }
    public int Attempts { get; init; }
    public int Rescues { get; init; }
    public long? DotAt { get; init; }

    /// <summary>What the queue says of the message, where it was asked.</summary>
    public string? ProviderId { get; init; }
    public long ExpiresAt { get; init; }
}

internal sealed class MessageRow
{
    public string Id { get; init; } = "";
    public string ProviderId { get; init; } = "";
    public string? ClientId { get; init; }
    public string Source { get; init; } = "";
    public string MailFrom { get; init; } = "";
    public string HeaderFrom { get; init; } = "";
    public string Subject { get; init; } = "";
    public string HeaderId { get; init; } = "";
    public string? RemoteId { get; init; }
    public long Size { get; init; }
    public SmtpBody EightBit { get; init; }
    public bool SmtpUtf8 { get; init; }
    public string? ReportOf { get; init; }
    public int Suppressed { get; init; }
    public bool HoldUncertain { get; init; }
    public string State { get; init; } = "";
    public long AcceptedAt { get; init; }
    public long ExpiresAt { get; init; }
    public long? FinishedAt { get; init; }

    /// <summary>The whole of a small one, where it was asked for.</summary>
    public byte[]? Content { get; init; }
}
