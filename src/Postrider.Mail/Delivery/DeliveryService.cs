using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>Sends what is due. It wakes the worker of a provider when a message is stored, when one becomes due again and when the provider
/// is repaired; looking at the queue now and then is the net below. It also keeps our claims alive and gives up what has expired.</summary>
internal sealed class DeliveryService(
    MessageQueue queue, ContentStore contents, ProviderDirectory providers, SmtpDelivery delivery, ReplyClassifier classifier,
    RetrySchedule schedule, FailureNotice notice, Permits permits, DeliveryActivity activity, SharedActivity shared, Failover failover, Database database, LaneLeases leases, Nodes nodes, FormerProcess former, SendingHold hold, TimeProvider time, IOptions<MailOptions> options, Random chance,
    ILogger<DeliveryService> log) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);
    private const int ExpiredAtOnce = 50;
    private const string DueWord = "due ", SaidWord = "said ";

    private readonly ConcurrentDictionary<string, ProviderWorker> workers = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Flights flights = new(time);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // In a shared database the leases of other nodes that are gone end by themselves; all others are somebody's.
        if (await (database.IsShared ? former.TakeOverAsync(cancellationToken) : queue.FreeAbandonedAsync(cancellationToken)) is var abandoned and > 0)
            DeliveryLog.Abandoned(log, abandoned);
        await hold.LoadAsync(cancellationToken);
        queue.Due += Poke;
        queue.Due += TellOthers;
        database.Heard += OnHeard;
        providers.Changed += OnChanged;
        await shared.LoadWordsAsync(cancellationToken);
        activity.Source = id => shared.Together(id, workers.TryGetValue(id, out var worker) ? worker.Activity : null, providers.Find(id)?.Limits);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewed = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() - renewed > options.Value.Lease / 3)
                {
                    await leases.RenewAsync(stoppingToken);
                    await queue.RenewAsync(stoppingToken);
                    await nodes.BeatAsync(stoppingToken);
                    renewed = time.GetUtcNow();
                }
                await hold.LoadAsync(stoppingToken);
                if (database.IsShared)
                    await ExchangeAsync(stoppingToken);
                if (hold.Now is null)
                {
                    var until = time.GetUtcNow() + Round;
                    await GiveUpExpiredAsync(until, stoppingToken);
                    await failover.RunAsync(until, stoppingToken);
                }
                foreach (var due in await queue.WaitingAsync(stoppingToken))
                    Worker(due.ProviderId).PokeAt(DateTimeOffset.FromUnixTimeMilliseconds(due.DueAt));
                var pause = Round < options.Value.Lease / 3 ? Round : options.Value.Lease / 3;
                await Task.Delay(pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                DeliveryLog.RoundFailed(log, wrong);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Lets every final dot that is on its way get its answer, and gives the rest back.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Due -= Poke;
        queue.Due -= TellOthers;
        database.Heard -= OnHeard;
        providers.Changed -= OnChanged;
        await stopping.CancelAsync();
        var lanes = Task.WhenAll(workers.Values.Select(worker => worker.DisposeAsync().AsTask()));
        // While the dots are waited for, the claims must stay ours.
        while (await Task.WhenAny(lanes, Task.Delay(options.Value.Lease / 3, CancellationToken.None)) != lanes && !cancellationToken.IsCancellationRequested)
            try
            {
                await leases.RenewAsync(CancellationToken.None);
                await queue.RenewAsync(CancellationToken.None);
                await nodes.BeatAsync(CancellationToken.None);
            }
            catch (StorageException wrong)
            {
                DeliveryLog.RoundFailed(log, wrong);
            }
        await base.StopAsync(cancellationToken);
        try
        {
            await nodes.LeaveAsync();
        }
        catch (StorageException wrong)
        {
            DeliveryLog.RoundFailed(log, wrong);
        }
    }

    // As many as there are, until the round has other things to do.
    private async Task GiveUpExpiredAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        while (await queue.ClaimExpiredAsync(ExpiredAtOnce, cancellation) is { Count: > 0 } expired)
        {
            try
            {
                await GiveUpAsync(expired, cancellation);
            }
            catch
            {
                // Nobody who would send them may have them meanwhile: they are taken again when their lease has ended.
                queue.LetLeasesEnd(expired);
                throw;
            }
            if (time.GetUtcNow() >= until)
                return;
        }
    }

    private async Task GiveUpAsync(IReadOnlyList<ClaimedMessage> expired, CancellationToken cancellation)
    {
        var concluded = new List<Concluded>(expired.Count);
        foreach (var message in expired)
        {
            var provider = providers.Find(message.ProviderId);
            var waited = provider is { State: not ProviderState.Ready } ? $" {provider.DisplayName} was not usable: {provider.StateReason}" : "";
            var failed = message.Recipients.Select(recipient => new RecipientOutcome(recipient.Number, OutcomeKind.Failed,
                "The message could not be delivered in its time.", $"It was tried until {message.ExpiresAt:yyyy-MM-dd HH:mm} UTC.{waited}",
                provider?.Remedy ?? "Find the reason in the attempts, mend it, and retry the message.")).ToList();
            var head = await contents.FirstPieceAsync(message.Id, cancellation) ?? [];
            concluded.Add(new Concluded(message, new AttemptOutcome
            {
                StartedAt = time.GetUtcNow(), Stage = "expired", Reply = "The message could not be delivered in its time.",
                Cause = failed.FirstOrDefault()?.Cause, Remedy = failed.FirstOrDefault()?.Remedy, Recipients = failed, NextAttemptAt = time.GetUtcNow(),
            }, notice.Write(message, failed, FailureNotice.From(provider, message.MailFrom), head)));
        }
        await queue.RecordAsync(concluded, []);
        foreach (var message in expired)
            DeliveryLog.Expired(log, message.Id);
    }

    // What a node has sent it tells for a while longer: when that was may matter to the others.
    private async Task ExchangeAsync(CancellationToken cancellation)
    {
        await shared.ExchangeAsync([.. workers.Select(worker => (worker.Key, worker.Value.Activity)).Where(one => one.Activity is { SentAt: not null } or { Lanes: > 0 })
            .Select(one => (one.Key, one.Activity!))], cancellation);
        await HearAsync(cancellation);
    }

    private async Task HearAsync(CancellationToken cancellation)
    {
        foreach (var (id, word) in await shared.LoadWordsAsync(cancellation))
            if (workers.TryGetValue(id, out var worker))
                worker.Gate.Hear(word);
    }

    /// <summary>What is told or heard beside the rounds; whoever misses it learns of it in a round.</summary>
    private void Aside(Func<Task> work) => Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (StorageException wrong)
        {
            DeliveryLog.RoundFailed(log, wrong);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    });

    private void Spread(string providerId, ProviderWord word) => Aside(async () =>
    {
        await shared.SayAsync(providerId, word);
        database.Tell(SaidWord + providerId);
    });

    private void OnChanged(Provider provider)
    {
        if (provider.State == ProviderState.Ready && shared.WordOf(provider.Id) is not null)
            Aside(() => shared.ForgetAsync(provider.Id));
        if (!workers.TryGetValue(provider.Id, out var worker))
            return;
        if (provider.State == ProviderState.Ready)
            worker.Gate.Clear();
        worker.Poke();
    }

    // Other nodes may have a lane to spare.
    private void TellOthers(string providerId) => database.Tell(DueWord + providerId);

    private void OnHeard(string? what)
    {
        if (what?.StartsWith(DueWord, StringComparison.Ordinal) == true)
            Poke(what[DueWord.Length..]);
        else if (what?.StartsWith(SaidWord, StringComparison.Ordinal) == true)
            Aside(() => HearAsync(stopping.Token));
    }

    private void Poke(string providerId) => Worker(providerId).Poke();

    private ProviderWorker Worker(string providerId) => workers.GetOrAdd(providerId, id =>
    {
        var claims = new ProviderClaims(id, queue);
        var made = new ProviderWorker(id, providers, delivery,
            worker => new ProviderLane(worker, queue, claims, contents, delivery, classifier, schedule, notice, flights, time, log),
            permits, leases, hold, time, options.Value, chance, log, stopping.Token);
        made.Gate.Said += word => Spread(id, word);
        if (shared.WordOf(id) is { } word)
            made.Gate.Hear(word);
        return made;
    });

    public override void Dispose()
    {
        stopping.Dispose();
        flights.Dispose();
        base.Dispose();
    }
}
