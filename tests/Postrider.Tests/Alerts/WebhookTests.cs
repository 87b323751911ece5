using System.Net;
using System.Text.Json.Nodes;
using Postrider.Accounts.Providers;
using Postrider.Mail.Alerts;

namespace Postrider.Tests.Alerts;

public class WebhookTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_delivery_is_tried_again_at_the_times_of_the_schedule_under_the_same_id()
    {
        await using var alerts = await TestAlerts.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = HttpStatusCode.ServiceUnavailable;
        await alerts.Get<Webhooks>().AddAsync("on-call", receiver.Url, [], Stop);
        await alerts.BreakAsync(await alerts.AddAsync("m365"));
        await alerts.LookAsync();
        var began = alerts.Clock.GetUtcNow();
        var at = new List<double>();
        while (await NextAsync(alerts) is { } due)
        {
            if (due > alerts.Clock.GetUtcNow())
                alerts.Clock.SetUtcNow(due);
            at.Add((alerts.Clock.GetUtcNow() - began).TotalSeconds);
            await DeliverAsync(alerts);
        }
        Assert.Equal(10, at.Count);
        Assert.Equal(10, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(request => request.Id).Distinct());
        double[] pauses = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];
        Assert.All(at.Zip(at.Skip(1), (first, second) => second - first).Zip(pauses), pair => Assert.InRange(pair.First, pair.Second, pair.Second * 1.1 + 1));
        var webhook = await alerts.Get<Webhooks>().FindAsync("on-call", Stop);
        Assert.NotNull(webhook!.FailingSince);
        await alerts.LookAsync();
        Assert.Contains(alerts.Get<AlertWatch>().Findings, finding => finding.Cause == $"webhook:{webhook.Id}");
        Assert.Equal("failed", Assert.Single(await alerts.Get<Webhooks>().DeliveriesAsync(webhook.Id, null, 10, Stop), delivery => delivery.Type == EventType.AlertOpened && delivery.Attempts == 10).State);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_switched_off_and_a_redirect_is_not_followed()
    {
        await using var alerts = await TestAlerts.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        receiver.RedirectTo = other.Url;
        await alerts.Get<Webhooks>().AddAsync("on-call", receiver.Url, [], Stop);
        await alerts.BreakAsync(await alerts.AddAsync("a"));
        await alerts.LookAsync();
        await DeliverAsync(alerts);
        Assert.Single(receiver.Requests);
        Assert.Empty(other.Requests);

        receiver.RedirectTo = null;
        receiver.Status = HttpStatusCode.Gone;
        await alerts.BreakAsync(await alerts.AddAsync("b"));
        await alerts.LookAsync();
        await DeliverAsync(alerts);
        var webhook = (await alerts.Get<Webhooks>().FindAsync("on-call", Stop))!;
        Assert.False(webhook.Enabled);
        Assert.Contains("410", webhook.DisabledReason, StringComparison.Ordinal);
        Assert.Null(await NextAsync(alerts));
    }

    [Fact]
    public async Task A_new_secret_signs_beside_the_old_one_for_a_day()
    {
        await using var alerts = await TestAlerts.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var (webhook, first) = (await alerts.Get<Webhooks>().AddAsync("on-call", receiver.Url, [], Stop))!.Value;
        var second = await alerts.Get<Webhooks>().RenewSecretAsync(webhook.Id, Stop);
        await alerts.Get<Webhooks>().TestAsync(webhook, Stop);
        Assert.Equal([second, first], receiver.Requests.Single().SignedBy(first, second));
        alerts.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await alerts.Get<Webhooks>().TestAsync(webhook, Stop);
        Assert.Equal([second], receiver.Requests.Last().SignedBy(first, second));
    }

    [Fact]
    public async Task A_secret_lies_sealed_in_the_database()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var (_, secret) = (await alerts.Get<Webhooks>().AddAsync("on-call", new Uri("https://hooks.contoso.example/x"), [], Stop))!.Value;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        var stored = await alerts.Database.ReadAsync(session => session.SingleAsync<string>("select secret from webhooks"), Stop);
        Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_failed_can_be_sent_again_and_a_webhook_gets_only_what_it_asked_for()
    {
        await using var alerts = await TestAlerts.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var webhooks = alerts.Get<Webhooks>();
        var (webhook, _) = (await webhooks.AddAsync("recoveries", receiver.Url, [EventType.AlertRecovered], Stop))!.Value;
        var provider = await alerts.AddAsync("m365");
        await alerts.BreakAsync(provider);
        await alerts.LookAsync();
        Assert.Null(await NextAsync(alerts));
        await alerts.Get<ProviderStates>().ReadyAsync(provider.Id);
        await alerts.LookAsync();
        await DeliverAsync(alerts);
        var sent = Assert.Single(receiver.Requests);
        Assert.Equal("alert.recovered", (string)sent.Body["type"]!);
        Assert.Equal("m365", (string)sent.Body["data"]!["provider"]!);
        Assert.Equal(sent.Id, (await webhooks.ReplayAsync(webhook.Id, sent.Id, Stop))!.Id);
        await DeliverAsync(alerts);
        Assert.Equal([sent.Id, sent.Id], receiver.Requests.Select(request => request.Id));
        Assert.Null(await webhooks.ReplayAsync(webhook.Id, "msg_unknown", Stop));
    }

    private static async Task DeliverAsync(TestAlerts alerts)
    {
        foreach (var delivery in (await alerts.Get<WebhookQueue>().DueAsync(Stop)).SelectMany(due => due))
            await alerts.Get<WebhookQueue>().DeliverAsync(delivery, Stop);
    }

    private static async Task<DateTimeOffset?> NextAsync(TestAlerts alerts) =>
        await alerts.Database.ReadAsync(session => session.FirstOrDefaultAsync<long?>("select min(due_at) from webhook_deliveries where state = 'pending'"), Stop) is { } at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
