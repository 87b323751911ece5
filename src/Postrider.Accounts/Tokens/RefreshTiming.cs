namespace Postrider.Accounts.Tokens;

/// <summary>When a token is renewed, and when a failed renewal is tried again.</summary>
internal static class RefreshTiming
{
    /// <summary>A token this close to its end is no longer handed out: clocks differ, and the sign-in takes a moment.</summary>
    public static readonly TimeSpan LastUse = TimeSpan.FromSeconds(5);

    /// <summary>Some servers refuse a token that is about to expire.</summary>
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    /// <summary>While something answers there, a failing endpoint is left in peace.</summary>
    private static readonly TimeSpan LongestBusyRetry = TimeSpan.FromMinutes(5);

    /// <summary>An attempt that reaches nobody costs nobody anything, so mail flows again soon after the network does.</summary>
    private static readonly TimeSpan LongestUnreachedRetry = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <param name="chance">From 0 to 1, so that not all providers renew in the same second.</param>
    /// <returns>Between 75 and 80 % of the token's life, and 10 minutes before its end where it lives long enough for that.</returns>
    public static DateTimeOffset RenewAt(DateTimeOffset issued, DateTimeOffset expires, double chance)
    {
        var life = expires - issued;
        var byShare = issued + (life * (0.75 + (0.05 * chance)));
        var byEnd = expires - BeforeEnd;
        return byEnd > issued + (life / 2) && byEnd < byShare ? byEnd : byShare;
    }

    /// <param name="failures">How many have failed in a row, 1 or more.</param>
    public static TimeSpan RetryIn(int failures, Arrival arrival, TimeSpan? retryAfter, double chance)
    {
        var longest = arrival == Arrival.NotSent ? LongestUnreachedRetry : LongestBusyRetry;
        var wait = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 10));
        wait = (wait < longest ? wait : longest) * (1 + (0.1 * chance));
        if (retryAfter is not { } asked)
            return wait;
        // What the server asks for binds; a little more spreads the callers.
        asked = asked < LongestRetryAfter ? asked : LongestRetryAfter;
        return asked > wait ? asked + TimeSpan.FromSeconds(chance) : wait;
    }
}
