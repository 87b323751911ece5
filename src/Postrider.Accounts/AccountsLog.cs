using Microsoft.Extensions.Logging;

namespace Postrider.Accounts;

/// <summary>Events 2000 to 2999. None carries a token, a code or a secret.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(2001, LogLevel.Information, "Provider {Provider} has a new access token until {ExpiresAt:u}")]
    public static partial void Renewed(ILogger log, string provider, DateTimeOffset expiresAt);

    [LoggerMessage(2002, LogLevel.Warning, "Provider {Provider} got no token: {Cause} {Detail} Next try {RetryAt:u}")]
    public static partial void NotNow(ILogger log, string provider, string cause, string? detail, DateTimeOffset retryAt);

    [LoggerMessage(2003, LogLevel.Error, "Provider {Provider} needs attention: {Cause} {Remedy} The identity platform said: {Error} {Detail}")]
    public static partial void Refused(ILogger log, string provider, string cause, string remedy, string error, string? detail);

    [LoggerMessage(2004, LogLevel.Error, "The new token of provider {Provider} could not be stored and is not used; storing is tried again {RetryAt:u}")]
    public static partial void NotStored(ILogger log, string provider, DateTimeOffset retryAt, Exception why);

    [LoggerMessage(2005, LogLevel.Warning, "A refresh of provider {Provider} begun at {StartedAt:u} was cut off; it is repeated once")]
    public static partial void Resumed(ILogger log, string provider, DateTimeOffset startedAt);

    [LoggerMessage(2006, LogLevel.Warning, "The token of provider {Provider} was answered for a grant that is no longer current, and dropped")]
    public static partial void Overtaken(ILogger log, string provider);

    [LoggerMessage(2007, LogLevel.Error, "Renewing the token of provider {Provider} failed unexpectedly")]
    public static partial void Failed(ILogger log, string provider, Exception why);

    [LoggerMessage(2008, LogLevel.Error, "Looking for idle refresh tokens failed; it is tried again in an hour")]
    public static partial void UpkeepFailed(ILogger log, Exception why);

    [LoggerMessage(2010, LogLevel.Information, "Provider {Provider} was connected by {Actor}")]
    public static partial void Connected(ILogger log, string provider, string actor);

    [LoggerMessage(2012, LogLevel.Error, "Waiting for a sign-in on another device failed unexpectedly")]
    public static partial void DeviceFailed(ILogger log, Exception why);

    [LoggerMessage(2013, LogLevel.Warning, "The token of provider {Provider} is made for Microsoft Graph, which Exchange refuses; {Scope} is asked for instead and works")]
    public static partial void OtherScope(ILogger log, string provider, string scope);

    [LoggerMessage(2014, LogLevel.Information, "The client secret of provider {Provider} ends {End:u}, as its application says")]
    public static partial void SecretEnds(ILogger log, string provider, DateTimeOffset end);

    [LoggerMessage(2015, LogLevel.Debug, "When the client secret of provider {Provider} ends could not be read from its application: {Why}")]
    public static partial void SecretEndUnknown(ILogger log, string provider, string why);

    [LoggerMessage(2016, LogLevel.Error, "Reading the ends of client secrets failed unexpectedly; it is tried again in an hour")]
    public static partial void SecretEndsFailed(ILogger log, Exception why);

    [LoggerMessage(2011, LogLevel.Warning, "A sign-in was not accepted: {Cause} {Detail}")]
    public static partial void NotConnected(ILogger log, string cause, string? detail);
}
