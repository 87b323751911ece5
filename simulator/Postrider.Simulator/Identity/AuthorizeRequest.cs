namespace Postrider.Simulator;

/// <summary>A request to <c>/authorize</c> that was checked (reference 1.4).</summary>
internal sealed record AuthorizeRequest(TenantPath Tenant, Application Application, string RedirectUri, string ResponseMode, string? State)
{
    public ScopeRequest Scope { get; init; } = new([], []);

    public string? LoginHint { get; init; }

    public string? Prompt { get; init; }

    public string? Nonce { get; init; }

    public string? Challenge { get; init; }

    public bool ChallengeIsPlain { get; init; }

    /// <summary>Google's way to ask for a refresh token (reference 5.1).</summary>
    public bool AccessTypeOffline { get; init; }

    /// <summary>Whether the registration has this address. For loopback the port is ignored (reference 1.7).</summary>
    public static bool IsRegistered(Application application, string redirectUri)
    {
        if (application.RedirectUris.Contains(redirectUri, StringComparer.Ordinal))
            return true;
        return Uri.TryCreate(redirectUri, UriKind.Absolute, out var asked) && IsLoopback(asked) && asked.UserInfo.Length == 0
            && application.RedirectUris.Any(r => Uri.TryCreate(r, UriKind.Absolute, out var known) && IsLoopback(known)
                && known.Host == asked.Host && known.PathAndQuery == asked.PathAndQuery && asked.Fragment.Length == 0);
    }

    private static bool IsLoopback(Uri uri) => uri is { Scheme: "http", Host: "localhost" or "127.0.0.1" };
}

/// <summary>What the browser takes back to the application.</summary>
internal sealed record AuthorizeAnswer(string RedirectUri, string ResponseMode, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    public string AddressWith(IEnumerable<KeyValuePair<string, string>> fields)
    {
        var text = string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value)}"));
        var separator = ResponseMode == "fragment" ? '#' : RedirectUri.Contains('?') ? '&' : '?';
        return RedirectUri + separator + text;
    }
}

/// <summary>Where a step of the sign-in leads.</summary>
internal abstract record AuthorizeStep
{
    /// <summary>The request is good: somebody has to choose an account.</summary>
    public sealed record Choose(AuthorizeRequest Request) : AuthorizeStep;

    /// <summary>Back to the application, with a code or an error.</summary>
    public sealed record Return(AuthorizeAnswer Answer) : AuthorizeStep;

    /// <summary>The request cannot be trusted so far that one might redirect: an error page.</summary>
    public sealed record Stop(AadError Error) : AuthorizeStep;
}
