using System.Globalization;

namespace Postrider.Smtp;

/// <summary>How a session is protected. There is no "when available": what is asked for happens or the connection fails.</summary>
public enum SmtpSecurity
{
    /// <summary>Clear text until STARTTLS, which must be offered (RFC 3207; port 587).</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314; port 465).</summary>
    Tls,

    /// <summary>Clear text. Credentials are then sent to loopback addresses only.</summary>
    None,
}

/// <summary>Where a provider listens.</summary>
/// <param name="Host">A host name or an address; the certificate must be valid for it.</param>
public sealed record SmtpEndpoint(string Host, int Port, SmtpSecurity Security)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
