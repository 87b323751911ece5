namespace Postrider.Client;

/// <summary>What a mail that came back says of one recipient; a mail that names none is one of these too.</summary>
public sealed record ReportView
{
    public required string Id { get; init; }

    /// <summary>The mail that it was in: reports of several recipients share one.</summary>
    public required string Mail { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How it came: http, console or mailbox.</summary>
    public required string Source { get; init; }

    /// <summary>bounce, delay, delivery, relay, receipt, complaint, reply or unread.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether it is about <see cref="Message"/>: certain, probable (nothing follows from it) or unknown.</summary>
    public required string Certainty { get; init; }

    public string? Message { get; init; }
    public string? Recipient { get; init; }

    /// <summary>RFC 3463, such as 5.1.1.</summary>
    public string? Status { get; init; }

    /// <summary>Of a bounce or delay, what it is about: address, full, mailbox, size, server, routing, content, policy, expired or other.</summary>
    public string? Class { get; init; }

    /// <summary>What the last server said.</summary>
    public string? Diagnostic { get; init; }

    public string? RemoteServer { get; init; }

    /// <summary>The recipient's state follows from it.</summary>
    public bool Changed { get; init; }

    public required string Sender { get; init; }
    public required string Subject { get; init; }

    /// <summary>Octets of the mail.</summary>
    public required long Size { get; init; }
}

/// <summary>What a mail that was handed in as a report came to.</summary>
public sealed record ReportsTaken
{
    /// <summary>The same mail came before: nothing was done again.</summary>
    public required bool Known { get; init; }

    public required IReadOnlyList<ReportView> Reports { get; init; }
}

/// <summary>Puts an address on the list of those that nothing is sent to.</summary>
public sealed record SuppressionInput
{
    public string Address { get; init; } = "";

    /// <summary>Why, for those who find it there.</summary>
    public string? Detail { get; init; }
}

/// <summary>An address that nothing is sent to.</summary>
public sealed record SuppressionView
{
    public required string Address { get; init; }

    /// <summary>bounce, or person where somebody put it there.</summary>
    public required string Reason { get; init; }

    /// <summary>What the bounce said, or why somebody put it there.</summary>
    public string? Detail { get; init; }

    public required string Actor { get; init; }

    /// <summary>The message that bounced.</summary>
    public string? Message { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}

/// <summary>What an import came to.</summary>
public sealed record SuppressionsImported
{
    public required int Added { get; init; }

    /// <summary>Those that were on the list already.</summary>
    public required int Known { get; init; }

    /// <summary>Lines that were not taken, at most a hundred of them.</summary>
    public required IReadOnlyList<ImportLine> NotTaken { get; init; }

    /// <summary>How many there were of them.</summary>
    public required int NotTakenCount { get; init; }
}

public sealed record ImportLine
{
    /// <summary>From 1.</summary>
    public required int Line { get; init; }

    public required string Text { get; init; }
    public required string Why { get; init; }
}
