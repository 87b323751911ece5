using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace Postrider.Server.Submission;

/// <summary>Makes guessing passwords slow: an address that was wrong too often waits until its failures are ten minutes old.
/// Passwords have 140 bits, so this protects the machine's time more than the passwords.</summary>
internal sealed class AuthThrottle(TimeProvider time, IOptions<SubmissionOptions> options)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private const int MostAddresses = 100_000;

    private readonly ConcurrentDictionary<IPAddress, (int Count, DateTimeOffset Since)> failures = new();

    public bool IsBlocked(IPAddress address) =>
        failures.TryGetValue(address, out var known) && known.Count >= options.Value.MaxAuthFailures && time.GetUtcNow() - known.Since < Window;

    public void Failed(IPAddress address)
    {
        SubmissionMeters.AuthFailures.Add(1);
        var now = time.GetUtcNow();
        if (failures.Count >= MostAddresses)
            foreach (var (old, known) in failures)
                if (now - known.Since >= Window)
                    failures.TryRemove(old, out _);
        failures.AddOrUpdate(address, (1, now), (_, known) => now - known.Since >= Window ? (1, now) : (known.Count + 1, known.Since));
    }

    public void Succeeded(IPAddress address) => failures.TryRemove(address, out _);
}
