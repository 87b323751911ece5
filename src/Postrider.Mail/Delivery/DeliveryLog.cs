using Microsoft.Extensions.Logging;

namespace Postrider.Mail.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(3001, LogLevel.Information, "Message {MessageId} sent through {Provider} to {Recipients} recipient(s): {Reply}")]
    public static partial void Sent(ILogger log, string messageId, string provider, int recipients, string reply);

    [LoggerMessage(3002, LogLevel.Warning, "Message {MessageId} {Outcome} by {Provider}: {Reply}. Next attempt {RetryAt:u}")]
    public static partial void NotSent(ILogger log, string messageId, string outcome, string provider, string reply, DateTimeOffset? retryAt);

    [LoggerMessage(3003, LogLevel.Warning, "Provider {Provider} cannot be used ({Stage}): {Reply}. Mail waits; next try {Until:u}. {Remedy}")]
    public static partial void ProviderWaits(ILogger log, string provider, string stage, string reply, DateTimeOffset until, string remedy);

    [LoggerMessage(3004, LogLevel.Error, "Provider {Provider} needs attention ({Stage}): {Reply}. Its mail is held. {Remedy}")]
    public static partial void ProviderHeld(ILogger log, string provider, string stage, string reply, string remedy);

    [LoggerMessage(3005, LogLevel.Warning, "The lease of message {MessageId} was lost before its final dot; another worker has it")]
    public static partial void LeaseLost(ILogger log, string messageId);

    [LoggerMessage(3006, LogLevel.Error, "A lane of provider {Provider} failed; its messages are tried again")]
    public static partial void LaneFailed(ILogger log, Exception why, string provider);

    [LoggerMessage(3007, LogLevel.Warning, "{Count} message(s) were in hand when the gateway last stopped; they are tried again")]
    public static partial void Abandoned(ILogger log, int count);

    [LoggerMessage(3008, LogLevel.Error, "Looking after the queue failed; trying again in a moment")]
    public static partial void RoundFailed(ILogger log, Exception why);

    [LoggerMessage(3010, LogLevel.Error, "Message {MessageId} could not be sent because of an error of the gateway's own; it is tried again")]
    public static partial void MessageFailed(ILogger log, Exception why, string messageId);

    [LoggerMessage(3011, LogLevel.Warning, "{Count} message(s) moved from {From} to {To}: {Why}")]
    public static partial void FailedOver(ILogger log, int count, string from, string to, string why);

    [LoggerMessage(3009, LogLevel.Warning, "Message {MessageId} was given up: its time in the queue is over")]
    public static partial void Expired(ILogger log, string messageId);
}
