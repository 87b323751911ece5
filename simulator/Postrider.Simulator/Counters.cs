using System.Collections.Concurrent;

namespace Postrider.Simulator;

/// <summary>What happened, counted, so that a test can say "one refresh, not fifty".</summary>
public sealed class Counters
{
    private readonly ConcurrentDictionary<string, long> _tokenRequests = new();
    private readonly ConcurrentDictionary<string, long> _tokenErrors = new();
    private readonly ConcurrentDictionary<string, long> _authAttempts = new();
    private readonly ConcurrentDictionary<string, long> _authFailures = new();
    private readonly ConcurrentDictionary<string, long> _throttled = new();
    private readonly ConcurrentDictionary<string, int> _maxConnections = new(StringComparer.OrdinalIgnoreCase);
    private long _connections;

    internal void TokenRequest(string grantType) => Add(_tokenRequests, grantType);

    internal void TokenError(string code) => Add(_tokenErrors, code);

    internal void Connection() => Interlocked.Increment(ref _connections);

    internal void AuthAttempt(string mechanism) => Add(_authAttempts, mechanism);

    internal void AuthFailure(string mechanism) => Add(_authFailures, mechanism);

    internal void Throttled(string reply) => Add(_throttled, reply);

    internal void ConnectionsOf(string account, int now) =>
        _maxConnections.AddOrUpdate(account, now, (_, most) => Math.Max(most, now));

    public CounterValues Read() => new(
        new SortedDictionary<string, long>(_tokenRequests),
        new SortedDictionary<string, long>(_tokenErrors),
        Interlocked.Read(ref _connections),
        new SortedDictionary<string, int>(_maxConnections),
        new SortedDictionary<string, long>(_authAttempts),
        new SortedDictionary<string, long>(_authFailures),
        new SortedDictionary<string, long>(_throttled));

    public void Clear()
    {
        _tokenRequests.Clear();
        _tokenErrors.Clear();
        _authAttempts.Clear();
        _authFailures.Clear();
        _throttled.Clear();
        _maxConnections.Clear();
        Interlocked.Exchange(ref _connections, 0);
    }

    private static void Add(ConcurrentDictionary<string, long> counts, string key) =>
        counts.AddOrUpdate(key, 1, (_, n) => n + 1);
}

/// <summary>A reading of the counters.</summary>
/// <param name="TokenRequests">Requests to the token endpoint by grant type, faults included.</param>
/// <param name="TokenErrors">Refusals of the token endpoint by AADSTS code, and faults by mode.</param>
/// <param name="Connections">SMTP connections accepted.</param>
/// <param name="MaxConnections">Most authenticated connections at one time, by mailbox.</param>
/// <param name="AuthAttempts">AUTH commands by mechanism.</param>
/// <param name="AuthFailures">AUTH commands not answered with 235, by mechanism.</param>
/// <param name="Throttled">Replies given because of a limit, by code (<c>432</c>, <c>421</c>).</param>
public sealed record CounterValues(
    IReadOnlyDictionary<string, long> TokenRequests,
    IReadOnlyDictionary<string, long> TokenErrors,
    long Connections,
    IReadOnlyDictionary<string, int> MaxConnections,
    IReadOnlyDictionary<string, long> AuthAttempts,
    IReadOnlyDictionary<string, long> AuthFailures,
    IReadOnlyDictionary<string, long> Throttled);
