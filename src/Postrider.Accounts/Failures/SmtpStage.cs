namespace Postrider.Accounts.Failures;

/// <summary>How far an SMTP session had come when something went wrong.</summary>
public enum SmtpStage
{
    /// <summary>Finding the server's address and opening the connection.</summary>
    Connect,

    /// <summary>STARTTLS and the TLS handshake.</summary>
    Tls,

    /// <summary>The server's first line.</summary>
    Greeting,

    /// <summary>EHLO, before or after TLS.</summary>
    Ehlo,

    /// <summary>AUTH.</summary>
    Auth,

    /// <summary>MAIL FROM.</summary>
    Mail,

    /// <summary>RCPT TO.</summary>
    Rcpt,

    /// <summary>DATA or BDAT, until the last octet of the message is sent.</summary>
    Data,

    /// <summary>The reply to the whole message, after the final dot.</summary>
    Final,

    /// <summary>RSET, NOOP or QUIT on a session kept between two messages: nothing is in flight.</summary>
    Reset,
}
