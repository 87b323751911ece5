using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Postrider.Mail.Queue;

/// <summary>Looks now and then for what is no longer kept, and leaves the writer to others between two steps.</summary>
internal sealed partial class RetentionService(Retention retention, TimeProvider time, ILogger<RetentionService> log) : LateService
{
    private static readonly TimeSpan FirstRound = TimeSpan.FromMinutes(1), Round = TimeSpan.FromMinutes(15), Pause = TimeSpan.FromMilliseconds(50);

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var wait = FirstRound; ; wait = Round)
            {
                await Task.Delay(wait, time, stoppingToken);
                try
                {
                    // What leaves the history need not be deleted by halves before.
                    var history = await AllAsync(retention.DeleteHistoryAsync, stoppingToken);
                    var content = await AllAsync(retention.DeleteContentAsync, stoppingToken);
                    await AllAsync(retention.DeleteReportsAsync, stoppingToken);
                    await AllAsync(retention.DeleteReportContentAsync, stoppingToken);
                    if (content + history > 0)
                        Deleted(log, content, history);
                }
                catch (Exception wrong) when (wrong is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    RoundFailed(log, wrong);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is left is deleted after the next start.
        }
    }

    private async Task<long> AllAsync(Func<string, CancellationToken, Task<RetentionStep>> delete, CancellationToken stopping)
    {
        long count = 0;
        for (var after = ""; after is not null;)
        {
            var step = await delete(after, stopping);
            count += step.Count;
            after = step.Next;
            if (after is not null)
                await Task.Delay(Pause, time, stopping);
        }
        return count;
    }

    [LoggerMessage(3020, LogLevel.Information, "No longer kept: the content of {Content} and the history of {History} message(s)")]
    private static partial void Deleted(ILogger log, long content, long history);

    [LoggerMessage(3021, LogLevel.Error, "Deleting what is no longer kept failed; trying again later")]
    private static partial void RoundFailed(ILogger log, Exception why);
}
