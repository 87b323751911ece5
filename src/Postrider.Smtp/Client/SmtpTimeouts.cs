namespace Postrider.Smtp;

/// <summary>How long we wait for what. The RFC's figures are minimums for a client (RFC 5321 section 4.5.3.2):
/// a shorter wait after the final dot makes duplicates.</summary>
public sealed record SmtpTimeouts
{
    public static readonly TimeSpan DefaultResolve = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DefaultConnect = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DefaultTls = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan DefaultGreeting = TimeSpan.FromMinutes(5);      // 4.5.3.2.1
    public static readonly TimeSpan DefaultCommand = TimeSpan.FromMinutes(5);       // EHLO, AUTH, RSET: as for MAIL
    public static readonly TimeSpan DefaultMail = TimeSpan.FromMinutes(5);          // 4.5.3.2.2
    public static readonly TimeSpan DefaultRcpt = TimeSpan.FromMinutes(5);          // 4.5.3.2.3
    public static readonly TimeSpan DefaultData = TimeSpan.FromMinutes(2);          // 4.5.3.2.4: until 354
    public static readonly TimeSpan DefaultContentBlock = TimeSpan.FromMinutes(3);  // 4.5.3.2.5
    public static readonly TimeSpan DefaultFinalReply = TimeSpan.FromMinutes(10);   // 4.5.3.2.6
    public static readonly TimeSpan DefaultQuit = TimeSpan.FromSeconds(5);          // courtesy; nothing depends on it

    public TimeSpan Resolve { get; init; } = DefaultResolve;

    /// <summary>For each address that the name has.</summary>
    public TimeSpan Connect { get; init; } = DefaultConnect;

    public TimeSpan Tls { get; init; } = DefaultTls;
    public TimeSpan Greeting { get; init; } = DefaultGreeting;

    /// <summary>EHLO, STARTTLS, each step of AUTH, RSET and NOOP.</summary>
    public TimeSpan Command { get; init; } = DefaultCommand;

    public TimeSpan Mail { get; init; } = DefaultMail;
    public TimeSpan Rcpt { get; init; } = DefaultRcpt;
    public TimeSpan Data { get; init; } = DefaultData;
    public TimeSpan ContentBlock { get; init; } = DefaultContentBlock;
    public TimeSpan FinalReply { get; init; } = DefaultFinalReply;
    public TimeSpan Quit { get; init; } = DefaultQuit;
}
