using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail.Alerts;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Alerts;

public class IncidentTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cause_is_told_once_again_every_day_and_when_it_is_gone()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("m365");
        await alerts.BreakAsync(provider);
        await alerts.LookAsync();
        await alerts.LookAsync();
        Assert.Equal([EventType.AlertOpened], await alerts.EventsAsync());
        var open = Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop));
        Assert.Equal((FindingKind.ProviderAttention, FindingSeverity.Error, provider.Id), (open.Kind, open.Severity, open.ProviderId));
        Assert.Contains("The grant was revoked.", open.Detail, StringComparison.Ordinal);

        alerts.Clock.Advance(TimeSpan.FromHours(23));
        await alerts.LookAsync();
        Assert.Single(await alerts.EventsAsync());
        alerts.Clock.Advance(TimeSpan.FromHours(2));
        await alerts.LookAsync();
        Assert.Equal([EventType.AlertOpened, EventType.AlertReminded], await alerts.EventsAsync());

        await alerts.Get<ProviderStates>().ReadyAsync(provider.Id);
        await alerts.LookAsync();
        Assert.Equal([EventType.AlertOpened, EventType.AlertReminded, EventType.AlertRecovered], await alerts.EventsAsync());
        Assert.Empty(await alerts.Incidents.ListAsync(false, null, null, 10, Stop));
        Assert.Equal((open.Id, 1), (Assert.Single(await alerts.Incidents.ListAsync(true, null, null, 10, Stop)) is var past ? (past.Id, past.Reminders) : default));

        await alerts.BreakAsync(provider);
        await alerts.LookAsync();
        Assert.NotEqual(open.Id, Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop)).Id);
    }

    [Fact]
    public async Task A_message_that_ends_the_process_each_time_is_told_until_it_is_released()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("m365");
        var queue = alerts.Get<MessageQueue>();
        var id = MessageIds.New(alerts.Clock);
        await queue.AddAsync(new NewMessage
        {
            Id = id, ProviderId = provider.Id, Source = "smtp", MailFrom = "app@contoso.example", HeaderFrom = "app@contoso.example", Recipients = ["someone@example.org"],
            Subject = "Invoice", HeaderId = "<1@contoso.example>", Content = StoredBytes.From("Subject: Invoice\r\n\r\nHello\r\n"u8.ToArray()),
        }, Stop);
        await queue.ClaimAsync(provider.Id, 1, Stop);
        await alerts.Database.WriteAsync(session => session.ExecuteAsync("update queue set rescues = 2"), Stop);
        await queue.FreeAbandonedAsync(Stop);
        Assert.Empty(await queue.ClaimAsync(provider.Id, 1, Stop));
        await alerts.LookAsync();
        var open = Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop));
        Assert.Equal((FindingKind.Quarantine, FindingSeverity.Error), (open.Kind, open.Severity));
        Assert.Contains($"postrider message release {id}", open.Remedy, StringComparison.Ordinal);
        await queue.ReleaseHeldAsync([id], "admin", Stop);
        await alerts.LookAsync();
        Assert.Empty(await alerts.Incidents.ListAsync(false, null, null, 10, Stop));
    }

    [Fact]
    public async Task An_end_that_comes_nearer_is_told_30_14_7_and_1_days_before_and_when_it_has_come()
    {
        await using var alerts = await TestAlerts.StartAsync();
        await alerts.AddAsync("m365", secretEnds: alerts.Clock.GetUtcNow().AddDays(40));
        var told = new List<int>();
        for (var day = 0; day <= 40; day++)
        {
            var before = (await alerts.EventsAsync()).Count;
            await alerts.LookAsync();
            if ((await alerts.EventsAsync()).Count > before)
                told.Add(40 - day);
            alerts.Clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal([30, 14, 7, 1, 0], told.Where(days => days <= 30));
        var open = Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop), incident => incident.Kind == FindingKind.SecretExpiry);
        Assert.Equal(FindingSeverity.Error, open.Severity);
        Assert.Contains("AADSTS7000222", open.Detail, StringComparison.Ordinal);
        Assert.Contains("appId/11111111-2222-3333-4444-555555555555", open.Remedy, StringComparison.Ordinal);
        Assert.Contains("postrider provider set m365 --client-secret-file -", open.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expiry_that_is_put_off_has_recovered()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("m365", secretEnds: alerts.Clock.GetUtcNow().AddDays(5));
        await alerts.LookAsync();
        var draft = new ProviderDraft { Name = "m365", Type = "microsoft", UserName = provider.UserName, Tenant = provider.Tenant, ClientId = provider.ClientId, Scope = provider.Scope, Grant = provider.Grant,
            ClientSecretExpiresAt = alerts.Clock.GetUtcNow().AddDays(200), Limits = ProviderCatalog.NoLimitsGiven };
        Assert.IsType<ProviderResult.Saved>(await alerts.Providers.ReplaceAsync("m365", draft, null, Stop));
        await alerts.LookAsync();
        Assert.Equal([EventType.AlertOpened, EventType.AlertRecovered], await alerts.EventsAsync());
    }

    [Fact]
    public async Task Mail_that_waits_too_long_is_told_of_and_not_beside_a_provider_that_needs_somebody()
    {
        await using var alerts = await TestAlerts.StartAsync(options => options.QueueAge = TimeSpan.FromHours(1));
        var provider = await alerts.AddAsync("m365");
        await QueueAsync(alerts, provider, null);
        await QueueAsync(alerts, provider, alerts.Clock.GetUtcNow().AddDays(2));
        await alerts.LookAsync();
        Assert.Empty(await alerts.EventsAsync());
        alerts.Clock.Advance(TimeSpan.FromMinutes(61));
        await alerts.LookAsync();
        Assert.Equal(FindingKind.QueueAge, Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop)).Kind);
        await alerts.BreakAsync(provider);
        await alerts.LookAsync();
        Assert.Equal(FindingKind.ProviderAttention, Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop)).Kind);
    }

    [Fact]
    public async Task Two_grants_of_Google_that_lived_seven_days_are_a_pattern()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("gmail", ProviderType.Google);
        for (var life = 0; life < 2; life++)
        {
            await alerts.LookAsync();
            Assert.DoesNotContain(alerts.Get<AlertWatch>().Findings, finding => finding.Kind == FindingKind.GrantPattern);
            alerts.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(20));
            await SetBrokenAsync(alerts, provider, "Token has been expired or revoked.");
            await alerts.LookAsync();
            alerts.Clock.Advance(TimeSpan.FromHours(5));
            await SetBrokenAsync(alerts, provider, null);
        }
        await alerts.LookAsync();
        var pattern = Assert.Single(alerts.Get<AlertWatch>().Findings, finding => finding.Kind == FindingKind.GrantPattern);
        Assert.Contains("Testing", pattern.Detail, StringComparison.Ordinal);
        Assert.Contains("Publish app", pattern.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_that_nobody_could_renew_is_told_of_before_it_dies_of_idleness()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("m365");
        await alerts.Database.WriteAsync(session => session.ExecuteAsync("update tokens set issued_at = @at where provider_id = @Id", new { provider.Id, at = alerts.Clock.GetUtcNow().AddDays(-80).ToUnixTimeMilliseconds() }), Stop);
        await alerts.LookAsync();
        var open = Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, Stop));
        Assert.Equal(FindingKind.GrantIdle, open.Kind);
        Assert.Contains("in 10 days", open.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_read_once_each_by_a_cursor()
    {
        await using var alerts = await TestAlerts.StartAsync();
        foreach (var name in new[] { "a", "b", "c" })
            await alerts.BreakAsync(await alerts.AddAsync(name));
        await alerts.LookAsync();
        alerts.Clock.Advance(TimeSpan.FromSeconds(6));
        var feed = alerts.Get<EventFeed>();
        var seen = new List<string>();
        string? cursor = null;
        while (await feed.ReadAsync(cursor, null, null, 1, Stop) is [var next])
            seen.Add(cursor = next.Id);
        Assert.Equal(3, seen.Count);
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
    }

    private static Task<int> SetBrokenAsync(TestAlerts alerts, Provider provider, string? reason) => alerts.Database.WriteAsync(session =>
        session.ExecuteAsync("update tokens set broken_reason = @reason, broken_remedy = @reason where provider_id = @Id", new { provider.Id, reason }), Stop);

    private static Task<AddResult> QueueAsync(TestAlerts alerts, Provider provider, DateTimeOffset? at)
    {
        var id = MessageIds.New(alerts.Clock);
        return alerts.Get<MessageQueue>().AddAsync(new NewMessage
        {
            Id = id, ProviderId = provider.Id, Source = "http", MailFrom = provider.UserName, Recipients = ["someone@example.org"], HeaderFrom = provider.UserName, Subject = "Hello",
            HeaderId = $"<{id}@gateway.example>", Content = StoredBytes.From("Subject: Hello\r\n\r\nHello\r\n"u8.ToArray()), SendAt = at,
        }, Stop);
    }
}
