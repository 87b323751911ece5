using Postrider.Accounts.Watch;

namespace Postrider.Mail.Alerts;

/// <summary>Something that is or was wrong, from the moment it was seen to the moment it was gone.</summary>
public sealed record Incident(string Id, string Kind, FindingSeverity Severity, string? ProviderId, string Title, string Detail, string Remedy,
    int Reminders, DateTimeOffset OpenedAt, DateTimeOffset ToldAt, DateTimeOffset? RecoveredAt)
{
    public bool Open => RecoveredAt is null;
}

/// <summary>What is told of an incident.</summary>
public enum IncidentTurn
{
    Opened,
    Reminded,
    Recovered,
}

/// <summary>A row of <c>incidents</c>.</summary>
internal sealed class IncidentRow
{
    public string Id { get; init; } = "";
    public string Cause { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Severity { get; init; } = "";
    public string? ProviderId { get; init; }
    public string Title { get; init; } = "";
    public string Detail { get; init; } = "";
    public string Remedy { get; init; } = "";
    public int Step { get; init; }
    public int Reminders { get; init; }
    public long OpenedAt { get; init; }
    public long ToldAt { get; init; }
    public long? RecoveredAt { get; init; }

    public Incident ToIncident() => new(Id, Kind, Severity == "error" ? FindingSeverity.Error : FindingSeverity.Warning, ProviderId, Title, Detail, Remedy, Reminders,
        DateTimeOffset.FromUnixTimeMilliseconds(OpenedAt), DateTimeOffset.FromUnixTimeMilliseconds(ToldAt),
        RecoveredAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
}
