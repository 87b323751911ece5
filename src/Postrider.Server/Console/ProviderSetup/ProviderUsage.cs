using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>What of its limits a provider uses.</summary>
/// <param name="Activity">Null when nothing was sent through it since the start.</param>
/// <param name="InMinute">Messages of the last minute, where they are counted.</param>
/// <param name="InDay">Recipients of the last 24 hours, where they are counted.</param>
internal sealed record ProviderUsage(SendingLimits Limits, ProviderActivity? Activity, long InMinute, long InDay)
{
    private static readonly Phrase ConnectionsLabel = T["Connections"], RecipientsLabel = T["Recipients, last 24 hours"];

    public int Lanes => Activity?.Lanes ?? 0;

    /// <summary>After a "too fast" it goes slower than allowed for a while.</summary>
    public bool IsSlowed => Activity is { } now && Limits.MessagesPerMinute > 0 && now.Limits.MessagesPerMinute > 0 && now.Limits.MessagesPerMinute < Limits.MessagesPerMinute;

    public IEnumerable<(Phrase Label, long Used, long Limit)> Rows =>
        [(T["Messages, last minute"], Math.Max(InMinute, Activity?.SentInLastMinute ?? 0), Limits.MessagesPerMinute), (RecipientsLabel, InDay, Limits.RecipientsPerDay), (ConnectionsLabel, Lanes, Limits.Connections)];

    /// <summary>Recipients are counted where a limit asks for it, and nowhere else.</summary>
    public static string Figure(Phrase label, long used, long limit) => limit > 0 ? T["{0} of {1}", Moment.Number(used), Moment.Number(limit)] : label == RecipientsLabel ? T["not counted: no limit"] : T["{0}, no limit", Moment.Number(used)];

    /// <summary>Near its limit is a warning, at it is a reason why mail waits.</summary>
    public static string Colour(Phrase label, long used, long limit) => limit > 0 && used >= limit && label != ConnectionsLabel ? "warn" : "accent";
}
