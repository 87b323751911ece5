using System.Threading.RateLimiting;

namespace Postrider.Server.Console.People;

/// <summary>How often somebody may try from one address, in a minute: 20 times to sign in, and 10 times with one-time links or answers to
/// sign-ins that are not known here. One name is locked after five wrong passwords (<see cref="PeopleDirectory.FailuresBeforeLock"/>).</summary>
internal sealed class SignInRates : IDisposable
{
    private const int SignInsAMinute = 20, GuessesAMinute = 10;

    private readonly PartitionedRateLimiter<string> signIns = ByAddress(SignInsAMinute), guesses = ByAddress(GuessesAMinute);

    public bool Allows(HttpContext context)
    {
        using var lease = signIns.AttemptAcquire(Address(context));
        return lease.IsAcquired;
    }

    /// <summary>A one-time secret was not known here.</summary>
    public void Guessed(HttpContext context) => guesses.AttemptAcquire(Address(context)).Dispose();

    /// <summary>Whether an address may show a one-time secret: it has not shown too many that were wrong.</summary>
    public bool MayGuess(HttpContext context) => guesses.GetStatistics(Address(context)) is not { CurrentAvailablePermits: 0 };

    private static PartitionedRateLimiter<string> ByAddress(int permits) => PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new() { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    public void Dispose()
    {
        signIns.Dispose();
        guesses.Dispose();
    }
}
