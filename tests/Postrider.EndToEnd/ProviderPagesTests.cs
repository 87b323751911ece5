using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using static Postrider.EndToEnd.ProviderSetups;

namespace Postrider.EndToEnd;

/// <summary>The wizard and a provider's own page over HTTP, as a browser without script meets them.</summary>
public sealed partial class ProviderPagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_nothing_to_a_mail_that_is_sent_step_by_step()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        Assert.Contains("Add a provider", await browser.SeeAsync("/providers"), StringComparison.Ordinal);

        var setup = await BeginAsync(browser);
        var register = await browser.SeeAsync($"{setup}/register");
        Assert.Contains("Set-CASMailbox -Identity 'noreply@contoso.example'", register, StringComparison.Ordinal);
        Assert.Contains($"http://localhost:{installation.Gateway.HttpUrl.Port}/oauth/callback", register, StringComparison.Ordinal);
        Assert.Contains("az ad app create", register, StringComparison.Ordinal);
        Assert.Contains("New-MgApplication", await browser.SeeAsync($"{setup}/register?script=powershell"), StringComparison.Ordinal);
        using (var on = await browser.FormAsync($"{setup}/register", []))
            Assert.EndsWith("/details", on.Headers.Location!.ToString(), StringComparison.Ordinal);

        Assert.Contains("smtp.office365.com", await browser.SeeAsync($"{setup}/details"), StringComparison.Ordinal);
        using (var made = await browser.FormAsync($"{setup}/details", Details(installation)))
            Assert.True(made.StatusCode == HttpStatusCode.Redirect, await made.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("Connect it", await browser.SeeAsync($"{setup}/connect"), StringComparison.Ordinal);

        var authorize = (await browser.PostAsync($"{setup}/connect", "Connect")).Headers.Location!;
        var landed = installation.Simulator.Consent(authorize.AbsoluteUri, Installation.Mailbox);
        using (var back = await browser.Http.GetAsync(Here(installation, landed), Cancellation))
            Assert.Equal($"{setup}/test", back.Headers.Location!.ToString());

        var run = (await browser.FormAsync($"{setup}/test", new() { ["to"] = "someone@example.org" }, $"{setup}/test?handler=Test")).Headers.Location!.ToString().Split('#')[0];
        var page = await OverAsync(browser, run);
        Assert.Contains("Every step works", page, StringComparison.Ordinal);
        Assert.Contains("250 2.0.0 OK", page, StringComparison.Ordinal);
        await installation.ArrivedAsync(1);

        using (var done = await browser.FormAsync(run, [], $"{setup}/test?handler=Finish"))
            Assert.Equal("/providers/contoso/use?done=true", done.Headers.Location!.ToString());
        var how = await browser.SeeAsync("/providers/contoso/use?done=true");
        Assert.Contains("Done: mail can go", how, StringComparison.Ordinal);
        Assert.Contains($"relayhost = [127.0.0.1]:{installation.Gateway.Smtp.Port}", how, StringComparison.Ordinal);
        Assert.DoesNotContain("Begun, not finished", await browser.SeeAsync("/providers"), StringComparison.Ordinal);
        var detail = await browser.SeeAsync("/providers/contoso");
        Assert.Contains("token issued", detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Seed.ClientSecret, detail + how + page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_typed_survives_a_restart_and_its_secret_is_nowhere_in_clear()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var first = await Browser.OwnerAsync(installation);
        var setup = await BeginAsync(first);
        // The port is wrong, so that nothing is made of it yet.
        using (var wrong = await first.FormAsync($"{setup}/details", new(Details(installation)) { ["port"] = "five" }))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            var shown = WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync(Cancellation));
            Assert.Contains("Write a whole number, for example 587.", shown, StringComparison.Ordinal);
            Assert.DoesNotContain(Seed.ClientSecret, shown, StringComparison.Ordinal);
        }
        await installation.RestartAsync();
        using var browser = new Browser(installation.Gateway.HttpUrl);
        using (await browser.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = Browser.Password })) { }
        Assert.Contains($"{setup}/register", await browser.SeeAsync("/providers"), StringComparison.Ordinal);
        var page = await browser.SeeAsync($"{setup}/details");
        Assert.Contains("value=\"five\"", page, StringComparison.Ordinal);
        Assert.Contains(Seed.ClientId.ToString(), page, StringComparison.Ordinal);
        Assert.Contains("One is stored, encrypted", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Seed.ClientSecret, page + await DatabaseTextAsync(installation), StringComparison.Ordinal);

        // The secret field stays empty: the one that was typed before counts.
        using (var made = await browser.FormAsync($"{setup}/details", new(Details(installation)) { ["clientSecret"] = "", ["redirectUri"] = $"http://localhost:{installation.Gateway.HttpUrl.Port}/oauth/callback" }))
            Assert.True(made.StatusCode == HttpStatusCode.Redirect, await made.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("true", (await installation.ProviderAsync()).Text("clientSecretSet"));
        await installation.ConnectAsync();
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
    }

    [Fact]
    public async Task A_secret_id_is_refused_in_words_at_its_field_while_typing_and_when_saved()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var setup = await BeginAsync(browser);
        var id = Guid.NewGuid().ToString();
        using var typing = await browser.FormAsync($"{setup}/details", new(Details(installation)) { ["clientSecret"] = id }, $"{setup}/details?handler=Check&member=clientSecret");
        var note = WebUtility.HtmlDecode(await typing.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("This is the Secret ID. Copy the column \"Value\" instead", note, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", note, StringComparison.Ordinal);
        using var saved = await browser.FormAsync($"{setup}/details", new(Details(installation)) { ["clientSecret"] = id });
        Assert.Equal(HttpStatusCode.BadRequest, saved.StatusCode);
        var page = WebUtility.HtmlDecode(await saved.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("This is the Secret ID", page, StringComparison.Ordinal);
        Assert.DoesNotContain(id, page, StringComparison.Ordinal);
        Assert.DoesNotContain("One is stored, encrypted", page, StringComparison.Ordinal);

        using var scope = await browser.FormAsync($"{setup}/details", new(Details(installation)) { ["scope"] = "https://graph.microsoft.com/SMTP.Send offline_access" }, $"{setup}/details?handler=Check&member=scope");
        Assert.Contains("refuses tokens for Microsoft Graph", await scope.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_portals_values_are_pasted_all_at_once()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var setup = await BeginAsync(browser);
        using (var nothing = await browser.FormAsync($"{setup}/register", new() { ["values"] = "hello" }, $"{setup}/register?handler=Paste"))
            Assert.Contains("No value is recognised", await nothing.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (var pasted = await browser.FormAsync($"{setup}/register", new() { ["values"] = $"Application (client) ID: {Seed.ClientId}\nObject ID: {Guid.NewGuid()}\nDirectory (tenant) ID\n{Seed.TenantId}\nValue\t{Seed.ClientSecret}\nExpires: 2030-01-31" }, $"{setup}/register?handler=Paste"))
            Assert.EndsWith("/details", pasted.Headers.Location!.ToString(), StringComparison.Ordinal);
        var page = await browser.SeeAsync($"{setup}/details");
        Assert.Contains("What was recognised is filled in below.", page, StringComparison.Ordinal);
        foreach (var value in new[] { Seed.ClientId.ToString(), Seed.TenantId.ToString(), "2030-01-31", "One is stored, encrypted", Installation.Mailbox })
            Assert.Contains(value, page, StringComparison.Ordinal);
        Assert.DoesNotContain(Seed.ClientSecret, page, StringComparison.Ordinal);
        // With the ID known, the links lead to the application itself, and there is one for the administrator.
        Assert.Contains($"/CallAnAPI/appId/{Seed.ClientId}", await browser.SeeAsync($"{setup}/register"), StringComparison.Ordinal);
        Assert.Contains($"/{Seed.TenantId}/v2.0/adminconsent?client_id={Seed.ClientId}", await browser.SeeAsync($"{setup}/register"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_kind_of_provider_and_every_way_to_sign_in_has_its_steps_and_its_form()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var presets = Preset().Matches(await browser.SeeAsync("/providers/add")).Select(match => match.Groups[1].Value).ToList();
        Assert.True(presets.Count >= 12, string.Join(" ", presets));
        var setup = await BeginAsync(browser);
        foreach (var preset in presets)
        {
            using (var chosen = await browser.FormAsync(setup, new() { ["mailbox"] = "noreply@contoso.example", ["preset"] = preset }))
                Assert.Equal($"{setup}/register", chosen.Headers.Location!.ToString());
            var ways = Way().Matches(await browser.SeeAsync($"{setup}/register")).Select(match => match.Groups[1].Value).ToList();
            Assert.Equal(preset == "password", ways.Count == 0);
            foreach (var way in ways)
            {
                using (await browser.FormAsync($"{setup}/register", new() { ["way"] = way }, $"{setup}/register?handler=Way")) { }
                var register = await browser.SeeAsync($"{setup}/register");
                Assert.Equal(way == "browser", register.Contains("exactly as it is", StringComparison.Ordinal));
                var details = await browser.SeeAsync($"{setup}/details");
                foreach (var (member, there) in new[] { ("redirectUri", way == "browser"), ("serviceAccountKey", way == "service-account"), ("clientSecret", way is not ("app-certificate" or "service-account")), ("tenant", preset.StartsWith("microsoft", StringComparison.Ordinal) || preset == "outlook.com") })
                    Assert.True(details.Contains($"name=\"{member}\"", StringComparison.Ordinal) == there, $"{preset} {way}: {member}");
            }
            if (preset == "password")
                Assert.Contains("name=\"password\"", await browser.SeeAsync($"{setup}/details"), StringComparison.Ordinal);
        }
        using var none = await browser.FormAsync("/providers/add", new() { ["mailbox"] = "not an address", ["preset"] = "microsoft" });
        Assert.Contains("Write the mailbox's whole address", WebUtility.HtmlDecode(await none.Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await browser.StatusAsync("/providers/add/unknown/details"));
    }

    [Fact]
    public async Task A_provider_is_changed_held_switched_off_and_removed()
    {
        await using var installation = await Installation.StartAsync();
        using var browser = await Browser.OwnerAsync(installation);
        var edit = await browser.SeeAsync("/providers/contoso/edit");
        var version = Version().Match(edit).Groups[1].Value;
        Assert.DoesNotContain(Seed.ClientSecret, edit, StringComparison.Ordinal);
        using (var saved = await browser.FormAsync("/providers/contoso/edit", new() { ["version"] = version, ["displayName"] = "Contoso, renamed", ["limits.messagesPerMinute"] = "7", ["senders"] = "@shop.contoso.example" }))
            Assert.True(saved.StatusCode == HttpStatusCode.Redirect, await saved.Content.ReadAsStringAsync(Cancellation));
        var changed = await installation.ProviderAsync();
        Assert.Equal(("Contoso, renamed", "7", "true", "ready"), (changed.Text("displayName"), changed["limits"]!["messagesPerMinute"]!.ToString(), changed.Text("clientSecretSet"), changed.Text("state")));
        using (var late = await browser.FormAsync("/providers/contoso/edit", new() { ["version"] = version, ["displayName"] = "Too late" }))
            Assert.Contains("Somebody else changed contoso in the meantime", WebUtility.HtmlDecode(await late.Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);

        await browser.PostAsync("/providers/contoso", "Pause");
        var id = await installation.SendAsync();
        Assert.Equal("paused", (await installation.ProviderAsync()).Text("state"));
        Assert.Contains("wait", await browser.SeeAsync("/providers/contoso/remove"), StringComparison.Ordinal);
        using (var waits = await browser.FormAsync("/providers/contoso/remove", new() { ["typed"] = "contoso" }))
            Assert.Contains("still wait to be sent", await waits.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await browser.PostAsync("/providers/contoso", "Resume");
        await installation.Gateway.MessageIsAsync(id, "sent");
        await browser.PostAsync("/providers/contoso", "Disable");
        Assert.Contains("Switch it on", await browser.SeeAsync("/providers/contoso"), StringComparison.Ordinal);
        await browser.PostAsync("/providers/contoso", "Enable");
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
        var refreshes = installation.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token");
        await browser.PostAsync("/providers/contoso", "Refresh");
        Assert.Equal(refreshes + 1, installation.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token"));
        var page = await browser.SeeAsync("/providers/contoso");
        foreach (var part in new[] { "The token is renewed", "TLS 1.3", "Issued by", "<strong>token renewed</strong> by anna", "<strong>provider disabled</strong> by anna" })
            Assert.Contains(part, page, StringComparison.Ordinal);

        using (var wrong = await browser.FormAsync("/providers/contoso/remove", new() { ["typed"] = "contso" }))
            Assert.Contains("That is not its name", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (var removed = await browser.FormAsync("/providers/contoso/remove", new() { ["typed"] = "contoso" }))
            Assert.Equal("/providers", removed.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, await browser.StatusAsync("/providers/contoso"));
        var audit = await DatabaseTextAsync(installation);
        foreach (var act in new[] { "provider changed", "provider paused", "provider removed" })
            Assert.Contains(act, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scope_that_was_repaired_is_kept_from_the_page()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { AdminConsented = true });
        await installation.AddProviderAsync(with: new() { ["scope"] = "https://graph.microsoft.com/SMTP.Send offline_access" });
        using var browser = await Browser.OwnerAsync(installation);
        Assert.Contains("Keep the scope that works", await browser.SeeAsync("/providers/contoso"), StringComparison.Ordinal);
        await browser.PostAsync("/providers/contoso", "KeepScope");
        Assert.Equal("https://outlook.office.com/SMTP.Send offline_access", (await installation.ProviderAsync()).Text("scope"));
        Assert.DoesNotContain("Keep the scope that works", await browser.SeeAsync("/providers/contoso"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    public async Task Who_may_not_change_providers_sees_no_form_and_is_refused(string role)
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        string setup;
        using (var owner = await Browser.OwnerAsync(installation))
            setup = await BeginAsync(owner);
        await installation.Gateway.StopAsync();
        DatabaseFile.Query(installation.Gateway.DataDirectory, $"update people set role = '{role}'");
        await installation.RestartAsync();
        using var browser = new Browser(installation.Gateway.HttpUrl);
        using (await browser.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = Browser.Password })) { }

        var list = await browser.SeeAsync("/providers");
        Assert.DoesNotContain("/providers/add", list, StringComparison.Ordinal);
        var detail = await browser.SeeAsync("/providers/contoso");
        foreach (var act in new[] { "Token", "Certificate", "Disable", "KeepScope" })
            Assert.DoesNotContain($"handler={act}", detail, StringComparison.Ordinal);
        foreach (var link in new[] { "/edit", "/remove" })
            Assert.DoesNotContain($"/providers/contoso{link}", detail, StringComparison.Ordinal);
        foreach (var act in new[] { "Connect", "Test", "Pause" })
            Assert.Equal(role == "operator", detail.Contains($"handler={act}", StringComparison.Ordinal));
        foreach (var path in new[] { "/providers/add", setup, $"{setup}/register", $"{setup}/details", $"{setup}/connect", $"{setup}/test", "/providers/contoso/edit", "/providers/contoso/remove" })
            Assert.Equal(HttpStatusCode.Forbidden, await browser.StatusAsync(path));
        foreach (var (path, form) in new[] { ("/providers/add", "/providers/add"), ($"{setup}/details", $"{setup}/details"), ("/providers/contoso/edit", "/providers/contoso/edit"), ("/providers/contoso/remove", "/providers/contoso/remove"), ("/providers/contoso", "/providers/contoso?handler=Token"), ("/providers/contoso", "/providers/contoso?handler=Disable") })
        {
            using var refused = await browser.FormAsync("/providers/contoso", new() { ["typed"] = "contoso", ["refreshToken"] = "x", ["mailbox"] = "a@b.example", ["preset"] = "microsoft" }, form);
            Assert.True(refused.StatusCode == HttpStatusCode.Forbidden, $"{path}: {refused.StatusCode}");
        }
        Assert.Equal("needsConsent", (await installation.ProviderAsync()).Text("state"));
    }

    [Fact]
    public async Task Html_in_every_stored_field_is_shown_as_text()
    {
        const string Hostile = "\"><img/src=x/onerror=alert(1)>";
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await installation.AddProviderAsync(with: new()
        {
            ["displayName"] = Hostile, ["clientId"] = Hostile, ["userName"] = $"{Hostile}@contoso.example", ["scope"] = "<img/src=x>", ["senders"] = new JsonArray($"{Hostile}@x.example"),
            ["authorizeParameters"] = new JsonObject { ["hint"] = Hostile }, ["refreshToken"] = "x",
        }, connect: false);
        var setup = await BeginAsync(browser);
        var typed = Details(installation).Keys.Where(member => member != "clientSecret").ToDictionary(member => member, _ => Hostile);
        foreach (var member in new[] { "domain", "scope", "redirectUri", "authorizeParameters", "senders", "limits.connections", "tokenUrl" })
            typed[member] = Hostile;
        using (var wrong = await browser.FormAsync($"{setup}/details", typed))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Unharmed(await wrong.Content.ReadAsStringAsync(Cancellation));
        }
        using (var nothing = await browser.FormAsync($"{setup}/register", new() { ["values"] = $"Value: {Hostile}\nClient ID: {Hostile}\nExpires: {Hostile}" }, $"{setup}/register?handler=Paste"))
            Assert.Equal(HttpStatusCode.Redirect, nothing.StatusCode);
        foreach (var path in new[] { "/providers", setup, $"{setup}/register", $"{setup}/details", "/providers/contoso", "/providers/contoso/edit", "/providers/contoso/use", "/providers/contoso/remove" })
            Unharmed(await browser.Http.GetStringAsync(path, Cancellation));
        Unharmed(await browser.Http.GetStringAsync((await browser.PostAsync("/providers/contoso", "Test")).Headers.Location!.ToString().Split('#')[0], Cancellation));

        static void Unharmed(string page)
        {
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"<(script(?! src=)|style)|<[^>]*\s(style|on[a-z]+)=", page);
        }
    }

    [GeneratedRegex("name=\"preset\" value=\"([^\"]+)\"")]
    private static partial Regex Preset();

    [GeneratedRegex("name=\"way\" value=\"([^\"]+)\"")]
    private static partial Regex Way();

    [GeneratedRegex("name=\"version\" value=\"([0-9]+)\"")]
    private static partial Regex Version();
}
