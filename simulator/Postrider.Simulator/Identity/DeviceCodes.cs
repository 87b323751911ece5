using System.Security.Cryptography;

namespace Postrider.Simulator;

/// <summary>A sign-in that a device began and a person has to finish (RFC 8628).</summary>
internal sealed class DeviceSignIn
{
    public required string DeviceCode { get; init; }

    public required string UserCode { get; init; }

    public required Application Application { get; init; }

    public required TenantPath Tenant { get; init; }

    public required ScopeRequest Scope { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required TimeSpan Interval { get; set; }

    public DateTimeOffset? LastPoll { get; set; }

    public Grant? Grant { get; set; }

    public bool Declined { get; set; }

    public bool Redeemed { get; set; }
}

/// <summary>The device sign-ins under way.</summary>
internal sealed class DeviceCodes(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DeviceSignIn> _byDevice = [];

    public DeviceSignIn Begin(Application application, TenantPath tenant, ScopeRequest scope, IdentitySettings settings)
    {
        var signIn = new DeviceSignIn
        {
            DeviceCode = GrantStore.NewSecret("D"),
            // Letters and digits that nobody confuses, nine of them as Microsoft's.
            UserCode = RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 9),
            Application = application,
            Tenant = tenant,
            Scope = scope,
            ExpiresAt = time.GetUtcNow().AddSeconds(settings.DeviceCodeSeconds),
            Interval = TimeSpan.FromSeconds(settings.DeviceIntervalSeconds),
        };
        lock (_lock)
            _byDevice[signIn.DeviceCode] = signIn;
        return signIn;
    }

    public DeviceSignIn? Find(string? userCode)
    {
        var code = userCode?.Trim().Replace("-", "", StringComparison.Ordinal);
        lock (_lock)
            return _byDevice.Values.FirstOrDefault(d => d.UserCode.Equals(code, StringComparison.OrdinalIgnoreCase)
                && d is { Grant: null, Declined: false } && d.ExpiresAt > time.GetUtcNow());
    }

    public void Finish(DeviceSignIn signIn, Grant? grant)
    {
        lock (_lock)
            (signIn.Grant, signIn.Declined) = (grant, grant is null);
    }

    /// <summary>What a device gets that asks: the grant, or the error that tells it what to do (RFC 8628 §3.5).</summary>
    public AadError? Poll(string deviceCode, Application application, out Grant? grant)
    {
        grant = null;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_byDevice.TryGetValue(deviceCode, out var signIn) || signIn.Application.ClientId != application.ClientId)
                return AadErrors.Of(70018);
            if (signIn.Redeemed)
                return AadErrors.Of(54005);
            if (signIn.ExpiresAt <= now)
                return AadErrors.Of(70019);
            if (signIn.Declined)
                return AadErrors.Of(65004) with { Error = "authorization_declined" };
            var tooSoon = signIn.LastPoll is { } last && now - last < signIn.Interval;
            signIn.LastPoll = now;
            if (tooSoon)
            {
                signIn.Interval += TimeSpan.FromSeconds(5);
                return AadErrors.Of(70016, "The client polls faster than the interval allows.") with { Error = "slow_down" };
            }
            if (signIn.Grant is null)
                return AadErrors.Of(70016);
            signIn.Redeemed = true;
            grant = signIn.Grant;
            return null;
        }
    }

    public void Clear()
    {
        lock (_lock)
            _byDevice.Clear();
    }
}
