using System.Threading.Channels;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Mail.Delivery;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Storage;

namespace Postrider.Server.Hosting;

/// <summary>Lets what a node keeps in memory follow what other nodes change: at once when they say so, and now and then in case it was missed.</summary>
internal sealed partial class SharedState(Database database, ProviderDirectory providers, ClientDirectory clients, SuppressionList suppressions, ApiKeys keys, SendingHold hold, KeyRing ring, TimeProvider time, ILogger<SharedState> log)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromSeconds(1);
    private const string Everything = "";

    private readonly Channel<string> told = Channel.CreateUnbounded<string>();
    private long readAt = time.GetTimestamp();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!database.IsShared)
            return Task.CompletedTask;
        database.Heard += what => told.Writer.TryWrite(what ?? Everything);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                var what = await NextAsync(stoppingToken);
                if (what is Everything or ProviderDirectory.Changes)
                    await providers.FollowAsync(stoppingToken);
                if (what is Everything or ClientDirectory.Changes)
                    await clients.LoadAsync(stoppingToken);
                if (what is Everything or SuppressionList.Changes)
                    await suppressions.LoadAsync(stoppingToken);
                if (what is Everything or SendingHold.Changes)
                    await hold.LoadAsync(stoppingToken);
                if (what is Everything or KeyRing.Changes)
                    ring.Follow();
                if (what is Everything or ApiKeys.Changes)
                    await keys.LoadAsync(stoppingToken);
                if (what is Everything)
                    readAt = time.GetTimestamp();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                if (wrong is not StorageUnavailableException)
                    Failed(wrong);
                await Task.Delay(Pause, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
    }

    /// <summary>What is told next; everything once nobody has read it for a while, however much is told of single things.</summary>
    private async Task<string> NextAsync(CancellationToken stopping)
    {
        if (LookEvery - time.GetElapsedTime(readAt) is not { Ticks: > 0 } left)
            return Everything;
        using var patience = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            return await told.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Everything;
        }
    }

    [LoggerMessage(5101, LogLevel.Warning, "What other nodes have changed could not be read; it is tried again")]
    private partial void Failed(Exception why);
}
