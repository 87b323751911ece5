namespace Postrider.Client;

/// <summary>A part of a list. Ask again with <c>cursor</c> set to <see cref="NextCursor"/> until it is null.</summary>
public sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }
    public string? NextCursor { get; init; }
}
