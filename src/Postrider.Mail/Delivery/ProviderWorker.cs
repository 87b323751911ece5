using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;

namespace Postrider.Mail.Delivery;

/// <summary>Everything that is under way for one provider: as many lanes as there is work for and the provider allows, started when
/// mail is due and ended when they have been idle for a while.</summary>
internal sealed class ProviderWorker : IAsyncDisposable
{
    /// <summary>A timer cannot be set for more than 49 days.</summary>
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(1);

    /// <summary>Lanes that other nodes hold are asked for again after this time.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<Task> started = [];

    /// <summary>The lanes that wait. Who came last is woken first: the others end when there is little to do.</summary>
    private readonly List<TaskCompletionSource> idle = [];
    private readonly SemaphoreSlim opening = new(1);
    private readonly ProviderDirectory directory;
    private readonly SmtpDelivery delivery;
    private readonly Func<ProviderWorker, ProviderLane> newLane;
    private readonly LaneLeases leases;
    private readonly SendingHold hold;
    private readonly TimeProvider time;
    private readonly MailOptions options;
    private readonly ILogger log;
    private readonly CancellationToken stopping;
    private readonly ITimer timer;
    private DateTimeOffset nextPoke = DateTimeOffset.MaxValue;
    private DateTimeOffset takenUntil;
    private int lanes;
    private int pokes;

    internal ProviderWorker(string providerId, ProviderDirectory directory, SmtpDelivery delivery, Func<ProviderWorker, ProviderLane> newLane,
        Permits permits, LaneLeases leases, SendingHold hold, TimeProvider time, MailOptions options, Random chance, ILogger log, CancellationToken stopping)
    {
        (ProviderId, this.directory, this.delivery, this.newLane, this.leases, this.hold, this.time, this.options, this.log, this.stopping) =
            (providerId, directory, delivery, newLane, leases, hold, time, options, log, stopping);
        Gate = new ProviderGate(time, chance);
        Sent = new RateMeter(time);
        Pacer = new Pacer(providerId, () => Provider?.Name ?? providerId, permits, time);
        timer = time.CreateTimer(_ => PokeWhenDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string ProviderId { get; }
    public ProviderGate Gate { get; }
    internal Pacer Pacer { get; }
    internal RateMeter Sent { get; }

    public ProviderActivity? Activity => Provider is { } provider ? new(Gate.Fault, lanes, Gate.Limits(provider), Sent.InLastMinute) { SentAt = Sent.LastAt } : null;

    public Provider? Provider => directory.Find(ProviderId);

    /// <summary>There may be something to send: wakes a lane, or starts one more where that is allowed.</summary>
    public void Poke()
    {
        lock (gate)
        {
            pokes++;
            if (stopping.IsCancellationRequested)
                return;
            if (idle is [.., var last])
            {
                Wake(last);
                return;
            }
            if (lanes >= AllowedLanes() || time.GetUtcNow() < takenUntil)
                return;
            lanes++;
            started.RemoveAll(lane => lane.IsCompleted);
            started.Add(Task.Run(RunLaneAsync, CancellationToken.None));
        }
    }

    private void Wake(TaskCompletionSource waiting)
    {
        lock (gate)
            if (idle.Remove(waiting))
                waiting.SetResult();
    }

    /// <summary>Wakes a lane at a moment to come. One that is far away is left to those who look at the queue now and then.</summary>
    public void PokeAt(DateTimeOffset moment)
    {
        if (moment - time.GetUtcNow() > Farthest)
            return;
        lock (gate)
        {
            if (moment >= nextPoke)
                return;
            nextPoke = moment;
            var wait = moment - time.GetUtcNow();
            timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void PokeWhenDue()
    {
        lock (gate)
            nextPoke = DateTimeOffset.MaxValue;
        Poke();
    }

    /// <summary>Opens a session. One lane at a time: when signing in fails, the others need not find that out as well.</summary>
    internal async Task<SmtpDelivery.OpenSession?> OpenAsync(CancellationToken cancellation)
    {
        await opening.WaitAsync(cancellation);
        try
        {
            return Provider is { } now && Gate.Lanes(now, options.ConnectionsWithoutLimit, out _) > 0
                ? await delivery.OpenAsync(now, Gate, cancellation)
                : null;
        }
        finally
        {
            opening.Release();
        }
    }

    private int AllowedLanes()
    {
        if (hold.Now is not null || Provider is not { } provider)
            return 0;
        var allowed = Gate.Lanes(provider, options.ConnectionsWithoutLimit, out var opensAt);
        if (opensAt is { } later && allowed == 0)
            PokeAt(later);
        return allowed;
    }

    private async Task RunLaneAsync()
    {
        var lane = newLane(this);
        int seen = 0;
        var failed = false;
        LaneLease? lease = null;
        try
        {
            lease = Provider is { } now ? await leases.TakeAsync(now, stopping) : null;
            lane.Lease = lease;
            // Other nodes have all the connections there may be: they send what is due, and it is looked at again every few seconds.
            if (failed = lease is null)
                takenUntil = time.GetUtcNow() + LookAgain;
            while (!stopping.IsCancellationRequested && lease?.Until > time.GetUtcNow())
            {
                lock (gate)
                {
                    // A turn that empties its hand looks for nothing: who poked meanwhile is still to be served.
                    if (!lane.HasInHand)
                        seen = pokes;
                    if (lanes > AllowedLanes() || (Provider is { } today && !leases.Covers(lease, today)))
                        break;
                }
                if (await lane.WorkAsync(stopping))
                    continue;
                if (!await IdleAsync(seen, lane))
                    break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping: what was claimed and not sent has been given back.
        }
        catch (Exception unexpected)
        {
            DeliveryLog.LaneFailed(log, unexpected, Provider?.Name ?? ProviderId);
            failed = true;
            PokeAt(time.GetUtcNow() + TimeSpan.FromSeconds(1));
        }
        finally
        {
            var gaveBack = lane.HasInHand;
            try
            {
                await lane.EndAsync();
                if (lease is not null)
                    await leases.ReturnAsync(lease);
            }
            finally
            {
                lock (gate)
                {
                    lanes--;
                    // Whoever poked while this lane was saying goodbye counted on it.
                    if (gaveBack || pokes != seen && !failed)
                        Poke();
                }
            }
        }
    }

    /// <returns>False when the lane has been idle for long enough to end.</returns>
    private async Task<bool> IdleAsync(int seen, ProviderLane lane)
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (pokes != seen)
                return true;
            idle.Add(woken);
        }
        // A session is not left open past its token: what the server would do to it then is its own affair.
        var left = lane.SessionEnds - time.GetUtcNow();
        lane.OpenHand(() => Wake(woken));
        await woken.Task.WaitAsync(left < options.IdleConnection ? left > TimeSpan.Zero ? left : TimeSpan.Zero : options.IdleConnection, stopping)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool ended;
        lock (gate)
            ended = idle.Remove(woken);
        return await lane.CloseHandAsync(stopping) || !ended;
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        Task[] running;
        lock (gate)
            running = [.. started];
        await Task.WhenAll(running);
        opening.Dispose();
        Pacer.Dispose();
    }
}
