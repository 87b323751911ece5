namespace Postrider.Server.Submission;

/// <summary>Settings of the SMTP door, section <c>Submission</c> of the configuration.</summary>
public sealed class SubmissionOptions
{
    public const string Section = "Submission";

    /// <summary>Programs on this machine may hand in mail without a password.</summary>
    public bool TrustLoopback { get; set; } = true;

    /// <summary>PEM file with the certificate of the SMTP door; with it STARTTLS is offered, and AUTH to other machines.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file with the certificate's private key; empty when it stands in the same file.</summary>
    public string CertificateKey { get; set; } = "";

    public int MaxConnections { get; set; } = 2000;
    public int MaxConnectionsPerAddress { get; set; } = 500;

    /// <summary>How long a client may take for its next command (RFC 5321 section 4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a client may take for its next piece of a message (RFC 5321 section 4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How slowly a client may send a message, in octets a second on average; slower ones only hold a connection.</summary>
    public int MinBytesPerSecond { get; set; } = 500;

    /// <summary>How long one connection may last.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>So many commands of one connection may be refused in a row before it is closed.</summary>
    public int MaxErrors { get; set; } = 20;

    /// <summary>So many wrong passwords from one address within ten minutes, and it has to wait.</summary>
    public int MaxAuthFailures { get; set; } = 10;

    public IEnumerable<string> Validate()
    {
        if (Certificate.Length > 0 && !File.Exists(Certificate))
            yield return $"{Section}:Certificate names {Certificate}, which does not exist. Give the path of a PEM file.";
        if (CertificateKey.Length > 0 && !File.Exists(CertificateKey))
            yield return $"{Section}:CertificateKey names {CertificateKey}, which does not exist. Give the path of a PEM file.";
        if (MaxConnections < 1 || MaxConnectionsPerAddress < 1)
            yield return $"{Section}:MaxConnections and MaxConnectionsPerAddress must be at least 1.";
        if (CommandTimeout <= TimeSpan.Zero || DataTimeout <= TimeSpan.Zero || SessionTimeout <= TimeSpan.Zero)
            yield return $"{Section}: the time-outs must be longer than zero, as in \"00:05:00\".";
    }
}
