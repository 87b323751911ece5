using System.Net;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>Alerts, audit and settings in the console.</summary>
public sealed partial class SettingsPagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_added_with_its_secret_shown_once_tried_switched_off_and_removed_and_alert_mail_is_set()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        Assert.Contains("Nothing is wrong", await browser.SeeAsync("/alerts"), StringComparison.Ordinal);
        using var wrong = await browser.FormAsync("/alerts/webhooks/add", new() { ["name"] = "on call", ["url"] = "http://169.254.169.254/latest", ["events"] = "alert.opened" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        // Nobody listens there: the test says so.
        using var added = await browser.FormAsync("/alerts/webhooks/add", new() { ["name"] = "on-call", ["url"] = "http://127.0.0.1:9/hook?token=of-the-receiver", ["events"] = "alert.opened" });
        Assert.Equal("/alerts/webhooks/on-call", added.Headers.Location!.ToString());
        var secret = Secret().Match(await browser.SeeAsync("/alerts/webhooks/on-call")).Value;
        Assert.NotEqual("", secret);
        Assert.DoesNotMatch(Secret(), await browser.SeeAsync("/alerts/webhooks/on-call"));
        await browser.PostAsync("/alerts/webhooks/on-call", "Test");
        Assert.Contains("It did not arrive", await browser.SeeAsync("/alerts/webhooks/on-call"), StringComparison.Ordinal);
        await browser.PostAsync("/alerts/webhooks/on-call", "Secret");
        Assert.NotEqual(secret, Secret().Match(await browser.SeeAsync("/alerts/webhooks/on-call")).Value);
        await browser.PostAsync("/alerts/webhooks/on-call", "Off");
        Assert.False((await installation.Gateway.Api.Webhooks.GetAsync("on-call", Cancellation)).Enabled);
        Assert.Contains("is told nothing more", await browser.SeeAsync("/alerts/webhooks/on-call?handler=Remove"), StringComparison.Ordinal);
        await browser.PostAsync("/alerts/webhooks/on-call", "Remove");
        Assert.Empty((await installation.Gateway.Api.Webhooks.ListAsync(Cancellation)).Items);

        using var refused = await browser.FormAsync("/alerts", new() { ["to"] = "not an address" }, "/alerts?handler=Mail");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var set = await browser.FormAsync("/alerts", new() { ["to"] = "ops@example.org\nlate@example.org" }, "/alerts?handler=Mail");
        Assert.Equal(["ops@example.org", "late@example.org"], (await installation.Gateway.Api.Alerts.MailAsync(Cancellation)).To);
    }

    [Fact]
    public async Task The_audit_tells_acts_of_both_doors_by_name_and_is_filtered_and_paged_everywhere_alike()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "erp" }, Cancellation);
        await installation.Gateway.Api.Clients.RemoveAsync("erp", Cancellation);
        await Assert.ThrowsAsync<PostriderException>(() => installation.Gateway.Api.Clients.RemoveAsync("erp", Cancellation));
        for (var many = 0; many < 55; many++)
            await installation.Gateway.Api.Alerts.SetMailAsync(new AlertMailSettings { To = [$"{many}@example.org"] }, Cancellation);

        var removed = Assert.Single((await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Action = "client rem" }, cancellation: Cancellation)).Items);
        Assert.Equal(("admin.key", "api", "client removed", "erp", "127.0.0.1"), (removed.Actor, removed.Door, removed.Action, removed.Target, removed.Address));
        var first = await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Actor = "admin.key" }, limit: 50, cancellation: Cancellation);
        Assert.Equal(50, first.Items.Count);
        var second = await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Actor = "admin.key" }, limit: 50, first.NextCursor, Cancellation);
        Assert.Null(second.NextCursor);
        Assert.Empty((await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Until = DateTimeOffset.UtcNow.AddDays(-1) }, cancellation: Cancellation)).Items);
        await Assert.ThrowsAsync<PostriderException>(() => installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Door = "window" }, cancellation: Cancellation));
        var (exitCode, output, error) = await installation.Gateway.CliAsync("audit", "--action", "client", "--door", "api");
        Assert.True(exitCode == 0, error);
        Assert.Contains("client removed", output, StringComparison.Ordinal);

        var page = await browser.SeeAsync("/audit?actor=admin.key");
        Assert.DoesNotContain("first owner created", page, StringComparison.Ordinal);
        var older = Older().Match(page).Groups[1].Value;
        Assert.Contains("client removed", await browser.SeeAsync(older), StringComparison.Ordinal);
        Assert.Contains("first owner created", await browser.SeeAsync("/audit?door=console"), StringComparison.Ordinal);
        Assert.Contains("is not a time", await browser.SeeAsync("/audit?since=nonsense"), StringComparison.Ordinal);
    }

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]+")]
    private static partial Regex Secret();

    [GeneratedRegex("<a href=\"([^\"]+)\" rel=\"next\">Older")]
    private static partial Regex Older();
}
