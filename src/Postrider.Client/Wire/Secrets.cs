namespace Postrider.Client;

/// <summary>A key that stored secrets are sealed with. The key itself is never shown.</summary>
public sealed record SecretKeyView
{
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether new secrets are sealed with it.</summary>
    public required bool Current { get; init; }

    /// <summary>Whether it lies in the key ring locked with a passphrase or a certificate.</summary>
    public required bool Locked { get; init; }

    /// <summary>How many stored secrets are sealed with it.</summary>
    public required long Secrets { get; init; }
}

/// <summary>The key ring, and how far a rotation has come.</summary>
public sealed record SecretsView
{
    /// <summary>The youngest first.</summary>
    public required IReadOnlyList<SecretKeyView> Keys { get; init; }

    /// <summary>Stored secrets whose key the ring does not hold: they have to be entered again.</summary>
    public required long SecretsWithoutKey { get; init; }

    /// <summary>Whether secrets are being sealed anew.</summary>
    public required bool Rotating { get; init; }

    /// <summary>When the last rotation began; null before the first.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
