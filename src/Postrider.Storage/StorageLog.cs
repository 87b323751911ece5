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
}
