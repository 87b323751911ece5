namespace Postrider.Simulator;

/// <summary>The pretended world: who exists, what was granted, what arrived, and what goes wrong next.
/// Tests in the same process change it directly, others through the control API; both are safe while requests run.</summary>
public sealed class SimulatorState
{
    private readonly SimulatorOptions _options;
    private volatile IdentitySettings _identity;
    private volatile SmtpSettings _smtp;

    public SimulatorState(SimulatorOptions options)
    {
        _options = options;
        _identity = options.Identity;
        _smtp = options.SmtpSettings;
        Time = options.Time;
        Messages = new MessageStore(options.RawBytesKept);
        Limits = new MailboxLimits(Time);
        Grants = new GrantStore(Time);
        Devices = new DeviceCodes(Time);
        Tokens = new TokenIssuer(Time, options.CertificateDirectory is { } directory ? Path.Combine(directory, "tokens.key") : null);
        Seed.Fill(Directory);
    }

    public TimeProvider Time { get; }

    /// <summary>Tenants, applications and accounts.</summary>
    public TenantDirectory Directory { get; } = new();

    /// <summary>Replaced as a whole: <c>state.Identity = state.Identity with { ... }</c>.</summary>
    public IdentitySettings Identity { get => _identity; set => _identity = value; }

    /// <summary>Replaced as a whole: <c>state.Smtp = state.Smtp with { ... }</c>. Holds from the next command on.</summary>
    public SmtpSettings Smtp { get => _smtp; set => _smtp = value; }

    /// <summary>What the identity platform does wrong on demand.</summary>
    public IdentityFaults IdentityFaults { get; } = new();

    /// <summary>What the SMTP server does wrong on demand.</summary>
    public SmtpFaults SmtpFaults { get; } = new();

    public MessageStore Messages { get; }

    public Counters Counters { get; } = new();

    internal MailboxLimits Limits { get; }

    internal GrantStore Grants { get; }

    internal DeviceCodes Devices { get; }

    internal TokenIssuer Tokens { get; }

    internal MagicRecipients Magic { get; } = new();

    /// <summary>Revokes every grant of an account: its refresh tokens answer <paramref name="code"/> from now on.
    /// Access tokens live on, as they do at Microsoft (reference 1.8).</summary>
    public int RevokeGrants(string account, int code = 50173) => Grants.Revoke(account, code);

    /// <summary>Everything as at the start, except the signing key and the open connections.</summary>
    public void Reset()
    {
        Identity = _options.Identity;
        Smtp = _options.SmtpSettings;
        IdentityFaults.Clear();
        SmtpFaults.Clear();
        Grants.Clear();
        Devices.Clear();
        Magic.Clear();
        Limits.ForgetRates();
        Messages.Clear();
        Counters.Clear();
        Directory.Clear();
        Seed.Fill(Directory);
    }
}
