namespace Postrider.Simulator;

/// <summary>Connections and messages per mailbox, as Exchange counts them (reference 3.5).</summary>
internal sealed class MailboxLimits(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _connections = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Queue<DateTimeOffset>> _messages = new(StringComparer.OrdinalIgnoreCase);

    public int Enter(string mailbox)
    {
        lock (_lock)
            return _connections[mailbox] = _connections.GetValueOrDefault(mailbox) + 1;
    }

    public void Leave(string mailbox)
    {
        lock (_lock)
        {
            if (--_connections[mailbox] <= 0)
                _connections.Remove(mailbox);
        }
    }

    public int Connections(string mailbox)
    {
        lock (_lock)
            return _connections.GetValueOrDefault(mailbox);
    }

    /// <summary>False when this message is one too many for the last sixty seconds.</summary>
    public bool MaySend(string mailbox, int perMinute)
    {
        if (perMinute == 0)
            return true;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_messages.TryGetValue(mailbox, out var sent))
                _messages[mailbox] = sent = new Queue<DateTimeOffset>();
            while (sent.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromMinutes(1))
                sent.Dequeue();
            if (sent.Count >= perMinute)
                return false;
            sent.Enqueue(now);
            return true;
        }
    }

    public void ForgetRates()
    {
        lock (_lock)
            _messages.Clear();
    }
}
