namespace Postrider.Client;

/// <summary>An application or device that may hand in mail over SMTP.</summary>
public sealed record ClientInput
{
    public string Name { get; init; } = "";

    /// <summary>SMTP user name; the client's name when left out.</summary>
    public string? UserName { get; init; }

    /// <summary>Networks (CIDR) from which it may send without a password.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Addresses or <c>@domains</c> it may send as; empty means any address that its provider allows.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    public string? Provider { get; init; }

    /// <summary>How many messages it may hand in within 24 hours; any number when left out.</summary>
    public int? MessagesPerDay { get; init; }

    /// <summary>What happens to a message that may have been sent, because the provider's answer never came: <c>retry</c> (the default)
    /// sends it again, <c>hold</c> has a person decide.</summary>
    public string? Uncertain { get; init; }
}

/// <summary>What happens to a message of which nobody knows whether it was sent.</summary>
public static class UncertainMail
{
    public const string Retry = "retry", Hold = "hold";
}

/// <summary>What of a client is to change; members that are left out stay.</summary>
public sealed record ClientChange
{
    public IReadOnlyList<string>? Networks { get; init; }
    public IReadOnlyList<string>? Senders { get; init; }

    /// <summary>An empty text leaves the choice to the usual rules.</summary>
    public string? Provider { get; init; }

    /// <summary>Zero: any number.</summary>
    public int? MessagesPerDay { get; init; }

    /// <summary><c>retry</c> or <c>hold</c>; it counts for mail handed in from now on.</summary>
    public string? Uncertain { get; init; }
}

/// <summary>Asks for another password.</summary>
public sealed record ClientRotation
{
    /// <summary>How long the old password works beside the new one; zero ends it now.</summary>
    public int KeepOldHours { get; init; } = 24;
}

public record ClientView
{
    public required string Name { get; init; }
    public required string UserName { get; init; }
    public required IReadOnlyList<string> Networks { get; init; }
    public required IReadOnlyList<string> Senders { get; init; }
    public string? Provider { get; init; }
    public int? MessagesPerDay { get; init; }

    /// <summary><c>retry</c> or <c>hold</c>.</summary>
    public string Uncertain { get; init; } = UncertainMail.Retry;
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>Until when the password before the present one works too.</summary>
    public DateTimeOffset? PreviousPasswordUntil { get; init; }

    /// <summary>When something last signed in with it.</summary>
    public DateTimeOffset? PreviousPasswordUsedAt { get; init; }
}

/// <summary>The answer to a new client or another password: the only time that it is shown.</summary>
public sealed record ClientCreated : ClientView
{
    public required string Password { get; init; }
}

/// <summary>A key for the HTTP interface. Scopes: <c>admin</c> (everything), <c>send</c>, <c>read</c>.</summary>
public sealed record KeyInput
{
    public string Name { get; init; } = "";
    public IReadOnlyList<string> Scopes { get; init; } = [];
    public DateTimeOffset? ExpiresAt { get; init; }
}

public record KeyView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>The answer to a new key: the only time that it is shown.</summary>
public sealed record KeyCreated : KeyView
{
    public required string Key { get; init; }
}
