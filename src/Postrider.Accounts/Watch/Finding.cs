namespace Postrider.Accounts.Watch;

/// <summary>Something that is wrong now, or will be. A source says the same finding again as long as it holds.</summary>
/// <param name="Cause">Names the cause, so that it is told once: <c>provider:ID</c>, <c>secret:ID</c>, <c>storage</c>, …</param>
/// <param name="Kind">One of <see cref="FindingKind"/>.</param>
/// <param name="Title">One sentence, as a person would say it.</param>
/// <param name="Remedy">What to do; a line that begins with four blanks is a command.</param>
public sealed record Finding(string Cause, string Kind, FindingSeverity Severity, string Title, string Detail, string Remedy)
{
    public string? ProviderId { get; init; }

    /// <summary>It is about this machine, of several that share a database: the others cannot see whether it is over.</summary>
    public bool Local { get; init; }

    /// <summary>Of an end that comes nearer: the warning that is due now, in days before it (30, 14, 7, 1, and 0 once it has come).
    /// A smaller one is told at once; null is reminded of daily.</summary>
    public int? Step { get; init; }
}

public enum FindingSeverity
{
    Warning,
    Error,
}

/// <summary>What kinds of findings there are, for receivers that sort them.</summary>
public static class FindingKind
{
    public const string ProviderAttention = "provider.attention", ProviderConsent = "provider.consent", ProviderFailing = "provider.failing",
        SecretExpiry = "secret.expiry", CertificateExpiry = "certificate.expiry", GrantIdle = "grant.idle", GrantPattern = "grant.pattern",
        QueueAge = "queue.age", Quarantine = "queue.quarantine", Transaction = "database.transaction", Storage = "storage", Webhook = "webhook", Node = "node", Audit = "audit";
}

/// <summary>Somewhere to look for what is wrong.</summary>
public interface IFindingSource
{
    Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation);
}
