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
}
