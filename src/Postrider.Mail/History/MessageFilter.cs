namespace Postrider.Mail.History;

/// <summary>Which messages a person asks for; a member left out does not narrow.</summary>
public sealed record MessageFilter
{
    public const int DefaultLimit = 50, LargestLimit = 500;

    public string? State { get; init; }
    public string? ProviderId { get; init; }
    public string? ClientId { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>Part of the subject, or a Message-ID.</summary>
    public string? Text { get; init; }

    public int Limit { get; init; } = DefaultLimit;

    /// <summary>The last id of the page before: what is older follows.</summary>
    public string? Cursor { get; init; }

    /// <summary>The first id of the page behind: what is newer, and nearest to it, comes before.</summary>
    public string? After { get; init; }

    /// <summary>It narrows nothing.</summary>
    public bool ReachesAll => this with { Limit = DefaultLimit, Cursor = null, After = null } == new MessageFilter();
}
