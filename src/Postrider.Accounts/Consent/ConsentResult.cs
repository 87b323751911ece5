using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Consent;

/// <summary>Why a sign-in did not lead to a connected provider.</summary>
/// <param name="Verbatim">The identity platform's own words. They come from outside: show them as text and nothing else.</param>
public sealed record ConsentFailure(string Cause, string Remedy, string? Verbatim = null);

/// <summary>The answer to "start a sign-in".</summary>
public abstract record ConsentStart
{
    private ConsentStart() { }

    /// <param name="AuthorizeUrl">Where the browser goes.</param>
    /// <param name="State">What comes back with it, once, before <paramref name="ExpiresAt"/>.</param>
    public sealed record Started(Uri AuthorizeUrl, string State, DateTimeOffset ExpiresAt) : ConsentStart;

    public sealed record Refused(ConsentFailure Why) : ConsentStart;
}

/// <summary>The answer to a browser that came back.</summary>
public abstract record ConsentResult
{
    private ConsentResult() { }

    /// <summary>The path of the page that the sign-in was started on; empty when it was none.</summary>
    public string ReturnTo { get; init; } = "";

    /// <param name="Account">Who signed in, where the identity platform says so.</param>
    /// <param name="Notes">What may still keep mail from being sent.</param>
    public sealed record Connected(Provider Provider, string? Account, IReadOnlyList<FieldNote> Notes) : ConsentResult;

    /// <param name="Provider">Null when the answer belongs to no sign-in that was started here.</param>
    public sealed record Refused(ConsentFailure Why, Provider? Provider) : ConsentResult;
}
