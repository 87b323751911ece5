using Postrider.Accounts.Providers;

namespace Postrider.Mail.Delivery;

/// <summary>Whether a provider may be used now, and by how many connections. What holds one provider back holds back no other.</summary>
internal sealed class ProviderGate(TimeProvider time, Random chance)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A provider that says "too fast" gets half as much; every step without such a word gives an eighth of the whole back.</summary>
    private static readonly TimeSpan RecoveryStep = TimeSpan.FromSeconds(30);
    private const double LeastShare = 1.0 / 16, RecoveredPerStep = 1.0 / 8;

    /// <summary>Messages in a row that met trouble of the server: before that, it may be the messages'.</summary>
    private const int MostTurnedAway = 3;

    private readonly Lock gate = new();
    private ProviderFault? fault;
    private int failuresInARow, turnedAway;
    private double share = 1;
    private DateTimeOffset slowedAt, heardUntil;

    /// <summary>Tells what the provider has said of its mailbox's pace, for other nodes and the time after a restart.</summary>
    public event Action<ProviderWord>? Said;

    /// <summary>How much of its pace the provider has shown itself willing to take, from a sixteenth to 1.</summary>
    public double Share
    {
        get
        {
            lock (gate)
                return ShareNow();
        }
    }

    /// <summary>The provider's limits at the pace that it takes at the moment.</summary>
    public SendingLimits Limits(Provider provider) => provider.Limits.MessagesPerMinute is > 0 and var perMinute
        ? provider.Limits with { MessagesPerMinute = Math.Max(1, (int)(perMinute * Share)) }
        : provider.Limits;

    private double ShareNow() => share >= 1 ? 1
        : Math.Min(1, share + RecoveredPerStep * Math.Max(0, Math.Floor((time.GetUtcNow() - slowedAt) / RecoveryStep)));

    /// <summary>What holds it back, until a session shows that it no longer does: also while the next try is under way.</summary>
    public ProviderFault? Fault
    {
        get
        {
            lock (gate)
                return fault;
        }
    }

    /// <summary>How many connections may be in use now.</summary>
    /// <param name="opensAt">When to look again, where waiting helps.</param>
    public int Lanes(Provider provider, int withoutLimit, out DateTimeOffset? opensAt)
    {
        var most = provider.Limits.Connections > 0 ? provider.Limits.Connections : withoutLimit;
        opensAt = Fault is { } known && known.Until > time.GetUtcNow() ? known.Until : null;
        if (opensAt is not null)
            return 0;
        switch (provider.State)
        {
            case ProviderState.Ready when Volatile.Read(ref turnedAway) >= MostTurnedAway:
                // One message finds out whether the server is well again.
                return 1;
            case ProviderState.Ready:
                return Math.Max(1, (int)Math.Ceiling(most * Share));
            case ProviderState.NeedsAttention when provider.ProbeAt is { } probe:
                // One connection finds out whether the repair has been made; the mail of the others is not risked on it.
                opensAt = probe;
                return probe <= time.GetUtcNow() ? 1 : 0;
            default:
                return 0;
        }
    }

    /// <summary>The provider, or the way to it, fails: everybody waits, longer each time.</summary>
    public ProviderFault Fail(string stage, string reply, string cause, string remedy)
    {
        lock (gate)
            return fault = new ProviderFault(stage, reply, cause, remedy, After(Longer(failuresInARow++)), Since());
    }

    /// <summary>A message met trouble of the server. After several in a row the others need not meet it too: everybody waits, and one at
    /// a time finds out whether it is over.</summary>
    /// <returns>Null while it may have been the message.</returns>
    public ProviderFault? TurnAway(string stage, string reply, string cause, string remedy)
    {
        lock (gate)
        {
            if (++turnedAway < MostTurnedAway)
                return null;
            // Several lanes meet it at once; it counts once.
            if (fault is { } known && known.Until > time.GetUtcNow())
            {
                turnedAway = Math.Max(MostTurnedAway, turnedAway - 1);
                return known;
            }
            return fault = new ProviderFault(stage, reply, cause, remedy, After(Longer(turnedAway - MostTurnedAway)), Since());
        }
    }

    /// <summary>The server had an answer for a message: it works.</summary>
    public void Took()
    {
        if (Volatile.Read(ref turnedAway) == 0)
            return;
        lock (gate)
        {
            if (turnedAway >= MostTurnedAway)
                fault = null;
            turnedAway = 0;
        }
    }

    /// <summary>The provider says that mail comes too fast: it rests, and goes on more slowly until the provider bears more again.</summary>
    public ProviderFault SlowDown(string stage, string reply, string cause, string remedy, TimeSpan wait)
    {
        lock (gate)
        {
            // Several lanes hear the same word at once; it counts once.
            if (fault is null || fault.Until <= time.GetUtcNow())
                share = Math.Max(LeastShare, ShareNow() / 2);
            fault = new ProviderFault(stage, reply, cause, remedy, After(wait), Since());
            slowedAt = fault.Until;
            return Say(fault);
        }
    }

    /// <summary>The provider says how long to wait, or a limit does.</summary>
    /// <param name="forAll">It is said of the mailbox, not of what this node has.</param>
    public ProviderFault Pause(string stage, string reply, string cause, string remedy, TimeSpan wait, bool forAll = false)
    {
        lock (gate)
        {
            fault = new ProviderFault(stage, reply, cause, remedy, After(wait), Since());
            return forAll ? Say(fault) : fault;
        }
    }

    private ProviderFault Say(ProviderFault said)
    {
        // Two of them in a moment are told apart.
        heardUntil = time.GetUtcNow() is var now && now > heardUntil ? now : heardUntil.AddMilliseconds(1);
        Said?.Invoke(new ProviderWord(said, ShareNow(), heardUntil));
        return said;
    }

    /// <summary>What was said to another node, or before a restart, holds here as well.</summary>
    public void Hear(ProviderWord word)
    {
        lock (gate)
        {
            if (word.SaidAt <= heardUntil)
                return;
            heardUntil = word.SaidAt;
            if (word.Share < 1 && word.Share <= ShareNow())
                (share, slowedAt) = (word.Share, word.Fault.Until);
            if (word.Fault.Until > time.GetUtcNow() && !(fault?.Until >= word.Fault.Until))
                fault = word.Fault with { Since = fault?.Since ?? word.Fault.Since };
        }
    }

    /// <summary>The limit of the day has no room before that moment.</summary>
    public void RestUntil(DateTimeOffset moment, string stage, string reply, string cause, string remedy)
    {
        lock (gate)
            fault = new ProviderFault(stage, reply, cause, remedy, moment, Since()) { DaySpent = true };
    }

    /// <summary>A session was opened: earlier failures no longer count.</summary>
    /// <param name="before">What held it back when the session was begun. What another lane has met since then stays.</param>
    public void Opened(ProviderFault? before)
    {
        lock (gate)
        {
            failuresInARow = 0;
            if (ReferenceEquals(fault, before) && turnedAway < MostTurnedAway)
                fault = null;
        }
    }

    /// <summary>Somebody changed or mended the provider.</summary>
    public void Clear()
    {
        lock (gate)
        {
            failuresInARow = turnedAway = 0;
            fault = null;
            heardUntil = time.GetUtcNow() is var now && now > heardUntil ? now : heardUntil;
        }
    }

    private static TimeSpan Longer(int before) =>
        FirstPause * Math.Pow(2, Math.Min(before, 10)) is var pause && pause < LongestPause ? pause : LongestPause;

    private DateTimeOffset Since() => fault?.Since ?? time.GetUtcNow();

    private DateTimeOffset After(TimeSpan wait) => time.GetUtcNow() + wait * (1 + 0.1 * chance.NextDouble());
}
