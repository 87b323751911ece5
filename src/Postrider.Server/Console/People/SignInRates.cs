using System.Threading.RateLimiting;

namespace Postrider.Server.Console.People;

/// <summary>How often somebody may try to sign in, or a one-time link, from one address: 20 times a minute.</summary>
internal sealed class SignInRates : IDisposable
{
    private readonly PartitionedRateLimiter<string> byAddress = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new() { PermitLimit = 20, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    public bool Allows(HttpContext context)
    {
        using var lease = byAddress.AttemptAcquire(context.Connection.RemoteIpAddress?.ToString() ?? "");
        return lease.IsAcquired;
    }

    public void Dispose() => byAddress.Dispose();
}
