using Microsoft.Extensions.Hosting;

namespace Postrider.Mail;

/// <summary>Something that looks at everything now and then. It begins when every door is open: with a million messages waiting, a look
/// takes its time, and the start must not wait for it.</summary>
public abstract class LateService : BackgroundService, IHostedLifecycleService
{
    private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await open.Task.WaitAsync(stoppingToken);
        await WatchAsync(stoppingToken);
    }

    protected abstract Task WatchAsync(CancellationToken stoppingToken);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        open.TrySetResult();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
