namespace Postrider.Smtp;

/// <summary>How far a session had come.</summary>
public enum SmtpStage
{
    Resolve,
    Connect,
    Tls,
    Greeting,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    Content,
    FinalReply,

    /// <summary>Between messages: RSET, NOOP, or nothing at all.</summary>
    Idle,
}

/// <summary>What ended a session, as a remedy needs to know it.</summary>
public enum SmtpFault
{
    /// <summary>The name has no address, or none that may be used.</summary>
    NotResolved,

    /// <summary>No address accepted a connection.</summary>
    Unreachable,

    /// <summary>The server was silent for longer than the stage allows.</summary>
    TimedOut,

    /// <summary>The server or the network ended the connection.</summary>
    Closed,

    /// <summary>What came was not SMTP.</summary>
    NotSmtp,

    /// <summary>The server answered in a proper reply that it does not want this session.</summary>
    Refused,

    /// <summary>STARTTLS was required and not offered, or refused: perhaps somebody between us and the server removed it.</summary>
    NoStartTls,

    /// <summary>Bytes in clear text lay behind the answer to STARTTLS: somebody may have put them there.</summary>
    InjectedBytes,

    /// <summary>The handshake failed before a certificate was judged, as with TLS 1.1 and older.</summary>
    TlsFailed,

    CertificateExpired,
    CertificateNameMismatch,
    CertificateUntrusted,
}

/// <summary>The session is over, and not because a command was refused. The message says in plain words what happened.</summary>
public sealed class SmtpConnectionException(SmtpStage stage, SmtpFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public SmtpStage Stage { get; } = stage;

    public SmtpFault Fault { get; } = fault;

    /// <summary>The reply that ended the session, when a reply did: a greeting of 421 or 554, a refused EHLO or STARTTLS.</summary>
    public SmtpReply? Reply { get; init; }

    /// <summary>What the server showed, where its certificate was not accepted.</summary>
    public IReadOnlyList<ShownCertificate> Chain { get; init; } = [];
}
