namespace Postrider.Accounts.Tokens;

/// <summary>An access token as the provider's server wants it. Its text form hides the value.</summary>
public sealed record AccessToken(string Value, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"*** until {ExpiresAt:u}";
}

/// <summary>The answer to "may I have a token?".</summary>
public abstract record TokenResult
{
    private TokenResult() { }

    public sealed record Ready(AccessToken Token) : TokenResult;

    /// <summary>Not now, and nobody has to act. Asking before <paramref name="RetryAt"/> makes no request.</summary>
    public sealed record Later(string Reason, string Remedy, DateTimeOffset RetryAt) : TokenResult;

    /// <summary>Not before somebody acts. The provider's state says so already; its mail is held.</summary>
    public sealed record Broken(string Reason, string Remedy) : TokenResult;
}
