namespace Postrider.Mail.Alerts;

/// <summary>A receiver of events over HTTP.</summary>
/// <param name="Events">The types it gets; empty means <see cref="EventType.Usual"/>.</param>
/// <param name="DisabledReason">Why it was switched off by itself; null when it was not.</param>
/// <param name="FailingSince">Since when no delivery has succeeded; null when the last one did.</param>
public sealed record Webhook(string Id, string Name, Uri Url, IReadOnlyList<string> Events, bool Enabled, string? DisabledReason,
    DateTimeOffset? FailingSince, string? LastError, DateTimeOffset CreatedAt)
{
    public bool Wants(string type) => Enabled && (Events.Count == 0 ? EventType.Usual : Events).Contains(type);
}

/// <summary>One event on its way to one receiver.</summary>
/// <param name="State">pending, delivered or failed.</param>
/// <param name="Status">The last answer's HTTP status.</param>
public sealed record WebhookDelivery(string Id, string Type, string State, int Attempts, DateTimeOffset? DueAt, int? Status, string? Error,
    DateTimeOffset CreatedAt, DateTimeOffset? LastAt);

internal sealed class WebhookRow
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public string Url { get; init; } = "";
    public string Events { get; init; } = "";
    public string Secret { get; init; } = "";
    public string? PreviousSecret { get; init; }
    public long? PreviousUntil { get; init; }
    public bool Enabled { get; init; }
    public string? DisabledReason { get; init; }
    public long? FailingSince { get; init; }
    public string? LastError { get; init; }
    public long CreatedAt { get; init; }

    public Webhook ToWebhook() => new(Id, Name, new Uri(Url), Events.Split(' ', StringSplitOptions.RemoveEmptyEntries), Enabled, DisabledReason,
        FailingSince is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null, LastError, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt));
}

internal sealed class WebhookDeliveryRow
{
    public string Id { get; init; } = "";
    public string WebhookId { get; init; } = "";
    public string Type { get; init; } = "";
    public string Payload { get; init; } = "";
    public string State { get; init; } = "";
    public int Attempts { get; init; }
    public long DueAt { get; init; }
    public int? Status { get; init; }
    public string? Error { get; init; }
    public long CreatedAt { get; init; }
    public long? LastAt { get; init; }

    public WebhookDelivery ToDelivery() => new(Id, Type, State, Attempts, State == "pending" ? DateTimeOffset.FromUnixTimeMilliseconds(DueAt) : null, Status, Error,
        DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt), LastAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
}
