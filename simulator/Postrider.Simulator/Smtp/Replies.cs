namespace Postrider.Simulator;

/// <summary>Replies in Exchange's words (reference 3.7).</summary>
internal static class Replies
{
    public const string TokenRefused = "535 5.7.3 Authentication unsuccessful [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string PasswordRefused = "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string BasicDisabled = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string MailboxDisabled = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string Authenticated = "235 2.7.0 Authentication successful";
    public const string UnknownMechanism = "504 5.7.4 Unrecognized authentication type [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string NotAuthenticated = "530 5.7.57 Client not authenticated to send mail. [SIMULATOR.PROD.OUTLOOK.COM]";
    public const string TooManyConnections = "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded [Hostname=SIMULATOR.PROD.OUTLOOK.COM]";
    public const string ConcurrentLimit = "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=SIMULATOR.PROD.OUTLOOK.COM]";
    public const string RateExceeded = "421 4.4.2 Message submission rate for this client has exceeded the configured limit";
    public const string EnoughForOneConnection = "421 4.4.2 Connection dropped: message limit of this connection reached";
    public const string MayNotSendAs = "550 5.7.60 SMTP; Client does not have permissions to send as this sender";
    public const string TooManyRecipients = "452 4.5.3 Too many recipients";
    public const string TooBig = "552 5.3.4 Message size exceeds fixed maximum message size";
    public const string BareLineEnds = "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; Invalid characters: message contains bare linefeeds or carriage returns, which cannot be sent";
    public const string FromMissing = "550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant and include a valid From address";
    public const string BadSequence = "503 5.5.1 Bad sequence of commands";
    public const string BadArguments = "501 5.5.4 Invalid arguments";
    public const string BadAddress = "501 5.1.3 Invalid address";
    public const string NeedsSmtpUtf8 = "553 5.6.7 Address needs SMTPUTF8";
    public const string Unknown = "500 5.3.3 Unrecognized command";
    public const string LineTooLong = "500 5.5.6 Line too long";
    public const string NoRecipients = "503 5.5.2 Need rcpt command";
    public const string Bye = "221 2.0.0 Service closing transmission channel";

    public static string SendAsDenied(string mailbox, string from) =>
        $"554 5.2.252 SendAsDenied; {Printable(mailbox)} not allowed to send as {Printable(from)}; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception [Hostname=SIMULATOR.PROD.OUTLOOK.COM]";

    /// <summary>What a magic recipient of that code is told.</summary>
    public static string OnDemand(int code, bool afterDot) => (code, afterDot) switch
    {
        (421, _) => "421 4.3.2 Service not available",
        (432, _) => TooManyConnections,
        (450, _) => "450 4.2.1 The recipient is receiving mail too quickly; please try again later",
        (451, _) => "451 4.7.0 Temporary server error. Please try again later. PRX5",
        (452, false) => TooManyRecipients,
        (452, true) => "452 4.3.1 Insufficient system resources",
        (454, _) => "454 4.7.0 Temporary authentication failure",
        (501, _) => BadAddress,
        (550, false) => "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        (550, true) => "550 5.7.1 Delivery not authorized, message refused",
        (551, _) => "551 5.7.1 User not local; forwarding is not allowed",
        (552, _) => TooBig,
        (553, _) => "553 5.1.3 Invalid address",
        (554, false) => "554 5.4.14 Hop count exceeded - possible mail loop",
        (554, true) => "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException; Failed to process message due to a permanent exception",
        (< 500, _) => $"{code} 4.0.0 Temporary failure on demand",
        _ => $"{code} 5.0.0 Permanent failure on demand",
    };

    /// <summary>Client text that goes into a reply must not break the reply line.</summary>
    public static string Printable(string text) =>
        string.Create(Math.Min(text.Length, 200), text, (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
}
