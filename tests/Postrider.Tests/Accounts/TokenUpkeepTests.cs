using System.Collections.Concurrent;
using Postrider.Accounts.Tokens;

namespace Postrider.Tests.Accounts;

/// <summary>Renewals that nobody waits for.</summary>
public class TokenUpkeepTests
{
    private const int Many = 1000;

    [Fact]
    public async Task A_quiet_year_does_not_let_the_refresh_token_die()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await accounts.AddWithTokenAsync();
        for (var day = 0; day < 365; day++)
        {
            await TickAsync(accounts);
            accounts.Clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.InRange(accounts.Platform.Requests.Count, 45, 62);
    }

    [Fact]
    public async Task The_tokens_of_a_thousand_providers_in_use_are_renewed_in_time_and_evenly()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var ids = await AddManyAsync(accounts);
        await Task.WhenAll(ids.Select(accounts.TokenAsync));
        // All were issued in one second: the worst case. Every one is used once in its life, and by then has long been renewed.
        var second = new ConcurrentDictionary<DateTimeOffset, int>();
        accounts.Platform.Answer = (_, _) => { second.AddOrUpdate(accounts.Clock.GetUtcNow(), 1, (_, count) => count + 1); return Task.FromResult(accounts.Platform.Token()); };
        for (var life = 0; life < 2; life++)
        {
            if (life > 0)
                await Task.WhenAll(ids.Select(accounts.TokenAsync));
            second.Clear();
            for (var time = 0; time < 45 * 60; time += 60)
            {
                await TickAsync(accounts);
                accounts.Clock.Advance(TimeSpan.FromMinutes(1));
            }
            for (var time = 0; time < 5 * 60; time++)
            {
                await TickAsync(accounts);
                accounts.Clock.Advance(TimeSpan.FromSeconds(1));
            }
            Assert.Equal(Many, second.Values.Sum());
            Assert.InRange(second.Values.Max(), 1, TokenUpkeep.ASecond);
        }
        // Nobody used the last ones: they are left to end.
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        second.Clear();
        await TickAsync(accounts);
        Assert.Empty(second);
    }

    [Fact]
    public async Task A_thousand_idle_grants_that_were_used_together_are_used_again_over_a_day_and_none_too_late()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var ids = await AddManyAsync(accounts);
        await Task.WhenAll(ids.Select(accounts.TokenAsync));
        var (start, used) = (accounts.Clock.GetUtcNow(), new ConcurrentQueue<TimeSpan>());
        accounts.Platform.Answer = (_, _) => { used.Enqueue(accounts.Clock.GetUtcNow() - start); return Task.FromResult(accounts.Platform.Token()); };
        accounts.Clock.Advance(TimeSpan.FromDays(6) - TimeSpan.FromHours(1));
        for (var minutes = 0; minutes < 26 * 60; minutes += 10)
        {
            await TickAsync(accounts);
            accounts.Clock.Advance(TimeSpan.FromMinutes(10));
        }
        Assert.Equal(Many, used.Count);
        Assert.InRange(used.Max(), TimeSpan.FromDays(6), TimeSpan.FromDays(7) + TimeSpan.FromMinutes(10));
        Assert.All(used.GroupBy(when => (int)when.TotalHours), hour => Assert.InRange(hour.Count(), 1, Many / 24 * 2));
    }

    [Fact]
    public async Task After_a_long_absence_all_are_used_again_at_a_bounded_rate()
    {
        await using var accounts = await TestAccounts.StartAsync();
        const int Several = 6 * TokenUpkeep.ASecond;
        await AddManyAsync(accounts, Several);
        for (var second = 1; second <= Several / TokenUpkeep.ASecond; second++)
        {
            await TickAsync(accounts);
            Assert.Equal(second * TokenUpkeep.ASecond, accounts.Platform.Requests.Count);
            accounts.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await TickAsync(accounts);
        Assert.Equal(Several, accounts.Platform.Requests.Count);
    }

    [Fact]
    public async Task A_platform_that_hangs_holds_up_no_more_than_it_was_asked()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await AddManyAsync(accounts, 3 * TokenUpkeep.ASecond);
        var release = new TaskCompletionSource();
        accounts.Platform.Answer = async (_, _) => { await release.Task; return accounts.Platform.Token(); };
        var first = await accounts.Get<TokenUpkeep>().TickAsync(accounts.Stop);
        accounts.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await accounts.Get<TokenUpkeep>().TickAsync(accounts.Stop);
        Assert.True(second.IsCompleted);
        Assert.False(first.IsCompleted);
        release.SetResult();
        await first;
        Assert.Equal(TokenUpkeep.ASecond, accounts.Platform.Requests.Count);
    }

    private static async Task TickAsync(TestAccounts accounts) => await await accounts.Get<TokenUpkeep>().TickAsync(accounts.Stop);

    private static async Task<IReadOnlyList<string>> AddManyAsync(TestAccounts accounts, int count = Many)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
            ids.Add((await accounts.AddWithTokenAsync($"p{number}")).Id);
        return ids;
    }
}
