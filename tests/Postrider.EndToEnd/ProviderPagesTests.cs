using System.Net;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd;

/// <summary>The wizard and a provider's own page over HTTP, as a browser without script meets them.</summary>
public sealed class ProviderPagesTests
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

    private static async Task<string> BeginAsync(Browser browser)
    {
        using var begun = await browser.FormAsync("/providers/add", new() { ["mailbox"] = Installation.Mailbox, ["preset"] = "microsoft" });
        Assert.True(begun.StatusCode == HttpStatusCode.Redirect, await begun.Content.ReadAsStringAsync(Cancellation));
        return begun.Headers.Location!.ToString().Replace("/register", "", StringComparison.Ordinal);
    }

    /// <summary>What an administrator types into the third step, with the simulator as the identity platform and the server.</summary>
    private static Dictionary<string, string> Details(Installation installation) => new()
    {
        ["name"] = Installation.ProviderName, ["displayName"] = "Contoso", ["address"] = "localhost", ["port"] = installation.Simulator.SmtpPort.ToString(System.Globalization.CultureInfo.InvariantCulture), ["security"] = "startTls",
        ["userName"] = Installation.Mailbox, ["tenant"] = Seed.TenantId.ToString(), ["authority"] = installation.Simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
        ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["clientSecretExpiresAt"] = "2030-01-31", ["enabled"] = "true",
    };

    private static string Here(Installation installation, Uri landed) => new Uri(installation.Gateway.HttpUrl, landed.PathAndQuery).AbsoluteUri;

    private static Task<string> OverAsync(Browser browser, string run) => GatewayProcess.EventuallyAsync(
        async () => await browser.SeeAsync(run) is var page && (page.Contains("Every step works", StringComparison.Ordinal) || page.Contains("failed. Mend", StringComparison.Ordinal)) ? page : null, "the test is over");

    private static async Task<string> DatabaseTextAsync(Installation installation) =>
        await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db"), System.Text.Encoding.Latin1, Cancellation)
        + await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db-wal"), System.Text.Encoding.Latin1, Cancellation);
}
