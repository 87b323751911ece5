namespace Postrider.Simulator;

/// <summary>Ways in which TLS can go wrong.</summary>
public enum TlsFault
{
    None,

    /// <summary>A certificate that ended yesterday.</summary>
    Expired,

    /// <summary>A certificate for another name.</summary>
    WrongName,

    /// <summary>A certificate that no authority signed.</summary>
    SelfSigned,

    /// <summary>STARTTLS is not advertised and answered with 500.</summary>
    NotOffered,

    /// <summary>After the 220 to STARTTLS the server goes on in plain text.</summary>
    PlaintextReply,

    /// <summary>The connection is closed when the client's first TLS record arrives.</summary>
    ClosedInHandshake,

    /// <summary>Plain-text replies follow the 220 in the same packet; a client that keeps them has been injected (reference 8.4).</summary>
    InjectedReply,
}

/// <summary>Where the limit of connections shows itself.</summary>
public enum ConnectionLimitStage
{
    Auth,
    Data,
}

/// <summary>How the SMTP server behaves when nothing is broken on purpose. The defaults are Exchange Online's (reference 3.1),
/// without its limits. To play Google: mechanisms, <see cref="ChallengeOnFailure"/>, audience <c>https://mail.google.com/</c>.</summary>
public sealed record SmtpSettings
{
    public string HostName { get; init; } = "SIMULATOR.PROD.OUTLOOK.COM";

    public long MaxMessageBytes { get; init; } = 157286400;

    /// <summary>Mailbox default of Exchange (reference 3.5); the next recipient gets 452 4.5.3.</summary>
    public int MaxRecipients { get; init; } = 500;

    /// <summary>First words of the EHLO lines to leave out, such as <c>CHUNKING</c> or <c>SIZE</c>. What is hidden does not work either.</summary>
    public IReadOnlyList<string> Hide { get; init; } = [];

    /// <summary>Offered after TLS. Known: LOGIN, PLAIN, XOAUTH2, OAUTHBEARER.</summary>
    public IReadOnlyList<string> Mechanisms { get; init; } = ["LOGIN", "XOAUTH2"];

    /// <summary>Refuse a token with a 334 and JSON first, as Google does, instead of straight with 535 (reference 3.2).</summary>
    public bool ChallengeOnFailure { get; init; }

    /// <summary>Whether PLAIN and LOGIN work with <see cref="Account.Password"/>; otherwise 535 5.7.139.</summary>
    public bool PasswordsAllowed { get; init; }

    /// <summary>Reference 2.1: a token for Graph is not accepted.</summary>
    public IReadOnlyList<string> Audiences { get; init; } =
        ["https://outlook.office.com", "https://outlook.office365.com", "https://outlook.office365.us", "https://partner.outlook.cn"];

    public IReadOnlyList<string> Scopes { get; init; } = ["SMTP.Send", ScopeRequest.GoogleMail];

    /// <summary>Authenticated connections of one mailbox; Exchange has 3. 0 is no limit. Beyond: 432 4.3.2.</summary>
    public int ConnectionsPerMailbox { get; init; }

    public ConnectionLimitStage ConnectionLimitAt { get; init; } = ConnectionLimitStage.Auth;

    /// <summary>Messages of one mailbox in a sliding minute; Exchange has 30. 0 is no limit. Beyond: 421 4.4.2 at MAIL.</summary>
    public int MessagesPerMinute { get; init; }

    /// <summary>After so many messages the next MAIL gets 421. 0 is no limit.</summary>
    public int MessagesPerConnection { get; init; }

    /// <summary>Whether MAIL FROM must be a mailbox one may send as (550 5.7.60).</summary>
    public bool CheckSender { get; init; } = true;

    /// <summary>Whether From must be one (554 5.2.252) and be there once (550 5.7.512).</summary>
    public bool CheckFromHeader { get; init; } = true;

    public TlsFault Tls { get; init; }

    internal bool Has(string capability) => !Hide.Contains(capability, StringComparer.OrdinalIgnoreCase);
}
