using System.Net;

namespace Postrider.Simulator;

/// <summary>How a simulator is started. Everything that may change while it runs is in <see cref="SimulatorState"/>.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Identity platform, control API and mailbox pages. Port 0 takes a free one.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>SMTP with STARTTLS.</summary>
    public IPEndPoint Smtp { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>SMTP with TLS from the first byte.</summary>
    public IPEndPoint Smtps { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Where <c>ca.pem</c> is written; an authority that is there already, with its key in <c>ca.key</c>, is used instead of a new one,
    /// and so is the key that signs tokens, <c>tokens.key</c>. Without it a temporary directory is used and removed at the end.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>The clock of the pretended world: lifetimes, rate limits, delays. Certificates use the machine's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many bytes of raw messages are kept; the oldest go first, their hashes stay. 0 keeps hashes only.</summary>
    public long RawBytesKept { get; init; } = 256L << 20;

    public IdentitySettings Identity { get; init; } = new();

    public SmtpSettings SmtpSettings { get; init; } = new();
}
