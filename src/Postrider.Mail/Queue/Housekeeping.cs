using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>Removes what has served its time, a little at a time so that nobody waits for it.</summary>
internal sealed partial class Housekeeping(Database database, TimeProvider time, IOptions<MailOptions> options, ILogger<Housekeeping> log) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(5);
    private const int AtOnce = 500;

    private const string ForgetKeys = """
        delete from idempotency_keys where (owner, key) in
            (select owner, key from idempotency_keys where created_at < @before order by created_at limit @max)
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                await ForgetOldKeysAsync(stoppingToken);
            }
            catch (StorageException wrong)
            {
                Failed(log, wrong);
            }
    }

    /// <summary>Forgets the Idempotency-Keys that are older than their window.</summary>
    internal async Task ForgetOldKeysAsync(CancellationToken cancellation)
    {
        var before = (time.GetUtcNow() - options.Value.IdempotencyWindow).ToUnixTimeMilliseconds();
        while (await database.WriteAsync(session => session.ExecuteAsync(ForgetKeys, new { before, max = AtOnce }), cancellation) == AtOnce)
            cancellation.ThrowIfCancellationRequested();
    }

    [LoggerMessage(3101, LogLevel.Warning, "Housekeeping failed and is tried again in a few minutes")]
    private static partial void Failed(ILogger log, Exception why);
}
