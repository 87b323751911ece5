using Postrider.Smtp;

namespace Postrider.Mail.Queue;

/// <summary>A message that has passed every check and waits to be stored.</summary>
public sealed record NewMessage
{
    public required string Id { get; init; }
    public required string ProviderId { get; init; }
    public string? ClientId { get; init; }

    /// <summary>Who hands it in without being a client, such as an API key; null for the machine's own programs.</summary>
    public string? Submitter { get; init; }

    /// <summary>smtp, http or report.</summary>
    public required string Source { get; init; }

    /// <summary>The envelope's sender; empty for the null reverse path.</summary>
    public required string MailFrom { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }
    public required string HeaderFrom { get; init; }
    public required string Subject { get; init; }

    /// <summary>The Message-ID header, with its angle brackets.</summary>
    public required string HeaderId { get; init; }

    public required StoredBytes Content { get; init; }
    public SmtpBody Body { get; init; }
    public bool SmtpUtf8 { get; init; }

    /// <summary>The message that this notice tells of. Nobody is told of the failure of a notice (RFC 5321 section 6.1).</summary>
    public string? ReportOf { get; init; }

    /// <summary>Writes to its sender that some recipients are not sent to; null when nobody is to be told.</summary>
    public Func<NewMessage, IReadOnlyList<RecipientOutcome>, NewMessage?>? Notice { get; init; }

    /// <summary>If it may have been sent, a person decides whether it is sent again.</summary>
    public bool HoldUncertain { get; init; }

    public DateTimeOffset? SendAt { get; init; }
    public IdempotencyKey? Idempotency { get; init; }
}

/// <param name="Owner">Whose key it is: keys of different callers do not meet.</param>
/// <param name="Fingerprint">Tells whether a repeated request is the same one.</param>
public sealed record IdempotencyKey(string Owner, string Key, string Fingerprint);

/// <summary>What became of an attempt to store a message.</summary>
public abstract record AddResult
{
    /// <summary>Committed to disk.</summary>
    public sealed record Added(string Id) : AddResult;

    /// <summary>The same request came before; that message stands.</summary>
    public sealed record AlreadyAdded(string Id) : AddResult;

    /// <summary>The key was used before for another request.</summary>
    public sealed record KeyReused : AddResult;
}
