namespace Postrider.Smtp;

/// <summary>How much of the message a failure report should carry (RFC 3461 section 4.3).</summary>
public enum DsnReturn { Headers, Full }

/// <summary>When reports are wanted (RFC 3461 section 4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>The server's default: failure, and delay perhaps.</summary>
    Default = 0,
    Success = 1,
    Failure = 2,
    Delay = 4,

    /// <summary>No report at all; excludes the others.</summary>
    Never = 8,
}

/// <summary>What is asked of delivery reports. Sent to servers that offer DSN; others ignore it by not being told.</summary>
/// <param name="EnvelopeId">Comes back in reports; up to 100 characters of printable ASCII before encoding.</param>
/// <param name="OriginalRecipients">Comes back in reports, by position of the recipient; null for none.</param>
public sealed record EnvelopeReports(DsnReturn? Return = null, string? EnvelopeId = null, DsnNotify Notify = DsnNotify.Default, IReadOnlyList<string?>? OriginalRecipients = null);

/// <summary>Who sends and who shall receive.</summary>
/// <param name="From">The reverse path; null is the empty one, of reports (RFC 5321 section 4.5.5).</param>
/// <param name="SmtpUtf8">The message itself needs SMTPUTF8 (UTF-8 in its header); addresses are looked at without it.</param>
public sealed record Envelope(string? From, IReadOnlyList<string> Recipients, bool SmtpUtf8 = false, EnvelopeReports? Reports = null);
