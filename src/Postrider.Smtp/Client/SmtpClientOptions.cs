using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Smtp;

/// <summary>How the sending session introduces itself, whom it trusts and how long it waits.</summary>
public sealed class SmtpClientOptions
{
    /// <summary>What EHLO says: our public host name. Null: the address literal of the local end (RFC 5321 section 4.1.4).</summary>
    public string? LocalName { get; init; }

    public SmtpTimeouts Timeouts { get; init; } = new();

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>"Trust this CA": roots that count besides the system's store. Every other check stays; there is no switch that drops one.</summary>
    public X509Certificate2Collection? AdditionalRoots { get; init; }

    /// <summary>Ask the certificate's issuer whether it was revoked. Costs a request to the issuer; fails closed.</summary>
    public bool CheckRevocation { get; init; }

    /// <summary>Judges each resolved address; we connect to no address that it refuses, and only to addresses that were judged
    /// (a name that resolves differently a second time gains nothing). Null: every address.</summary>
    public Func<IPAddress, bool>? IsAddressAllowed { get; init; }

    /// <summary>Told of each stage as it begins, for whoever measures or has to say where time went. A stage may come twice, as EHLO does around STARTTLS.</summary>
    public Action<SmtpStage>? Entering { get; init; }
}
