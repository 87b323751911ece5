using System.Security.Cryptography;

namespace Postrider.Simulator;

/// <summary>What arrived. Entries stay, raw bytes only within a budget, so that a hundred thousand messages are cheap.</summary>
public sealed class MessageStore(long rawBytesKept)
{
    private readonly Lock _lock = new();
    private readonly List<ReceivedMessage> _messages = [];
    private readonly List<ReceivedMessage> _refused = [];
    private readonly Dictionary<long, byte[]> _raw = [];
    private readonly List<(int AtLeast, TaskCompletionSource Arrived)> _waiting = [];
    private long _oldestRaw = 1;
    private long _rawBytes;

    /// <summary>Messages that the server took, also those whose reply it did not send.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _messages.Count;
        }
    }

    /// <summary>Messages refused after their data: by magic recipients, bare line ends, SendAsDenied.</summary>
    public IReadOnlyList<ReceivedMessage> Refused
    {
        get
        {
            lock (_lock)
                return [.. _refused];
        }
    }

    /// <summary>The messages after that id, oldest first.</summary>
    public IReadOnlyList<ReceivedMessage> Read(long after = 0, int limit = int.MaxValue)
    {
        lock (_lock)
        {
            var from = (int)Math.Clamp(after, 0, _messages.Count);
            return _messages.GetRange(from, Math.Min(limit, _messages.Count - from));
        }
    }

    public ReceivedMessage? Find(long id)
    {
        lock (_lock)
            return id >= 1 && id <= _messages.Count ? _messages[(int)id - 1] : null;
    }

    /// <summary>The bytes as they were sent; null when they are no longer kept.</summary>
    public byte[]? Raw(long id)
    {
        lock (_lock)
            return _raw.GetValueOrDefault(id);
    }

    /// <summary>Completes when so many messages have arrived.</summary>
    public Task ArrivedAsync(int atLeast, CancellationToken ct = default)
    {
        lock (_lock)
        {
            if (_messages.Count >= atLeast)
                return Task.CompletedTask;
            var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((atLeast, arrived));
            return arrived.Task.WaitAsync(ct);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _messages.Clear();
            _refused.Clear();
            _raw.Clear();
            (_oldestRaw, _rawBytes) = (1, 0);
        }
    }

    internal void Add(ReceivedMessage message, byte[] raw)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(raw));
        lock (_lock)
        {
            var id = _messages.Count + 1;
            _messages.Add(message with { Id = id, Sha256 = sha256 });
            if (rawBytesKept > 0)
                Keep(id, raw);
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].AtLeast > _messages.Count)
                    continue;
                _waiting[i].Arrived.TrySetResult();
                _waiting.RemoveAt(i);
            }
        }
    }

    internal void AddRefused(ReceivedMessage message)
    {
        lock (_lock)
            _refused.Add(message with { Id = _refused.Count + 1 });
    }

    private void Keep(long id, byte[] raw)
    {
        _raw[id] = raw;
        _rawBytes += raw.Length;
        while (_rawBytes > rawBytesKept && _raw.Remove(_oldestRaw, out var oldest))
        {
            _rawBytes -= oldest.Length;
            _oldestRaw++;
        }
    }
}
