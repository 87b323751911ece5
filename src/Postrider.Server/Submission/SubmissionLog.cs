using System.Net;

namespace Postrider.Server.Submission;

internal static partial class SubmissionLog
{
    [LoggerMessage(4001, LogLevel.Information, "Message {MessageId} accepted from {Client} at {Address}: {Size} octets, {Recipients} recipient(s)")]
    public static partial void Accepted(ILogger log, string messageId, string client, IPAddress address, long size, int recipients);

    [LoggerMessage(4002, LogLevel.Warning, "Mail refused from {Client} at {Address}: {Reply}")]
    public static partial void Refused(ILogger log, string client, IPAddress address, string reply);

    [LoggerMessage(4003, LogLevel.Warning, "Sign-in refused at {Address} for user {User}")]
    public static partial void AuthFailed(ILogger log, IPAddress address, string user);

    [LoggerMessage(4004, LogLevel.Warning, "Connection of {Address} turned away: {Count} are open")]
    public static partial void TooManyConnections(ILogger log, IPAddress address, int count);

    [LoggerMessage(4005, LogLevel.Error, "The SMTP session of {Address} failed")]
    public static partial void SessionFailed(ILogger log, Exception why, IPAddress address);

    [LoggerMessage(4006, LogLevel.Information, "TLS could not be agreed with {Address}: {Reason}")]
    public static partial void TlsFailed(ILogger log, IPAddress address, string reason);

    [LoggerMessage(4007, LogLevel.Error, "STARTTLS cannot be answered: {Reason}")]
    public static partial void NoCertificate(ILogger log, string reason);

    [LoggerMessage(4008, LogLevel.Warning, "{Address} speaks TLS from the first octet at a port that begins in clear text: set it to STARTTLS, or to the port of --smtps")]
    public static partial void TlsInClearText(ILogger log, IPAddress address);
}
