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
        await installation.AddProviderAsync(connect: false);
        await installation.Gateway.Api.Providers.PauseAsync(Installation.ProviderName, Cancellation);
        foreach (var act in new[] { "provider added", "provider paused" })
            Assert.Equal(Installation.ProviderName, Assert.Single((await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Action = act }, cancellation: Cancellation)).Items).Target);
        var (exitCode, output, error) = await installation.Gateway.CliAsync("audit", "--action", "client", "--door", "api");
        Assert.True(exitCode == 0, error);
        Assert.Contains("client removed", output, StringComparison.Ordinal);

        await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "later" }, Cancellation);
        var csv = await browser.Http.GetStringAsync("/audit?handler=Export&format=csv&action=client", Cancellation);
        Assert.Matches("^\"when \\(UTC\\)\",\"who\".*\r\n\"\\d{4}-", csv);
        Assert.DoesNotContain("provider paused", csv, StringComparison.Ordinal);
        var lines = (await browser.Http.GetStringAsync("/audit?handler=Export&format=jsonl", Cancellation)).TrimEnd().Split('\n');
        Assert.True(lines.Length > 60);
        Assert.All(lines, line => Assert.Equal(64, System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("hash").GetString()!.Length));

        // As it was written, by every door.
        Assert.Contains("The audit is as it was written", await browser.SeeAsync("/audit?handler=Verify"), StringComparison.Ordinal);
        (exitCode, output, error) = await installation.Gateway.CliAsync("audit", "verify");
        Assert.True(exitCode == 0, error);
        Assert.Matches("✓ The audit is as it was written: \\d+ rows", output);
        var page = await browser.SeeAsync("/audit?actor=admin.key");
        Assert.DoesNotContain("first owner created", page, StringComparison.Ordinal);
        var older = Older().Match(page).Groups[1].Value;
        Assert.Contains("client removed", await browser.SeeAsync(older), StringComparison.Ordinal);
        Assert.Contains("first owner created", await browser.SeeAsync("/audit?door=console"), StringComparison.Ordinal);
        Assert.Contains("is not a time", await browser.SeeAsync("/audit?since=nonsense"), StringComparison.Ordinal);

        // Somebody writes to the database himself.
        Crashes.DatabaseFile.Query(installation.Gateway.DataDirectory, "update audit_log set actor = 'nobody' where action = 'client removed'");
        Assert.Contains("(nobody: client removed) is not as it was written", await browser.SeeAsync("/audit?handler=Verify"), StringComparison.Ordinal);
        Assert.False((await installation.Gateway.Api.Console.VerifyAuditAsync(Cancellation)).Holds);
        Assert.Equal(1, (await installation.Gateway.CliAsync("audit", "verify")).ExitCode);
    }

    [Fact]
    public async Task Each_role_sees_and_does_what_the_table_says_and_no_more()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "erp" }, Cancellation);
        await installation.Gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "hook", Url = "http://127.0.0.1:9/" }, Cancellation);
        var id = await installation.SendAsync();
        using var owner = await Browser.OwnerAsync(installation);
        using var operating = await owner.InviteAsync("berta", "operator");
        using var viewing = await owner.InviteAsync("carl", "viewer");
        var berta = PersonOf().Matches(await owner.SeeAsync("/settings/people")).Select(match => match.Groups[1].Value).ElementAt(1);

        // Page, or page and act; what it needs.
        (string Path, string? Handler, string Needs)[] table =
        [
            ("/", null, "look"), ("/messages", null, "look"), ($"/messages/{id}", null, "look"), ("/messages?handler=Export", null, "look"), ("/queue", null, "look"), ("/queue/differences", null, "look"), ("/providers", null, "look"),
            ("/apps", null, "look"), ("/apps/clients/erp", null, "look"), ("/alerts", null, "look"), ("/alerts/webhooks/hook", null, "look"), ("/audit", null, "look"), ("/audit?handler=Verify", null, "look"), ("/audit?handler=Export&format=csv", null, "look"), ("/welcome", null, "look"), ("/doctor", null, "look"), ("/doctor", "", "operate"), ("/settings/you", null, "look"), ("/settings/installation", null, "look"), ("/settings/system", null, "look"), ("/settings/system?handler=Diagnostics", null, "own"), ("/settings/system", "Forget", "own"),
            ($"/messages/{id}/content", null, "operate"), ($"/messages/{id}/content?handler=Html", null, "operate"), ($"/messages/{id}/content?handler=Source", null, "operate"), ($"/messages/{id}/content?handler=File&number=1", null, "operate"),
            ($"/messages/act?act=retry&id={id}", null, "operate"), ($"/messages/{id}", "Hold", "operate"), ($"/messages/{id}", "Release", "operate"), ("/messages/act?act=hold&state=failed", "", "operate"), ("/alerts/webhooks/hook", "Test", "operate"),
            ("/apps/clients/add", null, "own"), ("/apps/keys/add", null, "own"), ("/apps/clients/erp?handler=Remove", null, "own"), ("/apps/clients/erp", "Rotate", "own"), ("/apps/clients/erp/edit", null, "own"), ("/apps/clients/erp/edit", "", "own"), ("/apps/clients/erp", "EndOld", "own"),
            ("/alerts", "Mail", "own"), ("/alerts/webhooks/add", null, "own"), ("/alerts/webhooks/hook", "Off", "own"), ("/alerts/webhooks/hook", "Secret", "own"), ("/alerts/webhooks/hook?handler=Remove", null, "own"),
            ("/settings/people", null, "own"), ("/settings/people/invite", null, "own"), ($"/settings/people/{berta}", null, "own"), ($"/settings/people/{berta}", "Link", "own"), ($"/settings/people/{berta}", "Unlock", "own"), ($"/settings/people/{berta}", "Role", "own"), ("/settings/installation", "Rotate", "own"),
        ];
        foreach (var (browser, role) in new[] { (viewing, "viewer"), (operating, "operator"), (owner, "owner") })
        {
            var token = await browser.TokenAsync("/settings/you");
            foreach (var (path, handler, needs) in table)
            {
                var may = needs == "look" || role == "owner" || (needs == "operate" && role == "operator");
                using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["role"] = "operator" });
                using var answer = handler is null ? await browser.Http.GetAsync(path, Cancellation)
                    : await browser.Http.PostAsync(handler.Length > 0 ? $"{path}?handler={handler}" : path, form, Cancellation);
                Assert.True(may == (answer.StatusCode != HttpStatusCode.Forbidden), $"{role} {path} {handler}: {answer.StatusCode}");
                Assert.True((int)answer.StatusCode < 500, $"{role} {path} {handler}: {answer.StatusCode}");
            }
        }
        // What is not allowed is not offered either.
        Assert.DoesNotContain("handler=Remove", await viewing.SeeAsync("/apps/clients/erp"), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"id\"", await viewing.SeeAsync("/messages"), StringComparison.Ordinal);
        Assert.Contains("are shown to operators and owners", await viewing.SeeAsync($"/messages/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_are_invited_change_their_password_are_signed_out_and_the_last_owner_stays()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var owner = await Browser.OwnerAsync(installation);
        using var taken = await owner.FormAsync("/settings/people/invite", new() { ["name"] = "ANNA", ["role"] = "viewer" });
        Assert.Equal(HttpStatusCode.BadRequest, taken.StatusCode);
        using var berta = await owner.InviteAsync("berta", "viewer");
        var people = PersonOf().Matches(await owner.SeeAsync("/settings/people")).Select(match => match.Groups[1].Value).ToList();

        using var wrong = await berta.FormAsync("/settings/you", new() { ["current"] = "wrong", ["password"] = "another long sentence here", ["repeat"] = "another long sentence here" }, "/settings/you?handler=Password");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var elsewhere = new Browser(installation.Gateway.HttpUrl);
        using var there = await elsewhere.FormAsync("/sign-in", new() { ["name"] = "berta", ["password"] = Browser.Password });
        Assert.Equal(HttpStatusCode.Redirect, there.StatusCode);
        using var changed = await berta.FormAsync("/settings/you", new() { ["current"] = Browser.Password, ["password"] = "another long sentence here", ["repeat"] = "another long sentence here" }, "/settings/you?handler=Password");
        Assert.Equal(HttpStatusCode.Redirect, changed.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.OK, await berta.StatusAsync("/"));

        // Nobody ends the session of another by guessing its id.
        var annas = Session().Match(await owner.SeeAsync("/settings/you")).Groups[1].Value;
        using var foreign = await berta.FormAsync("/settings/you", new() { ["session"] = annas }, "/settings/you?handler=End");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await owner.StatusAsync("/"));

        var session = Session().Match(await owner.SeeAsync($"/settings/people/{people[1]}")).Groups[1].Value;
        using var ended = await owner.FormAsync($"/settings/people/{people[1]}", new() { ["session"] = session }, $"/settings/people/{people[1]}?handler=End");
        Assert.Equal(HttpStatusCode.Redirect, await berta.StatusAsync("/"));

        // Another role is not for a session that began with the old one.
        using var again = await berta.FormAsync("/sign-in", new() { ["name"] = "berta", ["password"] = "another long sentence here" });
        Assert.Equal(HttpStatusCode.OK, await berta.StatusAsync("/"));
        using var raised = await owner.FormAsync($"/settings/people/{people[1]}", new() { ["role"] = "operator" }, $"/settings/people/{people[1]}?handler=Role");
        Assert.Equal(HttpStatusCode.Redirect, await berta.StatusAsync("/"));

        using var demoted = await owner.FormAsync($"/settings/people/{people[0]}", new() { ["role"] = "viewer" }, $"/settings/people/{people[0]}?handler=Role");
        Assert.Contains("no owner would be left", await owner.SeeAsync($"/settings/people/{people[0]}"), StringComparison.Ordinal);
        await owner.PostAsync($"/settings/people/{people[0]}", "Remove");
        Assert.Contains("no owner would be left", await owner.SeeAsync($"/settings/people/{people[0]}"), StringComparison.Ordinal);
        // Nor has one who is removed a session left.
        using var back = await elsewhere.FormAsync("/sign-in", new() { ["name"] = "berta", ["password"] = "another long sentence here" });
        Assert.Equal(HttpStatusCode.OK, await elsewhere.StatusAsync("/"));
        await owner.PostAsync($"/settings/people/{people[1]}", "Remove");
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.StatusAsync("/"));
        Assert.Single(PersonOf().Matches(await owner.SeeAsync("/settings/people")));
    }

    [Fact]
    public async Task The_installation_tells_its_doors_its_certificate_what_is_kept_and_its_keys()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var owner = await Browser.OwnerAsync(installation);
        var page = await owner.SeeAsync("/settings/installation");
        Assert.Contains("In force", page, StringComparison.Ordinal);
        Assert.Contains("not locked", page, StringComparison.Ordinal);
        var (exitCode, _, error) = await installation.Gateway.CliAsync("backup", Path.Combine(installation.Gateway.DataDirectory, "b.backup"));
        Assert.True(exitCode == 0, error);
        var system = await owner.SeeAsync("/settings/system");
        foreach (var part in new[] { $"127.0.0.1:{installation.Gateway.Smtp.Port}", "for 30 days", "not locked", "Live", Environment.MachineName, "SQLite", "GiB are free", $"{DateTime.UtcNow:yyyy-MM-dd}" })
            Assert.Contains(part, system, StringComparison.Ordinal);
        var node = Assert.Single((await installation.Gateway.Api.Queue.GetAsync(Cancellation)).Nodes);
        Assert.Equal(("live", installation.Gateway.HttpUrl.Authority), (node.State, node.Address));
        Assert.Contains("IN HAND", (await installation.Gateway.CliAsync("queue")).Output, StringComparison.Ordinal);
        await owner.PostAsync("/settings/installation", "Rotate");
        Assert.Contains("A new key is in force", await owner.SeeAsync("/settings/installation"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_tests_the_installation_and_every_provider_line_by_line()
    {
        await using var installation = await Installation.StartAsync();
        using var owner = await Browser.OwnerAsync(installation);
        Assert.Contains("Not tested within the last hour", await owner.SeeAsync("/doctor"), StringComparison.Ordinal);
        using var started = await owner.FormAsync("/doctor", []);
        Assert.Equal("/doctor", started.Headers.Location!.ToString());
        var page = await GatewayProcess.EventuallyAsync(async () => await owner.SeeAsync("/doctor") is var seen && !seen.Contains("trying…", StringComparison.Ordinal) ? seen : null, "the tests are over");
        foreach (var step in new[] { "HTTP", "Disk", "Keyring", "DNS", "TLS", "Token", "AUTH", "Sender" })
            Assert.Contains($"<strong>{step}<", page, StringComparison.Ordinal);
        Assert.Contains("Every step works", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await owner.StatusAsync("/doctor?handler=Run&subject=installation&run=nothing&seen=0"));
    }

    [GeneratedRegex("href=\"/settings/people/([0-9a-f]{32})\"")]
    private static partial Regex PersonOf();

    [GeneratedRegex("name=\"session\" value=\"([0-9a-f]{32})\"")]
    private static partial Regex Session();

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]+")]
    private static partial Regex Secret();

    [GeneratedRegex("<a href=\"([^\"]+)\" rel=\"next\">Older")]
    private static partial Regex Older();
}
