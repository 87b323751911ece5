using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Mail.Intake;

/// <summary>A message as a door hands it in.</summary>
public sealed record IncomingMessage
{
    /// <summary>smtp or http.</summary>
    public required string Source { get; init; }

    /// <summary>The client that hands it in; null for the machine's own programs and for API keys.</summary>
    public Client? Client { get; init; }

    /// <summary>Whose mail takes turns with that of others, where there is no client: an API key.</summary>
    public string? Submitter { get; init; }

    /// <summary>The provider that the sender asks for.</summary>
    public string? Provider { get; init; }

    /// <summary>The envelope's sender; empty for the null reverse path, null for the message's author.</summary>
    public required string? MailFrom { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }
    public bool SmtpUtf8 { get; init; }
    public SmtpBody Body { get; init; }

    /// <summary>The beginning of the Received field, up to its <c>by</c>: <c>from … ([address])</c>.</summary>
    public required string ReceivedFrom { get; init; }

    /// <summary>The transmission type of the Received field (RFC 3848): ESMTPSA, HTTP, …</summary>
    public required string ReceivedWith { get; init; }

    /// <summary>A copy of an earlier message: the Message-ID that it brings along gives way to one of its own.</summary>
    public bool HasNewMessageId { get; init; }

    public IdempotencyKey? Idempotency { get; init; }
    public DateTimeOffset? SendAt { get; init; }
}

/// <summary>What a door answers.</summary>
public abstract record IntakeResult
{
    /// <summary>On disk.</summary>
    public sealed record Accepted(string Id, bool Repeated) : IntakeResult;

    /// <summary>Not taken, and nothing kept.</summary>
    public sealed record Refused(Refusal Why) : IntakeResult;
}

/// <summary>A refusal in SMTP's terms, which the HTTP door translates.</summary>
/// <param name="Code">RFC 5321 reply code: 4xx when the same message may be accepted later.</param>
/// <param name="Enhanced">RFC 3463 status.</param>
/// <param name="Text">What is wrong and what to do, in one line.</param>
public sealed record Refusal(int Code, string Enhanced, string Text)
{
    public override string ToString() => $"{Code} {Enhanced} {Text}";
}
