namespace Postrider.Client;

/// <summary>A message to hand in as fields; the gateway composes the MIME text.</summary>
public sealed record SendMessage
{
    /// <summary>Author, as <c>a@example.org</c> or <c>Name &lt;a@example.org&gt;</c>. The provider's own address when left out.</summary>
    public string? From { get; init; }

    public IReadOnlyList<string> To { get; init; } = [];
    public IReadOnlyList<string> Cc { get; init; } = [];

    /// <summary>Recipients that the others do not see.</summary>
    public IReadOnlyList<string> Bcc { get; init; } = [];

    public IReadOnlyList<string> ReplyTo { get; init; } = [];
    public string? Subject { get; init; }

    /// <summary>Plain text of the body. With <see cref="Html"/> both are sent, as alternatives.</summary>
    public string? Text { get; init; }

    public string? Html { get; init; }
    public IReadOnlyList<SendAttachment> Attachments { get; init; } = [];

    /// <summary>Further header fields by name, such as <c>List-Unsubscribe</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The provider to send through; without it the client's own, or the only one there is.</summary>
    public string? Provider { get; init; }

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? SendAt { get; init; }
}

public sealed record SendAttachment
{
    public string Name { get; init; } = "";

    /// <summary>Media type; guessed from the name when left out.</summary>
    public string? ContentType { get; init; }

    /// <summary>The bytes in base64 (RFC 4648 section 4).</summary>
    public string ContentBase64 { get; init; } = "";
}

/// <summary>Whom a message is sent to once more, as a new message.</summary>
public sealed record ResendMessage
{
    /// <summary>Addresses; the message's own recipients when left out.</summary>
    public IReadOnlyList<string> To { get; init; } = [];
}

/// <summary>The answer to an accepted message: it is on disk.</summary>
public sealed record MessageAccepted
{
    public required string Id { get; init; }
}

/// <summary>One row of the list of messages.</summary>
public record MessageSummary
{
    public required string Id { get; init; }

    /// <summary>queued, sending, held, sent, delivered, delayed, bounced, failed or cancelled: what is worst among the recipients.</summary>
    public required string State { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public required string Provider { get; init; }
    public string? Client { get; init; }

    /// <summary>Who handed it in where that was no client: <c>key NAME</c> or <c>person NAME</c>.</summary>
    public string? Submitter { get; init; }

    /// <summary>smtp, http, console (sent again by a person) or report (a notice that the gateway itself wrote).</summary>
    public required string Source { get; init; }

    /// <summary>The envelope's sender; empty for the null reverse path.</summary>
    public required string From { get; init; }

    public required string Subject { get; init; }

    /// <summary>Octets.</summary>
    public required long Size { get; init; }

    public required int RecipientCount { get; init; }

    /// <summary>The first recipients' addresses, at most five.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>An attempt ended between the final dot and its reply: the message may have been sent.</summary>
    public bool MayHaveBeenSent { get; init; }

    public int AttemptCount { get; init; }
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The last thing the provider said, or why the message waits.</summary>
    public string? Reply { get; init; }

    public string? Cause { get; init; }
    public string? Remedy { get; init; }
}

/// <summary>A message with its whole story.</summary>
public sealed record MessageDetail : MessageSummary
{
    /// <summary>The <c>Message-ID</c> header, the same in every attempt.</summary>
    public required string MessageId { get; init; }

    /// <summary>The Message-ID that the provider reported in its reply, where it did.</summary>
    public string? RemoteMessageId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
    public required IReadOnlyList<MessageRecipient> Recipients { get; init; }
    public required IReadOnlyList<MessageAttempt> Attempts { get; init; }
    public required IReadOnlyList<MessageEvent> Events { get; init; }

    /// <summary>What came back about it, the oldest first.</summary>
    public IReadOnlyList<ReportView> Reports { get; init; } = [];
}

public sealed record MessageRecipient
{
    public required string Address { get; init; }
    public required string State { get; init; }
    public bool MayHaveBeenSent { get; init; }

    /// <summary>The provider's last reply about this recipient, verbatim.</summary>
    public string? Reply { get; init; }

    public string? Cause { get; init; }
    public string? Remedy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

public sealed record MessageAttempt
{
    public required int Number { get; init; }
    public required string Provider { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? FinalDotAt { get; init; }
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>sent, partly, deferred, refused or uncertain.</summary>
    public required string Outcome { get; init; }

    /// <summary>Where it ended: resolve, connect, tls, greeting, ehlo, token, auth, mail, rcpt, data, content or finalReply; suppressed where a recipient was not sent to.</summary>
    public string? Stage { get; init; }

    public required string Reply { get; init; }
    public string? Cause { get; init; }
    public string? Remedy { get; init; }

    /// <summary>What was said, a line each (C: ours, S: the server's, *: what happened), where somebody was not reached. Neither the sign-in
    /// nor the content is in it.</summary>
    public string? Transcript { get; init; }

    /// <summary>Replies to single recipients, where they differ from <see cref="Reply"/>.</summary>
    public IReadOnlyList<RecipientReply> Recipients { get; init; } = [];
}

public sealed record RecipientReply
{
    public required string Address { get; init; }
    public required string Outcome { get; init; }
    public required string Reply { get; init; }
}

public sealed record MessageEvent
{
    public required DateTimeOffset At { get; init; }
    public required string Kind { get; init; }
    public required string Actor { get; init; }
    public required string Detail { get; init; }
}

/// <summary>The answer to an act on messages. One on many goes on with <c>cursor</c> set to <see cref="NextCursor"/> until that is null.</summary>
public sealed record MessagesChanged
{
    /// <summary>How many messages the act reached.</summary>
    public required int Count { get; init; }
    public string? NextCursor { get; init; }
}
