using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Storage;

namespace Postrider.Accounts.Tokens;

/// <summary>Renews tokens that nobody waits for at the moment. One that was used in its life is renewed ahead of its end, so that the next
/// message need not wait. An idle refresh token is used once a week: Microsoft lets an unused one die after 90 days, Google after 6 months,
/// and a quiet installation would find out with its next message. However many are due, they leave evenly.</summary>
internal sealed class TokenUpkeep(Database database, TokenKeeper keeper, TimeProvider time, ILogger<TokenKeeper> log) : BackgroundService
{
    /// <summary>Renewals that begin within a second, and that may be under way at once.</summary>
    internal const int ASecond = 50;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1), LookForIdle = TimeSpan.FromMinutes(1);

    /// <summary>Idle tokens that were renewed together are spread over a day.</summary>
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromDays(6), Spread = TimeSpan.FromDays(1);

    private const string Idle = "select provider_id Id, coalesce(issued_at, 0) IssuedAt from tokens where refresh_token is not null and coalesce(issued_at, 0) <= @before";

    private readonly Queue<string> idle = new();
    private DateTimeOffset lookedAt = DateTimeOffset.MinValue;
    private int underWay;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                // Not awaited: a platform that hangs must not hold up the others.
                _ = await TickAsync(stoppingToken);
            }
            catch (Exception wrong) when (!stoppingToken.IsCancellationRequested)
            {
                AccountsLog.UpkeepFailed(log, wrong);
            }
    }

    /// <summary>Begins what is due now, a second's worth at the most.</summary>
    /// <returns>The renewals that were begun.</returns>
    internal async Task<Task> TickAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now - lookedAt >= LookForIdle)
        {
            lookedAt = now;
            await LookForIdleAsync(now, cancellation);
        }
        var room = ASecond - Volatile.Read(ref underWay);
        var due = keeper.Due().Take(room).ToList();
        while (due.Count < room && idle.TryDequeue(out var id))
            due.Add(id);
        return Task.WhenAll(due.Select(RenewAsync));
    }

    private async Task LookForIdleAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var before = (now - ShortestIdle).ToUnixTimeMilliseconds();
        var due = (await database.ReadAsync(session => session.QueryAsync<IdleRow>(Idle, new { before }), cancellation))
            .Where(row => row.IssuedAt + (Spread.TotalMilliseconds * Share(row)) <= before).Select(row => row.Id).ToArray();
        // In no order: one platform that is down must not stand before all others each time.
        Random.Shared.Shuffle(due);
        idle.Clear();
        foreach (var id in due)
            idle.Enqueue(id);
    }

    private async Task RenewAsync(string id)
    {
        Interlocked.Increment(ref underWay);
        try
        {
            await keeper.RenewAheadAsync(id);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
        }
    }

    /// <summary>From 0 to 1, another one for each provider and renewal, and the same at each look.</summary>
    private static double Share(IdleRow row) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{row.Id} {row.IssuedAt}")))) / (double)uint.MaxValue;

    private sealed class IdleRow
    {
        public string Id { get; init; } = "";
        public long IssuedAt { get; init; }
    }
}
