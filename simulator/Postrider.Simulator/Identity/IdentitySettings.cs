namespace Postrider.Simulator;

/// <summary>What happens to a refresh token when it is used.</summary>
public enum RotationMode
{
    /// <summary>A new one comes with every answer, the old one stays valid (reference 1.5).</summary>
    Microsoft,

    /// <summary>The old one stays valid for <see cref="IdentitySettings.GraceSeconds"/>, then using it kills the family.</summary>
    Grace,

    /// <summary>Using the old one revokes the whole family (RFC 9700 §4.14.2).</summary>
    Strict,

    /// <summary>No new one in the answer; the client keeps what it has (Google, reference 5.1).</summary>
    None,
}

/// <summary>How the identity platform behaves when nothing is broken on purpose. Times are in seconds.</summary>
public sealed record IdentitySettings
{
    public RotationMode Rotation { get; init; } = RotationMode.Microsoft;

    public int GraceSeconds { get; init; } = 30;

    /// <summary>Microsoft draws 60–90 minutes at random; a constant of 75 keeps tests repeatable (reference 1.8).</summary>
    public int AccessTokenSeconds { get; init; } = 4500;

    public int CodeSeconds { get; init; } = 600;

    public int DeviceCodeSeconds { get; init; } = 900;

    public int DeviceIntervalSeconds { get; init; } = 5;

    /// <summary>A refresh token that nobody uses for so long is dead (AADSTS700082).</summary>
    public int RefreshTokenIdleSeconds { get; init; } = 90 * 24 * 3600;
}
