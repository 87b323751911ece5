using System.Text.Json.Nodes;

namespace Postrider.Client;

/// <summary>Something that is or was wrong.</summary>
public sealed record AlertView
{
    public required string Id { get; init; }

    /// <summary>open or recovered.</summary>
    public required string State { get; init; }

    /// <summary>For example provider.attention, secret.expiry, certificate.expiry, queue.age, queue.quarantine, database.transaction, storage, webhook, node, audit.</summary>
    public required string Kind { get; init; }

    /// <summary>warning or error.</summary>
    public required string Severity { get; init; }

    /// <summary>The provider that it is about.</summary>
    public string? Provider { get; init; }

    /// <summary>One sentence.</summary>
    public required string Title { get; init; }
    public required string Detail { get; init; }

    /// <summary>What to do; lines that begin with four blanks are commands.</summary>
    public required string Remedy { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was told of last.</summary>
    public required DateTimeOffset ToldAt { get; init; }

    /// <summary>How often it was told again.</summary>
    public required int Reminders { get; init; }
    public DateTimeOffset? RecoveredAt { get; init; }
}

/// <summary>Who gets alert mail.</summary>
public sealed record AlertMailSettings
{
    /// <summary>Addresses; empty sends none.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>The provider that it goes through; left out: any that is ready. It never goes through the one that it is about.</summary>
    public string? Provider { get; init; }
}

/// <summary>Something that happened. Ids ascend: ask again with the last one as cursor.</summary>
public sealed record EventView
{
    public required string Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>alert.opened, alert.reminded, alert.recovered, message.failed, message.sent, message.bounced or message.delivered.</summary>
    public required string Type { get; init; }
    public string? Provider { get; init; }
    public string? Message { get; init; }
    public string? Alert { get; init; }
    public required JsonObject Data { get; init; }
}

/// <summary>A receiver of events to add or change. What is left out stays as it is when changing.</summary>
public sealed record WebhookInput
{
    /// <summary>Letters, digits, <c>.</c>, <c>-</c> and <c>_</c>; unique.</summary>
    public string? Name { get; init; }

    /// <summary>https, or http to this machine.</summary>
    public string? Url { get; init; }

    /// <summary>The types it gets; empty: alert.opened, alert.reminded, alert.recovered, message.failed and message.bounced.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Switching on clears why it was switched off.</summary>
    public bool? Enabled { get; init; }
}

public record WebhookView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Url { get; init; }
    public required IReadOnlyList<string> Events { get; init; }
    public required bool Enabled { get; init; }

    /// <summary>Why it was switched off by itself, for example after 410.</summary>
    public string? DisabledReason { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public string? LastError { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The answer to a new webhook or a new secret: the only time that it is shown.</summary>
public sealed record WebhookCreated : WebhookView
{
    /// <summary>Signs each request as Standard Webhooks describes; <c>whsec_</c> and base64.</summary>
    public required string Secret { get; init; }
}

/// <summary>One event on its way to one receiver.</summary>
public sealed record WebhookDeliveryView
{
    /// <summary>The <c>webhook-id</c>: the same at each attempt.</summary>
    public required string Id { get; init; }
    public required string Type { get; init; }

    /// <summary>pending, delivered or failed.</summary>
    public required string State { get; init; }
    public required int Attempts { get; init; }

    /// <summary>When it is tried next.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The last answer's HTTP status.</summary>
    public int? Status { get; init; }
    public string? Error { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastAt { get; init; }
}

/// <summary>What is known about something that a provider says.</summary>
public sealed record FailureView
{
    /// <summary>Stable name, and anchor in docs/failures.md.</summary>
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string Cause { get; init; }

    /// <summary>What to do; lines that begin with four blanks are commands.</summary>
    public required string Remedy { get; init; }

    /// <summary>permanent, transient, rateLimited, configuration or authentication.</summary>
    public required string Class { get; init; }

    /// <summary>Somebody has to sign in as the mailbox again.</summary>
    public required bool NeedsConsent { get; init; }

    /// <summary>The application's secret or certificate has to be changed.</summary>
    public required bool NeedsSecret { get; init; }

    /// <summary>False: no entry knows it, and the cause quotes what was said.</summary>
    public required bool Known { get; init; }

    /// <summary>As the provider would say it.</summary>
    public string? Example { get; init; }

    /// <summary>The vendor's page about it.</summary>
    public Uri? Documentation { get; init; }
}
