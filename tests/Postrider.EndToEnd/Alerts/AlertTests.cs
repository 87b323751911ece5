using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Alerts;

/// <summary>What breaks is told at once, outside the broken way, and once; and what mends it is one click away.</summary>
public sealed partial class AlertTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, string> ToOps = new() { ["POSTRIDER__Alerts__To"] = "ops@contoso.example" };

    [Fact]
    public async Task A_dead_grant_is_told_by_webhook_and_through_another_mailbox_and_mended_with_the_link()
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync(ToOps);
        await using var receiver = await WebhookReceiver.StartAsync();
        await installation.AddProviderAsync("second", Seed.Alerts);
        var (exitCode, output, error) = await installation.Gateway.CliAsync("webhook", "add", "on-call", receiver.Url);
        Assert.True(exitCode == 0, error);
        receiver.Secret = Secret().Match(output).Value;
        (exitCode, output, _) = await installation.Gateway.CliAsync("webhook", "test", "on-call");
        Assert.True(exitCode == 0, output);
        Assert.Equal("webhook.test", (string)Assert.Single(receiver.Taken)["type"]!);

        installation.Simulator.State.RevokeGrants(Installation.Mailbox);
        var waiting = await installation.SendAsync();
        await installation.ProviderIsAsync("needsAttention");

        var mail = await GatewayProcess.EventuallyAsync(() => Task.FromResult(installation.Simulator.State.Messages.Read(0, 10).FirstOrDefault(message => message.Subject == "Contoso needs you.")), "the alert mail arrives");
        var opened = await EventAsync(receiver, "alert.opened");
        Assert.Equal(("provider.attention", "error", Installation.ProviderName), ((string)opened["data"]!["kind"]!, (string)opened["data"]!["severity"]!, (string)opened["data"]!["provider"]!));
        Assert.Equal((Seed.Alerts, "ops@contoso.example"), (mail.AuthenticatedAs, Assert.Single(mail.To)));
        (exitCode, output, _) = await installation.Gateway.CliAsync("alerts");
        Assert.Equal(1, exitCode);
        Assert.Contains("▲ Contoso needs you.", output, StringComparison.Ordinal);

        // The link in the mail, as a browser follows it.
        var link = Link().Match(await TextAsync(installation.Simulator.State.Messages.Raw(mail.Id)!)).Value;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var page = await browser.GetStringAsync(link, Stop);
        Assert.Contains($"Sign in as {Installation.Mailbox}", page, StringComparison.Ordinal);
        var start = await browser.GetAsync(link + "/start", Stop);
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        await browser.GetAsync(installation.Simulator.Consent(start.Headers.Location!.AbsoluteUri, Installation.Mailbox), Stop);
        await installation.Gateway.MessageIsAsync(waiting, "sent");
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync(link + "/start", Stop)).StatusCode);

        Assert.Equal((string)opened["data"]!["alert"]!, (string)(await EventAsync(receiver, "alert.recovered"))["data"]!["alert"]!);
        var alerts = await installation.Gateway.Api.Alerts.ListAsync(all: true, cancellation: Stop);
        Assert.Equal("recovered", Assert.Single(alerts.Items).State);
        var events = await installation.Gateway.Api.Alerts.EventsAsync(cancellation: Stop);
        Assert.Equal(["alert.opened", "alert.recovered"], events.Items.Select(happened => happened.Type));
        Assert.Empty((await installation.Gateway.Api.Alerts.EventsAsync(events.NextCursor, cancellation: Stop)).Items);
        Assert.Empty(receiver.Refused);
        Assert.DoesNotContain(receiver.Secret, installation.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_fails_is_told_and_a_receiver_that_is_down_holds_up_nothing()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Alerts__WebhookDelays__0"] = "00:00:00.200" });
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Secret = (await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "failures", Url = receiver.Url, Events = ["message.failed"] }, Stop)).Secret;
        await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "nobody", Url = "http://127.0.0.1:9/x", Events = ["message.failed", "message.sent"] }, Stop);
        installation.Simulator.State.SmtpFaults.Add(new(SmtpStage.Rcpt, "550 5.1.1 User unknown", Times: 1));
        var failed = await installation.SendAsync("nobody@example.org");
        await installation.Gateway.MessageIsAsync(failed, "failed");
        var told = await EventAsync(receiver, "message.failed");
        Assert.Equal((failed, "550 5.1.1 User unknown"), ((string)told["data"]!["message"]!, (string)told["data"]!["reply"]!));
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        var missed = await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Webhooks.DeliveriesAsync("nobody", cancellation: Stop)).Items
            .FirstOrDefault(delivery => delivery is { State: "failed", Attempts: 2 }), "the delivery is given up");
        Assert.Contains("refused", missed.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_slow_receiver_holds_up_neither_mail_nor_another_receiver()
    {
        await using var installation = await Installation.StartAsync();
        await using var slow = await WebhookReceiver.StartAsync();
        await using var quick = await WebhookReceiver.StartAsync();
        slow.Slow = TimeSpan.FromSeconds(30);
        slow.Secret = (await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "slow", Url = slow.Url, Events = ["message.sent"] }, Stop)).Secret;
        quick.Secret = (await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "quick", Url = quick.Url, Events = ["message.sent"] }, Stop)).Secret;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var ids = await installation.SendManyAsync(5);
        await installation.ArrivedAsync(5);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(quick.Taken.Count == ids.Count ? "" : null), "the quick one has heard of all");
        Assert.True(clock.Elapsed < slow.Slow, $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("https://10.0.0.7/x", "AllowPrivateNetworks")]
    [InlineData("https://169.254.169.254/latest/meta-data", "may be sent")]
    public async Task An_internal_address_is_not_talked_to(string url, string words)
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "inside", Url = url }, Stop);
        var (exitCode, output, _) = await installation.Gateway.CliAsync("webhook", "test", "inside");
        Assert.Equal(1, exitCode);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_that_is_pasted_is_explained()
    {
        await using var installation = await Installation.StartAsync();
        var (exitCode, output, _) = await installation.Gateway.CliAsync("explain", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.");
        Assert.Equal(0, exitCode);
        Assert.Contains("Set-CASMailbox -Identity <mailbox> -SmtpClientAuthenticationDisabled $false", output, StringComparison.Ordinal);
        var filled = await installation.Gateway.Http.GetStringAsync($"/api/v1/failures?q=AADSTS7000222&provider={Installation.ProviderName}", Stop);
        Assert.Contains("needsSecret\":true", filled, StringComparison.Ordinal);
        Assert.Equal(1, (await installation.Gateway.CliAsync("explain", "xyzzy plugh")).ExitCode);
    }

    private static Task<JsonNode> EventAsync(WebhookReceiver receiver, string type) =>
        GatewayProcess.EventuallyAsync(() => Task.FromResult(receiver.Taken.FirstOrDefault(taken => (string)taken["type"]! == type)), $"the event {type} arrives");

    private static async Task<string> TextAsync(byte[] raw)
    {
        using var bytes = new MemoryStream(raw);
        return (await MimeMessage.LoadAsync(bytes, Stop)).TextBody!;
    }

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]+")]
    private static partial Regex Secret();

    [GeneratedRegex(@"http://localhost:\d+/reconnect/[A-Za-z0-9_-]{43}")]
    private static partial Regex Link();
}
