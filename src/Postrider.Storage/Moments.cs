namespace Postrider.Storage;

/// <summary>Moments as they are stored, in milliseconds since 1970.</summary>
public static class Moments
{
    /// <summary>Later than every moment that is waited for: the year 9999.</summary>
    public const long Never = 253_370_764_800_000;
}
