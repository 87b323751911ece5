using System.Globalization;

namespace Postrider.Client;

/// <summary>Which messages are meant, in a list and in a bulk act alike. What is null does not narrow.</summary>
public sealed record MessageFilter
{
    /// <summary>A state's name, or several with commas.</summary>
    public string? State { get; init; }

    public string? Provider { get; init; }
    public string? Client { get; init; }

    /// <summary>The envelope's sender.</summary>
    public string? From { get; init; }

    /// <summary>Any recipient.</summary>
    public string? To { get; init; }

    /// <summary>Accepted at this moment or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Words in the subject or an address.</summary>
    public string? Query { get; init; }

    /// <summary>Whether every message is meant.</summary>
    public bool IsEmpty => this == Everything;

    private static readonly MessageFilter Everything = new();

    internal IEnumerable<(string Name, string? Value)> Parameters =>
    [
        ("state", State), ("provider", Provider), ("client", Client), ("from", From), ("to", To),
        ("since", Moment(Since)), ("until", Moment(Until)), ("q", Query),
    ];

    private static string? Moment(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
