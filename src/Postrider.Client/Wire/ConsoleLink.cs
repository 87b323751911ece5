namespace Postrider.Client;

/// <summary>Whose link is wanted.</summary>
public sealed record ConsoleLinkQuestion
{
    /// <summary>The person who sets a new password with it; left out while there is no owner yet.</summary>
    public string? Name { get; init; }

    /// <summary>Also takes away codes and passkeys, for one who has lost the device.</summary>
    public bool? ResetWays { get; init; }
}

/// <summary>A link into the console that works once: to make the first owner, or to set a password.</summary>
public sealed record ConsoleLink
{
    public required string Url { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}
