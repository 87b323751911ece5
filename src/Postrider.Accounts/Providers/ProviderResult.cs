namespace Postrider.Accounts.Providers;

/// <summary>A remark about one member of a provider: what is wrong with it and what to write instead.</summary>
/// <param name="Member">The name on the wire, for example <c>clientSecret</c>.</param>
public sealed record FieldNote(string Member, string Message);

/// <summary>What became of a change to a provider.</summary>
public abstract record ProviderResult
{
    private ProviderResult() { }

    /// <summary>The change is on disk.</summary>
    public sealed record Saved(Provider Provider) : ProviderResult;

    public sealed record Removed(Provider Provider) : ProviderResult;

    /// <summary>Nothing was changed: these members cannot be accepted.</summary>
    public sealed record Invalid(IReadOnlyList<FieldNote> Errors) : ProviderResult;

    /// <summary>There is no such provider.</summary>
    public sealed record Unknown : ProviderResult;

    /// <summary>Nothing was changed, because of the state of things.</summary>
    public sealed record Refused(string Cause, string Remedy) : ProviderResult;
}
