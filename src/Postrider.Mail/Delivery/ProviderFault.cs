namespace Postrider.Mail.Delivery;

/// <summary>Why nothing can be sent through a provider at the moment. It concerns no single message, so none of them is touched by it.</summary>
/// <param name="Stage">Where it showed, in the contract's words: connect, tls, token, auth, …</param>
/// <param name="Reply">The other side's words, or what happened instead.</param>
/// <param name="Until">When it is tried again.</param>
/// <param name="Since">When it began: nothing has gone through since.</param>
public sealed record ProviderFault(string Stage, string Reply, string Cause, string Remedy, DateTimeOffset Until, DateTimeOffset Since)
{
    /// <summary>The limit of the day is used up.</summary>
    public bool DaySpent { get; init; }
}
