using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Storage;

namespace Postrider.Accounts.Tokens;

/// <summary>Uses every refresh token now and then, although nobody sends: Microsoft lets an unused one die after 90 days, Google after
/// 6 months, and a quiet installation would find out with its next message.</summary>
internal sealed class TokenUpkeep(Database database, ProviderDirectory directory, TokenKeeper keeper, TimeProvider time, ILogger<TokenKeeper> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(7);

    private const string Idle = "select provider_id from tokens where refresh_token is not null and coalesce(issued_at, 0) < @before";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                await RefreshIdleAsync(stoppingToken);
            }
            catch (Exception wrong) when (!stoppingToken.IsCancellationRequested)
            {
                AccountsLog.UpkeepFailed(log, wrong);
            }
    }

    /// <summary>Renews what has been idle for a week. What needs attention is left to whoever repairs it.</summary>
    public async Task RefreshIdleAsync(CancellationToken cancellation)
    {
        var before = (time.GetUtcNow() - LongestIdle).ToUnixTimeMilliseconds();
        foreach (var id in await database.ReadAsync(session => session.QueryAsync<string>(Idle, new { before }), cancellation))
            if (directory.Find(id) is { State: not ProviderState.NeedsAttention })
                await keeper.GetAsync(id, cancellation);
    }
}
