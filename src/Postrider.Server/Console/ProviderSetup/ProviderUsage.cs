using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>What of its limits a provider uses.</summary>
/// <param name="Activity">Null when nothing was sent through it since the start.</param>
/// <param name="InMinute">Messages of the last minute, where they are counted.</param>
/// <param name="InDay">Recipients of the last 24 hours, where they are counted.</param>
internal sealed record ProviderUsage(SendingLimits Limits, ProviderActivity? Activity, long InMinute, long InDay)
{
    private const string ConnectionsLabel = "Connections", RecipientsLabel = "Recipients, last 24 hours";

    public int Lanes => Activity?.Lanes ?? 0;

    /// <summary>After a "too fast" it goes slower than allowed for a while.</summary>
    public bool IsSlowed => Activity is { } now && Limits.MessagesPerMinute > 0 && now.Limits.MessagesPerMinute > 0 && now.Limits.MessagesPerMinute < Limits.MessagesPerMinute;

    public IEnumerable<(string Label, long Used, long Limit)> Rows =>
        [("Messages, last minute", Math.Max(InMinute, Activity?.SentInLastMinute ?? 0), Limits.MessagesPerMinute), (RecipientsLabel, InDay, Limits.RecipientsPerDay), (ConnectionsLabel, Lanes, Limits.Connections)];

    /// <summary>Recipients are counted where a limit asks for it, and nowhere else.</summary>
    public static string Figure(string label, long used, long limit) => limit > 0 ? $"{Moment.Number(used)} of {Moment.Number(limit)}" : label == RecipientsLabel ? "not counted: no limit" : $"{Moment.Number(used)}, no limit";

    /// <summary>Near its limit is a warning, at it is a reason why mail waits.</summary>
    public static string Colour(string label, long used, long limit) => limit > 0 && used >= limit && label != ConnectionsLabel ? "warn" : "accent";
}
