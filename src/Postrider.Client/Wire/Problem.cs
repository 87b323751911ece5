namespace Postrider.Client;

/// <summary>What went wrong (RFC 9457), with what to do about it.</summary>
public sealed record Problem
{
    /// <summary>Stable name of the kind of problem, <c>urn:postrider:problem:…</c>.</summary>
    public string Type { get; init; } = "about:blank";

    public string Title { get; init; } = "";
    public int Status { get; init; }
    public string? Detail { get; init; }
    public string? Remedy { get; init; }

    /// <summary>What is wrong with single members, by name.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
