namespace Postrider.Accounts.Failures;

/// <summary>A failure without any reply from the other side.</summary>
public enum NetworkFault
{
    /// <summary>DNS has no address for the server, or no DNS server answered.</summary>
    NameNotFound,

    /// <summary>The machine answered, but nothing listens on the port.</summary>
    Refused,

    /// <summary>No route to the server.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The connection ended without a reply.</summary>
    ConnectionLost,

    /// <summary>The certificate chains to no authority in the system's trust store.</summary>
    CertificateNotTrusted,

    /// <summary>The certificate is for another name.</summary>
    CertificateWrongName,

    /// <summary>The certificate's validity has ended or not begun.</summary>
    CertificateExpired,

    /// <summary>No common TLS version or cipher, or the other side does not speak TLS on this port.</summary>
    TlsFailed,

    /// <summary>TLS is required and the server does not offer STARTTLS.</summary>
    TlsNotOffered,

    /// <summary>The server, or somebody in between, wrote clear text where the TLS handshake belongs (RFC 3207 section 6).</summary>
    ClearTextBehindStartTls,
}
