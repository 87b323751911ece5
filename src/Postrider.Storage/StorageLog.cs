using Microsoft.Extensions.Logging;

namespace Postrider.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1001, LogLevel.Information, "Database schema brought up to date: {Count} migration(s) applied")]
    public static partial void SchemaUpdated(ILogger log, int count);

    [LoggerMessage(1002, LogLevel.Critical, "The database failed in a way that cannot be retried; stopping so that nothing is acknowledged that is not on disk")]
    public static partial void Broken(ILogger log, Exception why);

    [LoggerMessage(1003, LogLevel.Error, "The disk is full: {Count} change(s) refused")]
    public static partial void Full(ILogger log, int count);

    [LoggerMessage(1004, LogLevel.Warning, "The database does not answer; new mail is refused for now and sending waits: {Why}")]
    public static partial void Lost(ILogger log, string why);

    [LoggerMessage(1005, LogLevel.Information, "The database answers again after {Seconds:0.0} s")]
    public static partial void Found(ILogger log, double seconds);

    [LoggerMessage(1006, LogLevel.Warning, "This machine's clock differs from the database's by {Seconds:0.0} s; the database's counts. Set the clock: tokens, certificates and logs go by it elsewhere")]
    public static partial void ClockDiffers(ILogger log, double seconds);

    [LoggerMessage(1007, LogLevel.Error, "Another program keeps the database file locked: {Count} change(s) refused. End it; \"postrider backup\" copies the database while mail goes on")]
    public static partial void Locked(ILogger log, int count);

    [LoggerMessage(1008, LogLevel.Warning, "The database runs with {Setting} = off: after a power cut it may have lost what was acknowledged. Set it to on in postgresql.conf")]
    public static partial void NotDurable(ILogger log, string setting);

    [LoggerMessage(1009, LogLevel.Information, "Waiting for the database: {Why}")]
    public static partial void Waiting(ILogger log, string why);
}
