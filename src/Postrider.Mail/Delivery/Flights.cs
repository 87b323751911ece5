namespace Postrider.Mail.Delivery;

/// <summary>What this process has on its way. A message that may be why a process died flies while nothing else does, so that nothing
/// else is suspected if it does it again.</summary>
internal sealed class Flights(TimeProvider time) : IDisposable
{
    /// <summary>What has been on its way for so long does not end the process any more: nobody waits for it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim one = new(1);
    private TaskCompletionSource? open;
    private TaskCompletionSource? landed;
    private int underWay;

    /// <summary>Waits while one that flies alone does.</summary>
    public async Task<Flight> WithOthersAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task closed;
            lock (gate)
            {
                if (open is null)
                {
                    underWay++;
                    return new Flight(Land);
                }
                closed = open.Task;
            }
            await closed.WaitAsync(cancellation);
        }
    }

    /// <summary>Waits until nothing is on its way, and lets nothing take off meanwhile; both for <see cref="Patience"/> at most, because a
    /// server that hangs must not hold up the mail of all others.</summary>
    public async Task<Flight> AloneAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        Task empty;
        lock (gate)
        {
            (open, landed) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            empty = underWay == 0 ? Task.CompletedTask : landed.Task;
        }
        try
        {
            await empty.WaitAsync(Patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Those that are left have been on their way for long.
        }
        catch
        {
            Reopen();
            one.Release();
            throw;
        }
        var patience = time.CreateTimer(_ => Reopen(), null, Patience, Timeout.InfiniteTimeSpan);
        return new Flight(() =>
        {
            patience.Dispose();
            Reopen();
            one.Release();
        });
    }

    private void Land()
    {
        lock (gate)
            if (--underWay == 0)
                landed?.TrySetResult();
    }

    private void Reopen()
    {
        TaskCompletionSource? closed;
        lock (gate)
            (closed, open, landed) = (open, null, null);
        closed?.TrySetResult();
    }

    public void Dispose() => one.Dispose();

    /// <summary>Ends when it is disposed of.</summary>
    internal sealed class Flight(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
