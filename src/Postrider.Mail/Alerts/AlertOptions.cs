namespace Postrider.Mail.Alerts;

/// <summary>Settings of alerts, section <c>Alerts</c> of the configuration.</summary>
public sealed class AlertOptions
{
    public const string Section = "Alerts";

    /// <summary>Who gets alert mail, separated by blanks or commas; empty sends none. What is set over the interface counts before it.</summary>
    public string To { get; set; } = "";

    /// <summary>The provider that alert mail goes through; empty takes any that is ready. It never goes through the one that it is about.</summary>
    public string Provider { get; set; } = "";

    /// <summary>How often is looked for what is wrong. A provider that changes its state is looked at at once.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often something that stays wrong is told again.</summary>
    public TimeSpan RemindEvery { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Mail that waits longer than this is told of.</summary>
    public TimeSpan QueueAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A provider that cannot be reached, or limits us, for longer than this is told of.</summary>
    public TimeSpan FailingFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A transaction that is open on PostgreSQL for longer than this is told of.</summary>
    public TimeSpan TransactionAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Less free space than this share of the disk, or than 1 GiB, is told of.</summary>
    public double FreeShare { get; set; } = 0.1;

    /// <summary>How long a recovered incident and an event are kept.</summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Receivers of webhooks may stand in private networks. Loopback always may.</summary>
    public bool AllowPrivateNetworks { get; set; }

    /// <summary>How long a receiver may take to answer.</summary>
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Pauses before the second, third, … attempt at a receiver. Empty means the schedule of Standard Webhooks, over three days.</summary>
    public IList<TimeSpan> WebhookDelays { get; } = [];

    /// <summary>How long the link to a sign-in in an alert works.</summary>
    public TimeSpan ReconnectLink { get; set; } = TimeSpan.FromDays(2);

    internal static readonly IReadOnlyList<TimeSpan> DefaultWebhookDelays =
        [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), .. new[] { 2, 5, 10, 14, 20, 24 }.Select(hours => TimeSpan.FromHours(hours))];

    public IReadOnlyList<string> Recipients => To.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <returns>What is wrong, with the key and what to write; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        foreach (var address in Recipients)
            if (!Smtp.SmtpAddress.TryParse(address, out _))
                yield return $"{Section}:To holds \"{address}\". Write mail addresses, separated by blanks.";
        if (LookEvery <= TimeSpan.Zero || RemindEvery <= TimeSpan.Zero || QueueAge <= TimeSpan.Zero || FailingFor <= TimeSpan.Zero || TransactionAge <= TimeSpan.Zero || KeepFor <= TimeSpan.Zero || WebhookTimeout <= TimeSpan.Zero || ReconnectLink <= TimeSpan.Zero)
            yield return $"{Section}: times must be longer than zero, as in \"01:00:00\" for an hour.";
        if (FreeShare is < 0 or >= 1)
            yield return $"{Section}:FreeShare is {FreeShare}. Write a share from 0 up to, and not including, 1, such as 0.1.";
        if (WebhookDelays.Any(delay => delay <= TimeSpan.Zero))
            yield return $"{Section}:WebhookDelays has an entry of zero or less. Write times such as \"00:05:00\".";
    }
}
