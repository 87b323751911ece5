using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Keeps every provider's access token fresh. However many senders wait, one request is made at a time; while the token at hand
/// is good, nobody waits at all. Nothing is deleted because of a failure.</summary>
public sealed class TokenKeeper
{
    /// <summary>A server that refuses a token just renewed does not refuse it for its age: another renewal would only be noise.</summary>
    private static readonly TimeSpan BetweenForced = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal);
    private readonly ProviderDirectory directory;
    private readonly TokenRefresh refresh;
    private readonly TimeProvider time;
    private readonly ILogger<TokenKeeper> log;

    internal TokenKeeper(ProviderDirectory directory, TokenRefresh refresh, TimeProvider time, ILogger<TokenKeeper> log)
    {
        this.directory = directory;
        this.refresh = refresh;
        this.time = time;
        this.log = log;
        directory.Removed += provider => slots.TryRemove(provider.Id, out _);
    }

    /// <summary>A token that is good for some seconds at least. Returns at once while there is one; a renewal before its end runs
    /// beside. <paramref name="cancellation"/> ends this wait, never the renewal that others wait for too.</summary>
    public ValueTask<TokenResult> GetAsync(string providerId, CancellationToken cancellation)
    {
        if (directory.Find(providerId) is not { } provider)
            return new(Unknown);
        if (Unfit(provider) is { } unfit)
            return new(unfit);
        var slot = slots.GetOrAdd(provider.Id, _ => new Slot());
        lock (slot)
        {
            slot.Follow(provider.Version);
            var now = time.GetUtcNow();
            if (slot.Broken is not null && !slot.MayProbe(now))
                return new(slot.Broken);
            if (slot.Broken is null && slot.Ready is { } ready && now < ready.Token.ExpiresAt - RefreshTiming.LastUse)
            {
                slot.IsUsed = true;
                if (now >= slot.RenewAt && slot.MayAsk(now))
                    Begin(slot, provider);
                return new(ready);
            }
            if (slot.Running is null && slot.Later is { } later && now < later.RetryAt)
                return new(later);
            Begin(slot, provider);
            slot.IsAwaited = true;
            return new(slot.Running!.WaitAsync(cancellation));
        }
    }

    /// <summary>Renews a token that the provider's server has refused. When another one is at hand already, that is the answer, and
    /// no request is made; and a token is renewed this way once in five minutes at most.</summary>
    public async Task<TokenResult> RenewAsync(string providerId, string rejectedAccessToken, CancellationToken cancellation)
    {
        var current = await GetAsync(providerId, cancellation);
        if (current is not TokenResult.Ready { Token: var token } || token.Value != rejectedAccessToken)
            return current;
        if (directory.Find(providerId) is not { } provider)
            return Unknown;
        var slot = slots.GetOrAdd(provider.Id, _ => new Slot());
        Task<TokenResult> running;
        lock (slot)
        {
            slot.Follow(provider.Version);
            var now = time.GetUtcNow();
            if (slot.Running is null && now < slot.ForcedAt + BetweenForced)
                return new TokenResult.Later("The server refuses a token that was renewed a moment ago.",
                    "Test the provider: it shows the token's audience and scope, and which step fails.", slot.ForcedAt + BetweenForced);
            if (slot.Running is null && slot.Later is { } later && now < later.RetryAt)
                return later;
            slot.ForcedAt = now;
            Begin(slot, provider);
            slot.IsAwaited = true;
            running = slot.Running!;
        }
        return await running.WaitAsync(cancellation);
    }

    /// <summary>Providers whose token was used in its life and is due to be renewed. Those that have ended
    /// are forgotten.</summary>
    internal IReadOnlyList<string> Due()
    {
        var now = time.GetUtcNow();
        var due = new List<string>();
        foreach (var (id, slot) in slots)
            lock (slot)
                if (slot.IsDue(now))
                    due.Add(id);
        return due;
    }

    /// <summary>Renews although nobody waits for it. What cannot be asked now is left for later.</summary>
    internal async Task RenewAheadAsync(string providerId)
    {
        if (directory.Find(providerId) is not { State: not ProviderState.NeedsAttention } provider || Unfit(provider) is not null)
            return;
        Task<TokenResult> running;
        var slot = slots.GetOrAdd(provider.Id, _ => new Slot());
        lock (slot)
        {
            slot.Follow(provider.Version);
            if (slot.Broken is not null || !slot.MayAsk(time.GetUtcNow()))
                return;
            Begin(slot, provider);
            running = slot.Running!;
        }
        await running;
    }

    /// <summary>Starts a renewal, unless one is running. The caller holds the slot's lock.</summary>
    private void Begin(Slot slot, Provider provider)
    {
        if (slot.Running is { IsCompleted: false })
            return;
        var (generation, overtaken) = (slot.Generation, slot.Overtaken);
        slot.Running = Task.Run(() => RunAsync(slot, provider, generation, overtaken));
    }

    private async Task<TokenResult> RunAsync(Slot slot, Provider provider, long generation, Task overtaken)
    {
        // A platform that is sent one refresh token twice may revoke the grant: what was overtaken comes to its end first.
        await overtaken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        RefreshOutcome? outcome = null;
        try
        {
            while (outcome is null)
                outcome = await refresh.RunAsync(directory.Find(provider.Id) ?? provider, slot.TokenVersion, slot.Failures);
        }
        catch (Exception wrong)
        {
            // A bug or a broken database must not leave senders waiting for an answer that never comes.
            AccountsLog.Failed(log, provider.Name, wrong);
            outcome = new(new TokenResult.Later(wrong.Message, "Look at the log. It is tried again.",
                time.GetUtcNow() + RefreshTiming.RetryIn(slot.Failures + 1, Arrival.TurnedAway, null, 0)));
        }
        lock (slot)
        {
            if (slot.Generation == generation)
            {
                slot.Learn(outcome);
                slot.Running = null;
            }
        }
        return outcome.Result;
    }

    private static TokenResult.Broken? Unfit(Provider provider) => provider switch
    {
        { Type: ProviderType.Password } => new("This provider signs in with a password and has no tokens.", "Use its password."),
        { State: ProviderState.NeedsConsent } => new(provider.StateReason!, provider.Remedy!),
        _ => null,
    };

    private static TokenResult.Broken Unknown { get; } = new("The provider no longer exists.", "Send through another provider.");

    /// <summary>What is known of one provider's token. Guarded by a lock on itself.</summary>
    private sealed class Slot
    {
        private long providerVersion = -1;

        /// <summary>Counts new grants and settings; what was begun for an older one teaches nothing.</summary>
        public long Generation { get; private set; }
        public TokenResult.Ready? Ready { get; private set; }
        public TokenResult.Later? Later { get; private set; }
        public TokenResult.Broken? Broken { get; private set; }
        public Task<TokenResult>? Running { get; set; }

        /// <summary>What was running for an older generation, and for those before; it may have ended.</summary>
        public Task Overtaken { get; private set; } = Task.CompletedTask;
        public DateTimeOffset RenewAt { get; private set; }
        public DateTimeOffset ForcedAt { get; set; }

        /// <summary>Somebody asked for the token since it was renewed.</summary>
        public bool IsUsed { get; set; }

        /// <summary>Somebody waits for the next token.</summary>
        public bool IsAwaited { get; set; }

        /// <summary>The row's version that <see cref="Ready"/> came from; -1 before any was read.</summary>
        public long TokenVersion { get; private set; } = -1;
        public int Failures { get; private set; }
        private DateTimeOffset? ProbeAt { get; set; }

        public void Follow(long version)
        {
            if (version == providerVersion)
                return;
            providerVersion = version;
            Generation++;
            Overtaken = Running ?? Overtaken;
            (Ready, Later, Broken, Running, ProbeAt, TokenVersion, Failures, ForcedAt) = (null, null, null, null, null, -1, 0, default);
        }

        public bool IsDue(DateTimeOffset now)
        {
            if (Ready is null || Broken is not null || Running is not null)
                return false;
            if (now < Ready.Token.ExpiresAt)
                return IsUsed && now >= RenewAt && MayAsk(now);
            // Too late for ahead: whoever asks next renews it.
            Ready = null;
            return false;
        }

        public bool MayProbe(DateTimeOffset now) => Running is not null || now >= ProbeAt;

        public bool MayAsk(DateTimeOffset now) => Running is null && (Later is null || now >= Later.RetryAt);

        public void Learn(RefreshOutcome outcome)
        {
            switch (outcome.Result)
            {
                case TokenResult.Ready when Ready is null && !IsAwaited:
                    // Nobody asked for it: the row keeps it, and memory need not.
                    (Later, Broken, Failures, TokenVersion) = (null, null, 0, -1);
                    break;
                case TokenResult.Ready ready:
                    (Ready, Later, Broken, Failures) = (ready, null, null, 0);
                    (RenewAt, TokenVersion, IsUsed, IsAwaited) = (outcome.RenewAt, outcome.TokenVersion, IsAwaited, false);
                    break;
                case TokenResult.Later later:
                    Later = later;
                    Failures++;
                    break;
                case TokenResult.Broken broken:
                    (Broken, ProbeAt, Later) = (broken, outcome.ProbeAt, null);
                    break;
            }
        }
    }
}
