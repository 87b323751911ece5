namespace Postrider.Client;

/// <summary>A message as far as its way depends on it.</summary>
public sealed record RouteQuestion
{
    /// <summary>The author: the address in From.</summary>
    public string? From { get; init; }

    /// <summary>The provider that the message asks for.</summary>
    public string? Provider { get; init; }

    /// <summary>The name of the client that hands it in.</summary>
    public string? Client { get; init; }
}

/// <summary>Where a message would go.</summary>
public sealed record RouteAnswer
{
    /// <summary>The provider it goes to; null when the message would be refused.</summary>
    public string? Provider { get; init; }
    public string? DisplayName { get; init; }

    /// <summary>Why there, or the refusal that its sender would get.</summary>
    public required string Why { get; init; }

    /// <summary>Whether that provider can send at the moment; otherwise the mail waits, or <see cref="StandIn"/> sends it.</summary>
    public required bool SendsNow { get; init; }

    /// <summary>Why the mail waits, where it does.</summary>
    public string? WaitsWhy { get; init; }

    /// <summary>Who sends it at the moment, because that provider cannot.</summary>
    public string? StandIn { get; init; }
    public string? StandInWhy { get; init; }
}
