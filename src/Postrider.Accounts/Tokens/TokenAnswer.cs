namespace Postrider.Accounts.Tokens;

/// <summary>What came of a request to a token endpoint.</summary>
internal abstract record TokenAnswer
{
    private TokenAnswer() { }

    /// <param name="Lifetime">Counted from when the request left.</param>
    public sealed record Granted(string AccessToken, string? RefreshToken, string? IdToken, string? Scope, TimeSpan Lifetime) : TokenAnswer
    {
        public override string ToString() => "granted";
    }

    /// <summary>The identity platform has decided.</summary>
    /// <param name="Verbatim">Its own words, for people.</param>
    public sealed record Refused(string Error, string? Verbatim, OAuthExplanation Why) : TokenAnswer;

    /// <summary>Nobody was asked: what to ask with is stored and cannot be decrypted.</summary>
    public static Refused Unreadable(TokenVaultException wrong) => new("key_missing", null,
        new(wrong.Message, "Restore the key directory, or enter the secret and connect again.", OAuthRepair.Settings));

    /// <summary>A person has not finished yet (RFC 8628 section 3.5).</summary>
    public sealed record Pending(bool Slower) : TokenAnswer;

    /// <summary>No decision: nothing is known to be wrong with the grant.</summary>
    public sealed record Unavailable(OAuthExplanation Why, string? Verbatim, Arrival Arrival, TimeSpan? RetryAfter) : TokenAnswer;
}

/// <summary>How far a request without a decision got.</summary>
internal enum Arrival
{
    /// <summary>It never left.</summary>
    NotSent,

    /// <summary>It may have been carried out; its answer was lost.</summary>
    Unknown,

    /// <summary>It was turned away.</summary>
    TurnedAway,
}
