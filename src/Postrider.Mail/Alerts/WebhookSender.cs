using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Delivers what waits for receivers. Each receiver is served in the order of its events and by itself: a slow one holds up no other,
/// and nobody holds up mail.</summary>
internal sealed class WebhookSender(WebhookQueue queue, Database database, ILogger<WebhookSender> log) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2), AfterFault = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Task> busy = [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await queue.LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                // Another node may have added a receiver.
                if (database.IsShared)
                    await queue.LoadAsync(stoppingToken);
                foreach (var receiver in await queue.DueAsync(stoppingToken))
                    if (!busy.TryGetValue(receiver.Key, out var task) || task.IsCompleted)
                        busy[receiver.Key] = ServeAsync([.. receiver], stoppingToken);
                await queue.WaitAsync(busy.Values.Any(task => !task.IsCompleted) ? TimeSpan.FromSeconds(1) : LongestPause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception wrong)
            {
                AlertLog.WebhooksFailed(log, wrong);
                await Task.Delay(AfterFault, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        await Task.WhenAll(busy.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(IReadOnlyList<WebhookDeliveryRow> due, CancellationToken cancellation)
    {
        try
        {
            foreach (var delivery in due)
                await queue.DeliverAsync(delivery, cancellation);
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            AlertLog.WebhooksFailed(log, wrong);
            await Task.Delay(AfterFault, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            queue.Poke();
        }
    }
}
