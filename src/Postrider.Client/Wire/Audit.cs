using System.Globalization;

namespace Postrider.Client;

/// <summary>Which acts are meant. What is null does not narrow.</summary>
public sealed record AuditQuestion
{
    /// <summary>A person's or a key's name.</summary>
    public string? Actor { get; init; }

    /// <summary>Words of the act, such as <c>client removed</c>.</summary>
    public string? Action { get; init; }

    /// <summary>What it was done to, by name or id.</summary>
    public string? Target { get; init; }

    /// <summary><c>console</c> or <c>api</c>.</summary>
    public string? Door { get; init; }

    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    internal IEnumerable<(string Name, string? Value)> Parameters =>
        [("actor", Actor), ("action", Action), ("target", Target), ("door", Door), ("since", Moment(Since)), ("until", Moment(Until))];

    private static string? Moment(DateTimeOffset? moment) => moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}

/// <summary>An act: who did what to what, when, through which door, from where.</summary>
public sealed record AuditView
{
    public required string Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>A person of the console, or the name of an API key; <c>nobody</c> where no sign-in succeeded.</summary>
    public required string Actor { get; init; }

    /// <summary><c>console</c> or <c>api</c>.</summary>
    public required string Door { get; init; }

    public required string Action { get; init; }
    public required string Target { get; init; }
    public required string Detail { get; init; }

    /// <summary>The IP address that it came from.</summary>
    public required string Address { get; init; }

    /// <summary>Its place in the chain; left out for acts from before there was one.</summary>
    public long? Number { get; init; }

    /// <summary>HMAC-SHA256 over the hash before and this row, in hex.</summary>
    public string? Hash { get; init; }
}

/// <summary>Whether the audit is as it was written.</summary>
public sealed record AuditVerification
{
    public required bool Holds { get; init; }

    /// <summary>In the chain.</summary>
    public required long Rows { get; init; }

    /// <summary>From before there was a chain: nothing is known of them.</summary>
    public required long Unchained { get; init; }

    /// <summary>Tied with a key that was lost: only their order is known.</summary>
    public required long Unjudged { get; init; }

    /// <summary>The last row. Keep it elsewhere, and compare.</summary>
    public AuditHeadView? Head { get; init; }

    /// <summary>What the node that answers had kept outside the database.</summary>
    public AuditHeadView? KeptHead { get; init; }

    /// <summary>Where it does not hold, the first of them.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}

/// <summary>The end of the audit at a moment.</summary>
public sealed record AuditHeadView
{
    public required long Number { get; init; }
    public required string Hash { get; init; }
    public required DateTimeOffset At { get; init; }
}
