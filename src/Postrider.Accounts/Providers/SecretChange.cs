namespace Postrider.Accounts.Providers;

/// <summary>What a request does to a secret: nothing (the default), remove it, or set it. Never shows the secret.</summary>
public readonly struct SecretChange : IEquatable<SecretChange>
{
    private SecretChange(bool removes, string? value)
    {
        Removes = removes;
        Value = value;
    }

    public static SecretChange Keep => default;
    public static SecretChange Remove => new(true, null);

    public bool Removes { get; }
    internal string? Value { get; }
    internal bool Keeps => !Removes && Value is null;

    /// <summary>White space around a secret comes from copying and is dropped; an empty one changes nothing.</summary>
    public static SecretChange To(string secret) => secret.Trim() is { Length: > 0 } value ? new(false, value) : Keep;

    /// <summary>Whether the secret is there after the change.</summary>
    internal bool Leaves(bool wasThere) => Keeps ? wasThere : !Removes;

    public bool Equals(SecretChange other) => Removes == other.Removes && Value == other.Value;
    public override bool Equals(object? obj) => obj is SecretChange change && Equals(change);
    public override int GetHashCode() => HashCode.Combine(Removes, Value);
    public override string ToString() => Keeps ? "unchanged" : Removes ? "removed" : "***";
    public static bool operator ==(SecretChange left, SecretChange right) => left.Equals(right);
    public static bool operator !=(SecretChange left, SecretChange right) => !left.Equals(right);
}
