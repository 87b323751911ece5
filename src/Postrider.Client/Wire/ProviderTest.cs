using System.Text.Json.Serialization;

namespace Postrider.Client;

/// <summary>A wish to see whether a provider works.</summary>
public sealed record ProviderTest
{
    /// <summary>Where to send a message as the last step; without it none is sent.</summary>
    public string? To { get; init; }
}

/// <summary>What a provider's test came to.</summary>
public sealed record ProviderTestResult
{
    /// <summary>No step failed.</summary>
    public required bool Ok { get; init; }

    /// <summary>In the order in which a message meets them.</summary>
    public required IReadOnlyList<ProviderTestStep> Steps { get; init; }
}

/// <summary>One step of a provider's test.</summary>
public sealed record ProviderTestStep
{
    /// <summary>dns, tcp, tls, ehlo, platform, token, claims, auth, sender, senders or message; of the installation http, smtp, certificate, disk, clock, queue, keyring or providers.</summary>
    public required string Name { get; init; }

    /// <summary>ok, warning, failed or skipped.</summary>
    public required string Status { get; init; }

    /// <summary>False when the step failed; null when it was left out, and the detail says why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required bool? Ok { get; init; }

    /// <summary>What was seen; of a refusal the provider's own words.</summary>
    public required string Detail { get; init; }

    /// <summary>Of a step that failed, or that there is a warning about, in plain words.</summary>
    public string? Cause { get; init; }

    /// <summary>What a person does about it; lines that begin with four blanks are commands.</summary>
    public string? Remedy { get; init; }

    /// <summary>How long the step took; absent when it took no time of its own.</summary>
    public double? Milliseconds { get; init; }
}
