namespace Postrider.Accounts.Failures;

/// <summary>What is known about one failure: why it happened, what a person can do, and what the program does.</summary>
/// <remarks><see cref="Cause"/> and <see cref="Remedy"/> may hold <see cref="Placeholders"/>; see <see cref="Fill"/>.
/// A line of the remedy that begins with four spaces is a command to copy.</remarks>
public sealed record KnownFailure
{
    /// <summary>Stable name in kebab-case; also the anchor in docs/failures.md.</summary>
    public required string Id { get; init; }

    /// <summary>A few words for lists and charts.</summary>
    public required string Title { get; init; }

    /// <summary>Why, in an administrator's words.</summary>
    public required string Cause { get; init; }

    /// <summary>What to do, or that nothing needs doing.</summary>
    public required string Remedy { get; init; }

    public required RetryClass Class { get; init; }

    public required FailureScope Scope { get; init; }

    /// <summary>What the failure counts as when one retry met it again; null when a repeat changes nothing.</summary>
    public RetryClass? OnRepeat { get; init; }

    /// <summary>How long to wait before the next attempt; null leaves it to the retry schedule.
    /// A Retry-After given by the provider goes before it.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Somebody has to sign in as the mailbox again.</summary>
    public bool NeedsConsent { get; init; }

    /// <summary>The application's secret or certificate has to be changed.</summary>
    public bool NeedsSecret { get; init; }

    /// <summary>The provider says it has had this message before: do not send it again and do not bounce it.</summary>
    public bool ProbablyDelivered { get; init; }

    /// <summary>False when no entry knew the failure: the cause then quotes what was said.</summary>
    public bool Known { get; init; } = true;

    /// <summary>This failure with the placeholders of cause and remedy filled in.</summary>
    public KnownFailure Fill(IReadOnlyDictionary<string, string> values) =>
        this with { Cause = Placeholders.Fill(Cause, values), Remedy = Placeholders.Fill(Remedy, values) };
}
