using Postrider.Accounts.Providers;

namespace Postrider.Mail.Delivery;

/// <summary>Lets the lanes of one provider send at its pace. A lane waits for its turn before it claims anything, so that the message
/// that leaves next is chosen when it leaves, and none lies claimed meanwhile.</summary>
/// <param name="name">The provider's name at the moment, for the metric.</param>
internal sealed class Pacer(string providerId, Func<string> name, Permits permits, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    private Task<Permit> TakeAsync(SendingLimits limits, int messages, int recipients, CancellationToken cancellation) =>
        permits.TakeAsync(providerId, limits, messages, recipients, cancellation);

    private async Task WaitAsync(DateTimeOffset until, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var wait = until - time.GetUtcNow();
        await Task.Delay(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), time, cancellation);
        MailMeters.Paced(name(), time.GetElapsedTime(began));
    }

    /// <summary>Waits until the next message may leave. The others wait until the turn ends.</summary>
    /// <returns>The turn; one that is <see cref="Turn.SpentUntil"/> a moment may claim nothing.</returns>
    public async Task<Turn> TurnAsync(SendingLimits limits, CancellationToken cancellation)
    {
        if (limits is { MessagesPerMinute: 0, RecipientsPerDay: 0 })
            return new Turn(this, limits, holds: false);
        await turn.WaitAsync(cancellation);
        var mine = new Turn(this, limits, holds: true);
        try
        {
            while (true)
            {
                var next = await permits.NextAsync(providerId, limits, cancellation);
                if (next.DaySpent)
                    mine.SpentUntil = next.At;
                if (next.Given || next.DaySpent)
                    return mine;
                await WaitAsync(next.At, cancellation);
            }
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>The right to claim and send next. It ends when its permit is taken, or when it is disposed of.</summary>
    internal sealed class Turn(Pacer pacer, SendingLimits limits, bool holds) : IDisposable
    {
        private bool held = holds;

        /// <summary>Until when the day's limit leaves no room.</summary>
        public DateTimeOffset? SpentUntil { get; internal set; }

        /// <summary>As many messages may be claimed at once; null: as many as one likes.</summary>
        public int? Most { get; } = limits.MessagesPerMinute > 0 ? 1 : null;

        /// <summary>Takes the permit just before the messages leave; for those without a limit there is none to take.</summary>
        /// <returns>False when the day's limit has no room for them: <see cref="SpentUntil"/> says until when.</returns>
        public async Task<bool> TakeAsync(int messages, int recipients, CancellationToken cancellation)
        {
            if (!held)
                return true;
            while (true)
            {
                var permit = await pacer.TakeAsync(limits, messages, recipients, cancellation);
                if (permit.Given)
                {
                    Dispose();
                    return true;
                }
                if (permit.DaySpent)
                {
                    SpentUntil = permit.At;
                    return false;
                }
                // Another process took the place meanwhile.
                await pacer.WaitAsync(permit.At, cancellation);
            }
        }

        public void Dispose()
        {
            if (!held)
                return;
            held = false;
            pacer.turn.Release();
        }
    }
}
