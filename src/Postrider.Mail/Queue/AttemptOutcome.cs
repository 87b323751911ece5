namespace Postrider.Mail.Queue;

/// <summary>What an attempt came to, for the message as a whole and for each of its recipients.</summary>
public sealed record AttemptOutcome
{
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Where it ended, as in the contract: resolve, connect, … finalReply, expired.</summary>
    public string? Stage { get; init; }

    /// <summary>The provider's last words on the message, verbatim, or what happened instead of them.</summary>
    public required string Reply { get; init; }

    public string? Cause { get; init; }
    public string? Remedy { get; init; }

    /// <summary>What was said, kept where somebody was not reached.</summary>
    public string? Transcript { get; init; }

    /// <summary>The Message-ID that the provider says is in force.</summary>
    public string? RemoteId { get; init; }

    public required IReadOnlyList<RecipientOutcome> Recipients { get; init; }

    /// <summary>When those that were deferred are tried again.</summary>
    public required DateTimeOffset NextAttemptAt { get; init; }

    /// <summary>Why those that were deferred wait for a person instead of the next attempt; null when they do not.</summary>
    public string? HoldReason { get; init; }

    public string Summary
    {
        get
        {
            var kinds = Recipients.Select(recipient => recipient.Kind).Distinct().ToList();
            return kinds switch
            {
                [OutcomeKind.Sent] => "sent",
                [OutcomeKind.Uncertain] => "uncertain",
                [OutcomeKind.Deferred] => "deferred",
                [OutcomeKind.Failed] => "refused",
                _ => kinds.Contains(OutcomeKind.Sent) ? "partly" : kinds.Contains(OutcomeKind.Deferred) ? "deferred" : "refused",
            };
        }
    }
}

public enum OutcomeKind
{
    /// <summary>The provider answered 250: it is theirs.</summary>
    Sent,

    /// <summary>Not now; the schedule says when again.</summary>
    Deferred,

    /// <summary>No reply came after the final dot: it may have been sent, and is sent again with the same Message-ID.</summary>
    Uncertain,

    /// <summary>Never.</summary>
    Failed,
}

public sealed record RecipientOutcome(int Number, OutcomeKind Kind, string Reply, string? Cause = null, string? Remedy = null);
