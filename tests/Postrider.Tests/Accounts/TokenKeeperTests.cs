using System.Net;
using System.Text;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Tests.Accounts;

public class TokenKeeperTests
{
    [Fact]
    public async Task Two_hundred_senders_with_an_expired_token_make_one_request()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        var release = new TaskCompletionSource();
        accounts.Platform.Answer = async (_, _) => { await release.Task; return accounts.Platform.Token(); };
        var senders = Enumerable.Range(0, 200).Select(_ => Task.Run(() => accounts.TokenAsync(provider.Id))).ToList();
        await UntilAsync(() => accounts.Platform.Requests.Count == 2);
        release.SetResult();
        var tokens = await Task.WhenAll(senders);
        Assert.All(tokens, token => Assert.Equal("access-2", token.Value));
        Assert.Equal(2, accounts.Platform.Requests.Count);
    }

    [Fact]
    public async Task Two_nodes_make_one_request_between_them()
    {
        await using var first = await TestAccounts.StartAsync();
        var provider = await first.AddWithTokenAsync();
        await using var second = await TestAccounts.StartAsync(first, "b", first.Database);
        var release = new TaskCompletionSource();
        first.Platform.Answer = async (_, _) => { await release.Task; return first.Platform.Token(); };
        var one = first.TokenAsync(provider.Id);
        await UntilAsync(() => first.Platform.Requests.Count == 1);
        var other = second.TokenAsync(provider.Id);
        release.SetResult();
        await one;
        while (!other.IsCompleted)
        {
            first.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(10, first.Stop);
        }
        Assert.Equal((await one).Value, (await other).Value);
        Assert.Single(first.Platform.Requests);
    }

    [Fact]
    public async Task Secrets_arrive_as_they_are()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        var sent = Assert.Single(accounts.Platform.Requests);
        Assert.Equal(TestAccounts.Secret, sent["client_secret"]);
        Assert.Equal(TestAccounts.Pasted, sent["refresh_token"]);
        Assert.Equal("https://outlook.office.com/SMTP.Send offline_access", sent["scope"]);
        Assert.Contains("%2B%2F%3D%26%25", Assert.Single(accounts.Platform.Bodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_stored_and_the_one_before_is_kept()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        var vault = accounts.Get<TokenVault>();
        Assert.Equal("refresh-1", vault.Open(SecretPlace.RefreshToken(provider.Id), (await accounts.ColumnAsync<string>("select refresh_token from tokens"))!));
        Assert.Equal(TestAccounts.Pasted, vault.Open(SecretPlace.PreviousRefreshToken(provider.Id), (await accounts.ColumnAsync<string>("select previous_refresh_token from tokens"))!));
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.TokenAsync(provider.Id);
        Assert.Equal("refresh-1", accounts.Platform.Requests.Last()["refresh_token"]);
        Assert.Equal("refresh-1", vault.Open(SecretPlace.PreviousRefreshToken(provider.Id), (await accounts.ColumnAsync<string>("select previous_refresh_token from tokens"))!));
    }

    [Fact]
    public async Task A_platform_that_does_not_rotate_leaves_the_refresh_token_alone()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.Rotates = false;
        var provider = await accounts.AddWithTokenAsync();
        for (var time = 0; time < 3; time++)
        {
            await accounts.TokenAsync(provider.Id);
            accounts.Clock.Advance(TimeSpan.FromHours(2));
        }
        Assert.All(accounts.Platform.Requests, request => Assert.Equal(TestAccounts.Pasted, request["refresh_token"]));
    }

    [Fact]
    public async Task A_token_that_could_not_be_stored_is_not_used_and_not_asked_for_again()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        var (refuse, allow) = accounts.Database.IsShared
            ? ("alter table tokens add constraint no check (access_token is null)", "alter table tokens drop constraint no")
            : ("create trigger no before update of access_token on tokens begin select raise(abort, 'no room'); end", "drop trigger no");
        await accounts.Database.WriteAsync(session => session.ExecuteAsync(refuse), accounts.Stop);
        var later = Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.Contains("could not be stored", later.Reason, StringComparison.Ordinal);
        await accounts.Database.WriteAsync(session => session.ExecuteAsync(allow), accounts.Stop);
        accounts.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("access-1", (await accounts.TokenAsync(provider.Id)).Value);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_token_is_renewed_beside_the_senders_before_it_ends()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        accounts.Clock.Advance(TimeSpan.FromMinutes(44));
        await accounts.TokenAsync(provider.Id);
        Assert.Single(accounts.Platform.Requests);
        accounts.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("access-1", (await accounts.TokenAsync(provider.Id)).Value);
        await UntilAsync(() => accounts.Platform.Log.Lines.Count(line => line.StartsWith("2001", StringComparison.Ordinal)) == 2);
        await UntilAsync(async () => (await accounts.TokenAsync(provider.Id)).Value == "access-2");
    }

    [Fact]
    public async Task A_token_survives_a_restart_without_a_request()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        await using var next = await accounts.RestartAsync();
        Assert.Equal("access-1", (await next.TokenAsync(provider.Id)).Value);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_refresh_cut_off_by_a_crash_is_repeated_at_once_by_the_same_node()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await CrashMidwayAsync(accounts, provider.Id);
        await using var next = await accounts.RestartAsync();
        await next.TokenAsync(provider.Id);
        Assert.Single(accounts.Platform.Requests);
        Assert.Contains(accounts.Platform.Log.Lines, line => line.StartsWith("2005", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rotation_lost_in_a_crash_is_told_apart_from_a_revocation()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await CrashMidwayAsync(accounts, provider.Id);
        accounts.Platform.Refuses("invalid_grant");
        var broken = Assert.IsType<TokenResult.Broken>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.Contains("lost on the way", broken.Reason, StringComparison.Ordinal);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task The_lease_of_a_dead_node_is_waited_for()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.Get<TokenStore>().BeginRefreshAsync(provider.Id, 1, "dead", accounts.Clock.GetUtcNow(), accounts.Clock.GetUtcNow().AddSeconds(60));
        var waiting = accounts.TokenAsync(provider.Id);
        await Task.Delay(100, accounts.Stop);
        Assert.Empty(accounts.Platform.Requests);
        while (!waiting.IsCompleted)
        {
            accounts.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(10, accounts.Stop);
        }
        await waiting;
        Assert.Single(accounts.Platform.Requests);
    }

    [Theory]
    [InlineData(500, "oops", "text/plain")]
    [InlineData(503, "{\"error\":\"invalid_grant\"}", "application/json")]
    [InlineData(200, "<html>sign in to the hotel</html>", "text/html")]
    [InlineData(403, "<html>proxy</html>", "text/html")]
    [InlineData(302, "", "text/html")]
    [InlineData(200, "{}", "application/json")]
    [InlineData(429, "{\"error\":\"invalid_grant\"}", "application/json")]
    [InlineData(400, "{\"error\":\"temporarily_unavailable\"}", "application/json")]
    public async Task What_is_no_decision_uses_the_old_token_to_its_end_and_deletes_nothing(int status, string body, string type)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        accounts.Platform.Answers((HttpStatusCode)status, body, type);
        accounts.Clock.Advance(TimeSpan.FromMinutes(55));
        Assert.Equal("access-1", (await accounts.TokenAsync(provider.Id)).Value);
        await UntilAsync(() => accounts.Platform.Log.Lines.Any(line => line.StartsWith("2002", StringComparison.Ordinal)));
        Assert.Equal("access-1", (await accounts.TokenAsync(provider.Id)).Value);
        accounts.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.Equal(ProviderState.Ready, accounts.Providers.Find(provider.Id)!.State);
        accounts.Platform.Answer = null;
        accounts.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("access-2", (await accounts.TokenAsync(provider.Id)).Value);
        Assert.Equal("refresh-1", accounts.Platform.Requests.Last()["refresh_token"]);
    }

    [Fact]
    public async Task A_network_fault_is_no_decision()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Answer = (_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        accounts.Platform.Answer = null;
        accounts.Clock.Advance(TimeSpan.FromSeconds(50));
        await accounts.TokenAsync(provider.Id);
    }

    [Fact]
    public async Task A_hanging_endpoint_is_given_twenty_seconds()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Answer = async (_, stop) => { await Task.Delay(Timeout.Infinite, stop); return new(); };
        var waiting = accounts.Tokens.GetAsync(provider.Id, accounts.Stop).AsTask();
        await UntilAsync(() => !accounts.Platform.Requests.IsEmpty);
        accounts.Clock.Advance(TimeSpan.FromSeconds(21));
        var later = Assert.IsType<TokenResult.Later>(await waiting);
        Assert.Contains("20 s", later.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Fri, 01 May 2026 10:05:00 GMT", 300)]
    [InlineData(null, 60)]
    public async Task Retry_after_is_kept(string? header, int seconds)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Answers(HttpStatusCode.TooManyRequests, "", "text/plain", header);
        var later = Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.InRange((later.RetryAt - accounts.Clock.GetUtcNow()).TotalSeconds, seconds, seconds + 1);
        accounts.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        await accounts.Tokens.GetAsync(provider.Id, accounts.Stop);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task Half_an_hour_of_500_costs_few_requests()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Answers(HttpStatusCode.InternalServerError, "");
        for (var second = 0; second < 1800; second += 5)
        {
            await accounts.Tokens.GetAsync(provider.Id, accounts.Stop);
            accounts.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.InRange(accounts.Platform.Requests.Count, 5, 12);
    }

    [Fact]
    public async Task An_invalid_grant_is_asked_once_and_waits_for_a_person()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Refuses("invalid_grant", "AADSTS50173: revoked");
        Assert.IsType<TokenResult.Broken>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        accounts.Clock.Advance(TimeSpan.FromDays(2));
        Assert.IsType<TokenResult.Broken>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        var now = accounts.Providers.Find(provider.Id)!;
        Assert.Equal(ProviderState.NeedsAttention, now.State);
        Assert.False(string.IsNullOrEmpty(now.StateReason) || string.IsNullOrEmpty(now.Remedy));
        Assert.Null(now.ProbeAt);
        await using var next = await accounts.RestartAsync();
        Assert.IsType<TokenResult.Broken>(await next.Tokens.GetAsync(provider.Id, next.Stop));
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_new_client_secret_is_tried_at_once_and_keeps_the_refresh_token()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Refuses("invalid_client", "AADSTS7000222: expired");
        Assert.IsType<TokenResult.Broken>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.NotNull(accounts.Providers.Find(provider.Id)!.ProbeAt);
        accounts.Platform.Answer = null;
        await accounts.Providers.ReplaceAsync("m365", TestAccounts.Microsoft() with { ClientSecret = SecretChange.To("new") }, null, accounts.Stop);
        Assert.Equal(ProviderState.Ready, accounts.Providers.Find("m365")!.State);
        await accounts.TokenAsync(provider.Id);
        Assert.Equal(("new", TestAccounts.Pasted), (accounts.Platform.Requests.Last()["client_secret"].ToString(), accounts.Platform.Requests.Last()["refresh_token"].ToString()));
    }

    [Fact]
    public async Task What_an_administrator_repairs_elsewhere_is_found_by_a_rare_probe()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Refuses("unauthorized_client");
        await accounts.Tokens.GetAsync(provider.Id, accounts.Stop);
        accounts.Platform.Answer = null;
        accounts.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.IsType<TokenResult.Broken>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        accounts.Clock.Advance(TimeSpan.FromMinutes(2));
        await accounts.TokenAsync(provider.Id);
        Assert.Equal(ProviderState.Ready, accounts.Providers.Find(provider.Id)!.State);
    }

    [Fact]
    public async Task A_rejected_token_is_renewed_once_in_five_minutes_however_many_ask()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => accounts.Tokens.RenewAsync(provider.Id, "access-1", accounts.Stop)));
        Assert.All(answers, answer => Assert.Equal("access-2", Assert.IsType<TokenResult.Ready>(answer).Token.Value));
        Assert.Equal(2, accounts.Platform.Requests.Count);
        Assert.IsType<TokenResult.Later>(await accounts.Tokens.RenewAsync(provider.Id, "access-2", accounts.Stop));
        Assert.Equal(2, accounts.Platform.Requests.Count);
    }

    [Fact]
    public async Task A_refresh_overtaken_by_new_settings_still_keeps_the_rotated_refresh_token()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        var release = new TaskCompletionSource();
        accounts.Platform.Answer = async (_, _) => { await release.Task; return accounts.Platform.Token(); };
        var waiting = accounts.Tokens.GetAsync(provider.Id, accounts.Stop).AsTask();
        await UntilAsync(() => accounts.Platform.Requests.Count == 1);
        await accounts.Providers.ReplaceAsync("m365", TestAccounts.Microsoft() with { Scope = "https://outlook.office365.com/SMTP.Send" }, null, accounts.Stop);
        accounts.Platform.Answer = null;
        release.SetResult();
        await waiting;
        await accounts.TokenAsync(provider.Id);
        Assert.Contains(accounts.Platform.Requests, request => request["refresh_token"] == "refresh-1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_is_changed_while_a_refresh_hangs_one_request_is_under_way_at_a_time(bool scope)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.TokenAsync(provider.Id);
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        var (release, underWay, most) = (new TaskCompletionSource(), 0, 0);
        accounts.Platform.Answer = async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            await release.Task;
            Interlocked.Decrement(ref underWay);
            return accounts.Platform.Token();
        };
        var first = accounts.TokenAsync(provider.Id);
        await UntilAsync(() => accounts.Platform.Requests.Count == 2);
        if (scope)
            await accounts.Providers.ReplaceAsync("m365", TestAccounts.Microsoft() with { ClientSecret = SecretChange.Keep, Scope = "https://outlook.office365.com/SMTP.Send" }, null, accounts.Stop);
        else
            await accounts.Providers.ResumeAsync("m365", accounts.Stop);
        var second = accounts.TokenAsync(provider.Id);
        await Task.Delay(100, accounts.Stop);
        await accounts.Providers.ResumeAsync("m365", accounts.Stop);
        var third = accounts.TokenAsync(provider.Id);
        await Task.Delay(100, accounts.Stop);
        release.SetResult();
        var tokens = await Task.WhenAll(first, second, third);
        Assert.Equal(1, most);
        // The answer serves all of them, unless it is not for what is asked now.
        Assert.All(tokens, token => Assert.Equal(scope ? "access-3" : "access-2", token.Value));
        if (scope)
            Assert.Equal(("refresh-2", "https://outlook.office365.com/SMTP.Send"), (accounts.Platform.Requests.Last()["refresh_token"].ToString(), accounts.Platform.Requests.Last()["scope"].ToString()));
    }

    [Fact]
    public async Task Client_credentials_need_no_sign_in()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Grant = ProviderGrant.ClientCredentials });
        Assert.Equal(ProviderState.Ready, provider.State);
        accounts.Platform.Rotates = false;
        await accounts.TokenAsync(provider.Id);
        var sent = Assert.Single(accounts.Platform.Requests);
        Assert.Equal(("client_credentials", "https://outlook.office365.com/.default"), (sent["grant_type"].ToString(), sent["scope"].ToString()));
    }

    [Fact]
    public async Task No_planted_secret_reaches_the_database_file_or_the_log()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { ClientSecret = SecretChange.To("canary-secret"), RefreshToken = SecretChange.To("canary-refresh") });
        await accounts.AddAsync(new() { Name = "relay", Type = ProviderType.Password, Address = "smtp.example.org", UserName = "u", Password = SecretChange.To("canary-password"), Limits = ProviderCatalog.NoLimitsGiven });
        Assert.IsType<Postrider.Accounts.Consent.ConsentStart.Started>(await accounts.Consent.StartAsync(provider, "test", accounts.Stop));
        await accounts.TokenAsync(provider.Id);
        accounts.Platform.Refuses("invalid_grant", "no");
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.Tokens.GetAsync(provider.Id, accounts.Stop);
        string[] secrets = ["canary-secret", "canary-refresh", "canary-password", "access-1", "refresh-1"];
        var files = string.Concat(Directory.GetFiles(accounts.Directory).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return new StreamReader(stream, Encoding.Latin1).ReadToEnd();
        }));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, files, StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(accounts.Platform.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    private static async Task CrashMidwayAsync(TestAccounts accounts, string id) =>
        Assert.True(await accounts.Get<TokenStore>().BeginRefreshAsync(id, 1, "a", accounts.Clock.GetUtcNow(), accounts.Clock.GetUtcNow().AddSeconds(60)));

    private static Task UntilAsync(Func<bool> isTrue) => UntilAsync(() => Task.FromResult(isTrue()));

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        for (var tries = 0; !await isTrue(); tries++)
        {
            Assert.True(tries < 500, "it did not happen within 5 s");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
