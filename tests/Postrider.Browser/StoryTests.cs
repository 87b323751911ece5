using Microsoft.Playwright;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.Browser;

/// <summary>The whole job in a browser: from the first link to mail that is sent, and from a grant that is gone to one that works again.</summary>
public sealed class StoryTests(Chromium chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task From_the_first_link_to_sent_mail_and_through_a_revoked_grant(bool script)
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var console = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        await using var anna = await chromium.VisitAsync(console, script);
        var page = anna.Page;
        await anna.SetUpAsync(installation.Gateway);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();

        // The wizard, with the simulator in the place of Microsoft.
        await page.GotoAsync("/providers/add");
        await anna.FillAsync("mailbox", Installation.Mailbox);
        await page.Locator("input[name=preset][value=microsoft]").CheckAsync();
        await anna.PressAsync("Continue");
        await Assertions.Expect(page.GetByText($"http://localhost:{console.Port}/oauth/callback").First).ToBeVisibleAsync();
        await page.Locator(".next button, .next a.button").Last.ClickAsync();
        foreach (var (member, value) in new (string, string)[]
        {
            ("name", Installation.ProviderName), ("displayName", "Contoso"), ("address", "localhost"), ("port", $"{installation.Simulator.SmtpPort}"), ("tenant", $"{Seed.TenantId}"),
            ("authority", installation.Simulator.HttpUrl.GetLeftPart(UriPartial.Authority)), ("clientId", $"{Seed.ClientId}"), ("clientSecret", Seed.ClientSecret),
        })
            await anna.FillAsync(member, value);
        await page.Locator("form.provider-form .next button").ClickAsync();
        await ConsentAsync(anna, "Connect");
        Assert.Contains("/test", page.Url, StringComparison.Ordinal);
        await anna.PressAsync("Test now");
        await anna.SeesAsync("Every step works");
        await page.Locator(".finish button").ClickAsync();
        await Assertions.Expect(page.GetByText("Done: mail can go").First).ToBeVisibleAsync();

        // A mail, seen as sent.
        var id = await installation.SendAsync();
        await installation.Gateway.MessageIsAsync(id, "sent");
        await page.GotoAsync("/messages");
        await page.Locator($"a[href='/messages/{id}']").First.ClickAsync();
        await Assertions.Expect(page.GetByText("250 2.0.0 OK").First).ToBeVisibleAsync();

        // The grant is revoked: the overview says so, mail waits, and a sign-in lets it go.
        installation.Simulator.State.RevokeGrants(Installation.Mailbox);
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new() { ["clientSecret"] = Seed.ClientSecret }, TestContext.Current.CancellationToken);
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, "535 5.7.3 Authentication unsuccessful", Times: 1));
        var held = await installation.SendAsync();
        await installation.ProviderIsAsync("needsAttention");
        await page.GotoAsync("/");
        await anna.SeesAsync("Contoso needs you");
        await anna.SeesAsync("1 message waits; nothing is lost");
        await page.GotoAsync($"/providers/{Installation.ProviderName}");
        await ConsentAsync(anna, "Connect again");
        await installation.Gateway.MessageIsAsync(held, "sent");
        await page.GotoAsync("/");
        await anna.SeesAsync("All mail is flowing");
        await page.GotoAsync("/queue");
        await anna.SeesAsync("Nothing waits");
        anna.AssertNoFault();
    }

    [Fact]
    public async Task Keys_go_through_a_list_and_a_refresh_closes_nothing_and_waits_while_something_is_selected()
    {
        await using var installation = await Installation.StartAsync();
        await using var anna = await chromium.VisitAsync(new($"http://localhost:{installation.Gateway.HttpUrl.Port}"));
        await anna.SetUpAsync(installation.Gateway);
        var id = await installation.SendAsync();
        await installation.Gateway.MessageIsAsync(id, "sent");
        await anna.Page.GotoAsync("/messages");
        await anna.Page.Keyboard.PressAsync("j");
        await Assertions.Expect(anna.Page.Locator($"#to-{id}")).ToBeFocusedAsync();
        await anna.Page.Keyboard.PressAsync("x");
        await RefreshAsync(anna.Page);
        await Assertions.Expect(anna.Page.Locator($"#pick-{id}")).ToBeCheckedAsync();
        await Assertions.Expect(anna.Page.GetByText("Updates wait while something is selected")).ToBeVisibleAsync();
        await anna.Page.Keyboard.PressAsync("x");
        await Assertions.Expect(anna.Page.Locator($"#pick-{id}")).Not.ToBeCheckedAsync();
        // The list may refresh itself at this moment; whoever is in it stays there.
        await Assertions.Expect(anna.Page.Locator($"#to-{id}")).ToBeFocusedAsync();
        await EnterAsync(anna.Page, $"**/messages/{id}");

        await anna.Page.GotoAsync("/");
        await Assertions.Expect(anna.Page.GetByText("Hours in Europe/Berlin", new() { Exact = true })).ToBeVisibleAsync();
        await anna.Page.Locator("#hours > summary").ClickAsync();
        var before = await anna.Page.Locator("#live").ElementHandleAsync();
        await RefreshAsync(anna.Page);
        Assert.False(await before.EvaluateAsync<bool>("part => part.isConnected"));
        await Assertions.Expect(anna.Page.Locator("#hours")).ToHaveAttributeAsync("open", "");
        anna.AssertNoFault();
    }

    // A key that meets the moment of a refresh is lost; whoever sees nothing happen presses it again.
    private static async Task EnterAsync(IPage page, string leadsTo)
    {
        for (var tries = 1; ; tries++)
            try
            {
                await page.Keyboard.PressAsync("Enter");
                await page.WaitForURLAsync(leadsTo, new() { Timeout = 5000 });
                return;
            }
            catch (TimeoutException) when (tries < 3)
            {
            }
    }

    private static async Task RefreshAsync(IPage page) => await page.EvaluateAsync("htmx.ajax('GET', location.pathname, { source: '#live', target: '#live', select: '#live', swap: 'outerHTML' })");

    [Fact]
    public async Task A_page_says_when_nobody_answers_it_and_when_somebody_does_again()
    {
        await using var installation = await Installation.StartAsync();
        await using var anna = await chromium.VisitAsync(new($"http://localhost:{installation.Gateway.HttpUrl.Port}"));
        await anna.SetUpAsync(installation.Gateway);
        await anna.Page.GotoAsync("/queue");
        var lost = anna.Page.Locator("#lost");
        await Assertions.Expect(lost).ToBeHiddenAsync();
        await anna.Page.Context.SetOfflineAsync(true);
        await Assertions.Expect(lost).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await anna.Page.Context.SetOfflineAsync(false);
        await Assertions.Expect(lost).ToBeHiddenAsync(new() { Timeout = 20_000 });
    }

    [Fact]
    public async Task Keys_lead_everywhere_and_the_list_of_them_closes()
    {
        await using var installation = await Installation.StartAsync();
        await using var anna = await chromium.VisitAsync(new($"http://localhost:{installation.Gateway.HttpUrl.Port}"));
        await anna.SetUpAsync(installation.Gateway);
        await GatewayProcess.EventuallyAsync(async () =>
        {
            // The second key has to follow within a moment, which a busy machine may miss.
            await anna.Page.Keyboard.PressAsync("g");
            await anna.Page.Keyboard.PressAsync("m");
            await anna.Page.WaitForTimeoutAsync(300);
            return anna.Page.Url.EndsWith("/messages", StringComparison.Ordinal) ? anna : null;
        }, "g and m lead to the messages");
        await GatewayProcess.EventuallyAsync(async () =>
        {
            // The page may be there before its script listens.
            await anna.Page.Keyboard.PressAsync("/");
            return await anna.Page.EvaluateAsync<bool>("document.activeElement.matches('[data-search]')") ? anna : null;
        }, "/ leads to the search");
        await anna.Page.Keyboard.PressAsync("Tab");
        await anna.Page.Locator("body").FocusAsync();
        await anna.Page.EvaluateAsync("document.activeElement.blur()");
        await anna.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(anna.Page.Locator("#keys")).ToBeVisibleAsync();
        await anna.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(anna.Page.Locator("#keys")).ToBeHiddenAsync();
        // The first thing that Tab reaches on a page leads past the navigation.
        await anna.Page.GotoAsync("/");
        await anna.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(anna.Page.Locator("a.skip")).ToBeFocusedAsync();
        anna.AssertNoFault();
    }

    /// <summary>Through the identity platform's own pages, and back.</summary>
    private static async Task ConsentAsync(Visitor person, string button)
    {
        await person.PressAsync(button);
        await person.Page.Locator($"button[name=account][value='{Installation.Mailbox}']").ClickAsync();
        // Who has accepted once is not asked again.
        var accept = person.Page.Locator("button[name=decision][value=accept]");
        await Assertions.Expect(accept.Or(person.Page.Locator(".rail")).First).ToBeVisibleAsync();
        if (await accept.IsVisibleAsync())
            await accept.ClickAsync();
        await Assertions.Expect(person.Page.Locator(".rail")).ToBeVisibleAsync();
    }
}
