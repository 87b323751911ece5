namespace Postrider.Simulator;

/// <summary>Points of a session at which something can happen: always before the reply of that step.</summary>
public enum SmtpStage
{
    /// <summary>Before the greeting.</summary>
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,

    /// <summary>The whole message has arrived; it is not recorded yet.</summary>
    Dot,

    /// <summary>The message is recorded; its reply is not sent yet.</summary>
    Reply,
    Rset,
    Quit,
}

/// <summary>Something to go wrong in SMTP sessions: a wait, then a reply in place of the normal one, or a lost connection.</summary>
/// <param name="Reply">Whole reply; several lines are divided by line feeds. A 421 also closes the connection.</param>
/// <param name="DelayMilliseconds">Waits so long first; alone, the normal reply follows.</param>
/// <param name="Drop">Resets the connection instead of replying.</param>
/// <param name="Times">How often; 0 means until cleared.</param>
/// <param name="Account">Only sessions authenticated (or authenticating) as this mailbox.</param>
public sealed record SmtpFault(SmtpStage Stage, string? Reply = null, int DelayMilliseconds = 0, bool Drop = false, int Times = 0, string? Account = null);

/// <summary>What the SMTP server does wrong on demand. The oldest fault that fits is taken.</summary>
public sealed class SmtpFaults
{
    private readonly Lock _lock = new();
    private readonly List<(SmtpFault Fault, int Left)> _faults = [];
    private volatile bool _any;

    public IReadOnlyList<SmtpFault> All
    {
        get
        {
            lock (_lock)
                return [.. _faults.Select(f => f.Fault with { Times = f.Left })];
        }
    }

    public void Add(SmtpFault fault)
    {
        lock (_lock)
        {
            _faults.Add((fault, fault.Times));
            _any = true;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _faults.Clear();
            _any = false;
        }
    }

    internal SmtpFault? Take(SmtpStage stage, string? account)
    {
        if (!_any)
            return null;
        lock (_lock)
        {
            var at = _faults.FindIndex(f => f.Fault.Stage == stage
                && (f.Fault.Account is null || f.Fault.Account.Equals(account, StringComparison.OrdinalIgnoreCase)));
            if (at < 0)
                return null;
            var (fault, left) = _faults[at];
            if (left == 1)
                _faults.RemoveAt(at);
            else if (left > 1)
                _faults[at] = (fault, left - 1);
            _any = _faults.Count > 0;
            return fault;
        }
    }
}
