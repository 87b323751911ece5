namespace Postrider.Mail;

/// <summary>Settings of the mail room, section <c>Mail</c> of the configuration.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";

    /// <summary>How long a message is tried before it is given up and its sender told. RFC 5321 section 4.5.4.1 asks for 4–5 days.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Pauses after the first, second, … failed attempt; the last one repeats. A fifth is added or taken by chance. Empty means <see cref="DefaultRetryDelays"/>.</summary>
    public IList<TimeSpan> RetryDelays { get; } = [];

    /// <summary>Connections to a provider that sets no limit itself.</summary>
    public int ConnectionsWithoutLimit { get; set; } = 20;

    /// <summary>An unused connection to a provider is closed after this time.</summary>
    public TimeSpan IdleConnection { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a claim holds without being renewed. A worker that dies gives its messages back after this time.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>What is due later than in this time is not claimed by anybody.</summary>
    internal static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    /// <summary>How soon a provider that needs attention is tried again by itself, where trying can help.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a provider must have been unable to send before its failover takes its mail over.</summary>
    public TimeSpan FailoverAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a provider is left in peace after it says that one of its limits is reached. Left out: as long as that limit is known to need.</summary>
    public TimeSpan? LimitPause { get; set; }

    /// <summary>The largest message that is accepted, in octets.</summary>
    public long MaxMessageBytes { get; set; } = 35L * 1024 * 1024;

    /// <summary>The most recipients one message may have.</summary>
    public int MaxRecipients { get; set; } = 1000;

    /// <summary>How long an <c>Idempotency-Key</c> is remembered.</summary>
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the content of a message is kept once it is finished; zero: for ever.</summary>
    public TimeSpan KeepContent { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a message that is finished is listed; zero: for ever.</summary>
    public TimeSpan KeepHistory { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How often mailboxes are looked into for what came back, where a provider asks for it.</summary>
    public TimeSpan ReadReportsEvery { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Whether an address that a bounce says does not exist goes on the suppression list.</summary>
    public bool SuppressBounced { get; set; } = true;

    /// <summary>The name that the gateway gives itself in EHLO, Received and Message-ID; the machine's when empty.</summary>
    public string HostName { get; set; } = "";

    /// <summary>Where large messages wait while they are being received. The data directory's <c>spool</c> when empty.</summary>
    public string SpoolDirectory { get; set; } = "";

    /// <summary>Where this process leaves the name under which it holds leases in a shared database, for the one that follows it.</summary>
    public string NodeFile { get; set; } = "";

    internal static readonly IReadOnlyList<TimeSpan> DefaultRetryDelays =
        [.. new[] { 0.5, 1, 2, 5, 10, 20, 40, 60 }.Select(TimeSpan.FromMinutes)];

    /// <returns>What is wrong, with the key and what to write; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (Lifetime < TimeSpan.FromMinutes(1))
            yield return $"{Section}:Lifetime is {Lifetime}. Write at least one minute, as in \"5.00:00:00\" for five days.";
        if (RetryDelays.Any(delay => delay <= TimeSpan.Zero))
            yield return $"{Section}:RetryDelays has an entry of zero or less. Write times such as \"00:00:30\".";
        if (ConnectionsWithoutLimit is < 1 or > 1000)
            yield return $"{Section}:ConnectionsWithoutLimit is {ConnectionsWithoutLimit}. Write a number from 1 to 1000.";
        if (Lease < TimeSpan.FromSeconds(3) || Lease > LongestLease)
            yield return $"{Section}:Lease is {Lease}. Write a time from \"00:00:03\" to \"{LongestLease:hh\\:mm\\:ss}\".";
        if (ProbeInterval <= TimeSpan.Zero)
            yield return $"{Section}:ProbeInterval is {ProbeInterval}. Write a time such as \"00:10:00\".";
        if (ReadReportsEvery <= TimeSpan.Zero)
            yield return $"{Section}:ReadReportsEvery is {ReadReportsEvery}. Write a time such as \"00:03:00\".";
        if (FailoverAfter < TimeSpan.Zero)
            yield return $"{Section}:FailoverAfter is {FailoverAfter}. Write a time such as \"00:05:00\".";
        if (LimitPause <= TimeSpan.Zero)
            yield return $"{Section}:LimitPause is {LimitPause}. Write a time such as \"00:01:00\", or leave it out.";
        if (MaxMessageBytes < 64 * 1024)
            yield return $"{Section}:MaxMessageBytes is {MaxMessageBytes}. RFC 5321 section 4.5.3.1.7 asks for at least 65536.";
        if (KeepContent < TimeSpan.Zero)
            yield return $"{Section}:KeepContent is {KeepContent}. Write a time such as \"30.00:00:00\" for thirty days, or \"00:00:00\" to keep contents for ever.";
        if (KeepHistory != TimeSpan.Zero && KeepHistory < IdempotencyWindow)
            yield return $"{Section}:KeepHistory is {KeepHistory}. Write at least {Section}:IdempotencyWindow ({IdempotencyWindow}), as in \"365.00:00:00\", or \"00:00:00\" to keep the history for ever.";
        if (MaxRecipients < 100)
            yield return $"{Section}:MaxRecipients is {MaxRecipients}. RFC 5321 section 4.5.3.1.8 asks for at least 100.";
    }
}
