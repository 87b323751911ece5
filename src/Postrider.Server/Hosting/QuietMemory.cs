namespace Postrider.Server.Hosting;

/// <summary>Gives memory back when nothing goes on. The collector keeps what a start or a burst needed until there is new garbage, and an
/// idle gateway makes none.</summary>
internal sealed class QuietMemory(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Octets: less than this in an interval is rest, and more than that since the last time is worth the work.</summary>
    private const long Rest = 4 << 20, Worth = 16 << 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (long before = 0, collected = 0; await timer.WaitForNextTickAsync(stoppingToken);)
        {
            var now = GC.GetTotalAllocatedBytes();
            if (now - before < Rest && now - collected > Worth)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                collected = now;
            }
            before = now;
        }
    }
}
