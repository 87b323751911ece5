using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.Browser;

/// <summary>What holds for every page: everybody can use it, it fits a phone, asks for nothing elsewhere, and is small. The pictures of the
/// documents are taken on the way.</summary>
public sealed class EveryPageTests(Chromium chromium)
{
    private const int LargestFirstLoad = 100 * 1024;
    private const string RunAxe = "rules => axe.run(document, rules).then(found => found.violations.map(one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html).join(' | ')}`))";
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();
    private static readonly string[] Violations = ["violations"], Contrast = ["color-contrast"];
    private readonly ConcurrentQueue<string> wrong = [];

    [Fact]
    public async Task Every_page_is_accessible_fits_the_screen_and_keeps_to_itself()
    {
        await using var installation = await LivedInAsync();
        var console = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        await using (var owner = await chromium.VisitAsync(console))
            await owner.SetUpAsync(installation.Gateway);
        await using (var stranger = await chromium.VisitAsync(console))
        {
            await stranger.Page.GotoAsync("/sign-in");
            await LookAsync(stranger.Page, "sign-in");
            stranger.AssertNoFault();
        }
        var paths = await PathsAsync(installation);
        await Task.WhenAll(WalkAsync(console, paths.Where((_, at) => at % 2 == 0)), WalkAsync(console, paths.Where((_, at) => at % 2 == 1)),
            WalkAsync(console, paths.Where(one => InGerman.Contains(one.Name)), "de-DE", "-de"));
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
    }

    private async Task WalkAsync(Uri console, IEnumerable<(string Name, string Path)> paths, string locale = "en-GB", string suffix = "")
    {
        await using var anna = await chromium.VisitAsync(console, locale: locale);
        await anna.SignInAsync();
        foreach (var (name, path) in paths)
        {
            var answer = await anna.Page.GotoAsync(path);
            if (answer!.Status != 200)
                wrong.Enqueue($"{path} answers {answer.Status}");
            await LookAsync(anna.Page, name + suffix);
        }
        anna.AssertNoFault();
    }

    [Fact]
    public async Task A_restored_copy_shows_what_has_happened_since_the_backup()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        var gateway = installation.Gateway;
        var stop = TestContext.Current.CancellationToken;
        await gateway.Api.Queue.HoldAsync(stop);
        var ids = await installation.SendManyAsync(6);
        var (file, data) = (Path.Combine(gateway.DataDirectory, "b.backup"), Path.Combine(gateway.DataDirectory, "restored"));
        Assert.Equal(0, (await gateway.CliAsync("backup", file)).ExitCode);
        await gateway.Api.Messages.CancelAsync(ids[0], stop);
        await gateway.Api.Messages.HoldAsync(ids[1], stop);
        await installation.SendAsync();
        await gateway.StopAsync();
        var (exitCode, _, error) = await gateway.CliAsync("restore", file, "--data", data, "--compare", gateway.DataDirectory);
        Assert.True(exitCode == 0, error);
        await using var restored = await GatewayProcess.StartAsync(data, Installation.Settings(installation.Simulator));
        var console = new Uri($"http://localhost:{restored.HttpUrl.Port}");
        await using (var owner = await chromium.VisitAsync(console))
            await owner.SetUpAsync(restored);
        await WalkAsync(console, AfterRestore);
        await WalkAsync(console, AfterRestore, "de-DE", "-de");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
    }

    private static readonly (string, string)[] AfterRestore = [("restored-queue", "/queue"), ("restored-differences", "/queue/differences"), ("restored-release", "/queue?handler=Release")];

    /// <summary>Who never finds anything has not looked: a page with a fault in each look is told of in each.</summary>
    [Fact]
    public async Task The_examination_finds_what_is_wrong()
    {
        await using var anna = await chromium.VisitAsync(new("http://localhost"));
        await anna.Page.SetContentAsync("""
            <!doctype html><html lang="en"><title>Wrong</title><meta name="color-scheme" content="light dark">
            <style>p { color: #000; background: #fff } @media (prefers-color-scheme: dark) { p { background: #111 } } div { width: 600px; height: 1px } @media (max-width: 400px) { select { display: block !important } }</style>
            <main><h1>Wrong</h1><p>Some words</p><img src="data:,"><select style="display: none"><option>One</select><div></div></main></html>
            """);
        await LookAsync(anna.Page, "wrong");
        Assert.Contains(wrong, one => one.StartsWith("wrong (desktop-light): image-alt", StringComparison.Ordinal));
        Assert.Contains(wrong, one => one.StartsWith("wrong (desktop-dark): color-contrast", StringComparison.Ordinal));
        Assert.Contains(wrong, one => one.StartsWith("wrong (phone-light): select-name", StringComparison.Ordinal));
        Assert.Contains(wrong, one => one.StartsWith("wrong (phone-dark)", StringComparison.Ordinal) && one.EndsWith("px wider than the screen", StringComparison.Ordinal));
    }

    /// <summary>German is longer than English: its buttons, heads of tables and long words are looked at too.</summary>
    private static readonly string[] InGerman = ["overview", "messages", "message-failed", "provider-broken", "provider-edit", "apps", "alerts", "audit"];

    [Fact]
    public async Task The_first_load_of_a_page_is_small()
    {
        await using var installation = await LivedInAsync();
        var console = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        await using (var owner = await chromium.VisitAsync(console))
            await owner.SetUpAsync(installation.Gateway);
        foreach (var path in new[] { "/", "/trends", "/messages", $"/providers/{Installation.ProviderName}" })
        {
            await using var anna = await chromium.VisitAsync(console);
            await anna.SignInAsync();
            var loaded = 0;
            await using var fresh = await chromium.VisitAsync(console);
            await fresh.SignInAsync();
            var session = await fresh.Page.Context.NewCDPSessionAsync(fresh.Page);
            await session.SendAsync("Network.enable");
            await session.SendAsync("Network.setCacheDisabled", new() { ["cacheDisabled"] = true });
            session.Event("Network.loadingFinished").OnEvent += (_, finished) => Interlocked.Add(ref loaded, (int)finished!.Value.GetProperty("encodedDataLength").GetDouble());
            await fresh.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            Assert.InRange(loaded, 1000, LargestFirstLoad);
        }
    }

    /// <summary>A page in all its looks: every rule in the first, then what dark colours change, and what the width of a phone changes.</summary>
    private async Task LookAsync(IPage page, string name)
    {
        await page.EvaluateAsync(Axe);
        await FitsAsync(page, name, "desktop-light", new { resultTypes = Violations });
        // Half a screen: nothing of a table is out of sight.
        await page.SetViewportSizeAsync(800, Chromium.DesktopHeight);
        foreach (var cut in await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.table')].filter(one => one.scrollWidth > one.clientWidth + 1).map(one => `${one.scrollWidth - one.clientWidth} px: ${one.querySelector('tr').innerText}`)"))
            wrong.Enqueue($"{name} (800 px): a table is cut, {cut}");
        await page.SetViewportSizeAsync(Chromium.DesktopWidth, Chromium.DesktopHeight);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await FitsAsync(page, name, "desktop-dark", new { resultTypes = Violations, runOnly = new { type = "rule", values = Contrast } });
        await page.SetViewportSizeAsync(360, 800);
        await FitsAsync(page, name, "phone-dark", null);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await FitsAsync(page, name, "phone-light", new { resultTypes = Violations, rules = new Dictionary<string, object> { [Contrast[0]] = new { enabled = false } } });
        await page.SetViewportSizeAsync(Chromium.DesktopWidth, Chromium.DesktopHeight);
    }

    /// <param name="rules">What the examiner of accessibility is to look for; null: nothing that it has not seen before.</param>
    private async Task FitsAsync(IPage page, string name, string look, object? rules)
    {
        if (rules is not null)
        {
            foreach (var violation in await page.EvaluateAsync<string[]>(RunAxe, rules))
                wrong.Enqueue($"{name} ({look}): {violation}");
        }
        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 0 and var beyond)
            wrong.Enqueue($"{name} ({look}): {beyond} px wider than the screen");
        await Pictures.TakeAsync(page, $"{name}-{look}");
    }

    private static async Task<List<(string Name, string Path)>> PathsAsync(Installation installation)
    {
        var api = installation.Gateway.Api;
        var sent = (await api.Messages.PageAsync(new MessageFilter { State = "sent" })).Items[0].Id;
        var failed = (await api.Messages.PageAsync(new MessageFilter { State = "failed" })).Items[0].Id;
        var bounced = (await api.Messages.PageAsync(new MessageFilter { State = "bounced" })).Items[0].Id;
        return
        [
            ("overview", "/"), ("messages", "/messages"), ("messages-none", "/messages?q=nothing-like-it"), ("message", $"/messages/{sent}"), ("message-failed", $"/messages/{failed}"), ("message-content", $"/messages/{sent}/content"),
            ("message-bounced", $"/messages/{bounced}"), ("bounces", "/bounces"), ("bounces-none", "/bounces?kind=complaint"), ("suppressions", "/bounces/suppressions"), ("suppression-remove", "/bounces/suppressions?handler=Remove&address=customer3%40example.org"),
            ("queue", "/queue"), ("queue-differences", "/queue/differences"), ("trends", "/trends"), ("trends-hour", "/trends?range=1h"), ("trends-week", $"/trends?range=7d&provider={Installation.ProviderName}"), ("providers", "/providers"), ("provider", $"/providers/{Installation.ProviderName}"), ("provider-broken", "/providers/alerts"), ("provider-edit", $"/providers/{Installation.ProviderName}/edit"),
            ("provider-remove", $"/providers/{Installation.ProviderName}/remove"), ("provider-use", $"/providers/{Installation.ProviderName}/use"), ("wizard", "/providers/add"),
            ("apps", "/apps"), ("app", "/apps/clients/printer"), ("alerts", "/alerts"), ("webhook-add", "/alerts/webhooks/add"), ("app-add", "/apps/clients/add"), ("key-add", "/apps/keys/add"), ("people", "/settings/people"), ("you", "/settings/you"), ("installation", "/settings/installation"), ("system", "/settings/system"), ("audit", "/audit"), ("audit-verified", "/audit?handler=Verify"), ("welcome", "/welcome"),
        ];
    }

    private static string Report(string envelope, string action, string status, string said) => $"""
        Return-Path: <>
        From: MAILER-DAEMON@mx.example.org
        To: {Installation.Mailbox}
        Subject: Undelivered Mail Returned to Sender
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: text/plain

        It did not arrive.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org
        Original-Envelope-Id: {envelope}

        Final-Recipient: rfc822; customer3@example.org
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {said}

        --b--
        """;

    /// <summary>An installation as it looks after a while: two mailboxes, one of them in need of somebody, mail of every kind.</summary>
    internal static async Task<Installation> LivedInAsync()
    {
        var installation = await Installation.StartAsync();
        var api = installation.Gateway.Api;
        // Its access token has ended by the time it is stored, so that the first message needs the grant.
        installation.Simulator.State.Identity = new IdentitySettings { AccessTokenSeconds = 1 };
        await installation.AddProviderAsync("alerts", Seed.Alerts, with: new() { ["displayName"] = "Alerts" });
        installation.Simulator.State.Identity = new IdentitySettings();
        await api.Clients.AddAsync(new ClientInput { Name = "printer" });
        for (var number = 1; number <= 12; number++)
            await api.Messages.SendAsync(new SendMessage { To = [$"customer{number}@example.org"], Subject = $"Invoice {2600 + number}", Html = $"<p>Your invoice <b>{2600 + number}</b> is attached.</p>", Text = "Your invoice is attached.", Provider = Installation.ProviderName });
        await installation.ArrivedAsync(12);
        var third = (await GatewayProcess.EventuallyAsync(async () => (await api.Messages.PageAsync(new MessageFilter { To = "customer3@example.org" })).Items is [{ State: "sent" } one] ? one : null, "the third is recorded as sent")).Id;
        foreach (var report in new[] { Report(third, "failed", "5.1.1", "550 5.1.1 <customer3@example.org>: Recipient address rejected: User unknown in local recipient table"), Report("elsewhere", "delayed", "4.4.1", "connect to mx.example.org[192.0.2.9]:25: Connection timed out"), "From: postmaster@example.org\r\nReturn-Path: <>\r\nSubject: Mailbox over quota\r\n\r\nNearly full." })
            await api.Reports.AddAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(report)));
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Rcpt, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Times: 1));
        await api.Messages.SendAsync(new SendMessage { To = ["gone@example.org"], Subject = "Reminder of invoice 2588", Text = "It is still open.", Provider = Installation.ProviderName });
        await GatewayProcess.EventuallyAsync(async () => (await api.Messages.PageAsync(new MessageFilter { State = "failed" })).Items is { Count: > 0 } items ? items : null, "one has failed");
        installation.Simulator.State.RevokeGrants(Seed.Alerts);
        await api.Messages.SendAsync(new SendMessage { To = ["operator@example.org"], From = Seed.Alerts, Subject = "Disk of web-3 is 90 % full", Text = "See the dashboard.", Provider = "alerts" });
        await installation.ProviderIsAsync("needsAttention", "alerts");
        PastDays.Write(installation);
        return installation;
    }
}
