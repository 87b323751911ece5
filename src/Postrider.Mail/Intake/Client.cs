using Postrider.Smtp;

namespace Postrider.Mail.Intake;

/// <summary>An application or device that may hand in mail.</summary>
public sealed record Client
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string UserName { get; init; }

    /// <summary>From here it needs no password.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Networks { get; init; } = [];

    /// <summary>Addresses, or domains written as <c>@example.org</c>, that it may send as. Empty: any.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    public string? ProviderId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>How many messages it may hand in within 24 hours; zero: any number.</summary>
    public int MessagesPerDay { get; init; }

    /// <summary>What may have been sent waits for a person to decide, where it is sent again otherwise.</summary>
    public bool HoldUncertain { get; init; }

    /// <summary>Until when the password before this one works too; null when there is none.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>When something last signed in with the password before this one: it has not been given the new one yet.</summary>
    public DateTimeOffset? PreviousUsedAt { get; init; }

    /// <summary>It has signed in with the password before this one.</summary>
    public bool UsesPrevious { get; init; }

    /// <summary>Without regard to case, and to how an international domain is written. What is no address may not be sent as.</summary>
    public bool MaySendAs(string address) => Senders.Count == 0
        || (SmtpAddress.TryParse(address, out var sender) && Senders.Any(allowed => allowed.StartsWith('@')
            ? SmtpAddress.TryParse("x" + allowed, out var domain) && domain.AsciiDomain == sender.AsciiDomain
            : SmtpAddress.TryParse(allowed, out var one) && one.AsciiDomain == sender.AsciiDomain
                && one.LocalPart.Equals(sender.LocalPart, StringComparison.OrdinalIgnoreCase)));

    /// <returns>Null when it may send as that author or sender.</returns>
    public Refusal? Refuses(string address) => MaySendAs(address) ? null
        : new Refusal(550, "5.7.1", $"{Name} may not send as {address}. Add the address to the client's senders, or send as one of them.");
}
