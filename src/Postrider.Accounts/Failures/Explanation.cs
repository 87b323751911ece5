namespace Postrider.Accounts.Failures;

/// <summary>An entry of the catalogue as the answer to "what does this mean".</summary>
/// <param name="Example">As a provider would say it; null when no entry knows it.</param>
/// <param name="Documentation">The vendor's page, where there is one.</param>
public sealed record Explanation(KnownFailure Failure, string? Example, Uri? Documentation);
