using System.Net;
using System.Text.RegularExpressions;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>Passkeys, with a device that can be made to lie.</summary>
public sealed partial class PasskeyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_added_signs_in_alone_proves_and_is_removed()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var place = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        using var device = new Authenticator(place.GetLeftPart(UriPartial.Authority));
        using var owner = await OwnerAsync(installation, place);
        await AddAsync(owner, device);
        Assert.Contains("the blue stick", await owner.SeeAsync("/settings/you/passkeys"), StringComparison.Ordinal);

        using var other = new Browser(place);
        using var signed = await other.FormAsync("/sign-in", new() { ["credential"] = device.Sign(await OptionsAsync(other, "/sign-in", "PasskeyOptions")) }, "/sign-in?handler=Passkey&next=/queue");
        Assert.Equal("/queue", signed.Headers.Location!.ToString());
        Assert.Contains("by passkey", await other.SeeAsync("/settings/you"), StringComparison.Ordinal);
        using var proved = await other.FormAsync("/prove?next=/apps", new() { ["credential"] = device.Sign(await OptionsAsync(other, "/prove", "PasskeyOptions")) }, "/prove?handler=Passkey&next=/apps");
        Assert.Equal("/apps", proved.Headers.Location!.ToString());

        // Another person neither removes it nor proves with it.
        using var invited = await owner.FormAsync("/settings/people/invite", new() { ["name"] = "berta", ["role"] = "owner" });
        using var berta = new Browser(place);
        await berta.SetUpAsync(Link().Match(await owner.SeeAsync(invited.Headers.Location!.ToString())).Value);
        var id = Key().Match(await owner.SeeAsync("/settings/you/passkeys")).Groups[1].Value;
        using var foreign = await berta.FormAsync("/settings/you/passkeys", [], $"/settings/you/passkeys?handler=Remove&key={id}");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using var notHers = await berta.FormAsync("/prove?next=/apps", new() { ["credential"] = device.Sign(await OptionsAsync(berta, "/prove", "PasskeyOptions")) }, "/prove?handler=Passkey&next=/apps");
        Assert.Equal(HttpStatusCode.Unauthorized, notHers.StatusCode);

        using var removed = await owner.FormAsync("/settings/you/passkeys", [], $"/settings/you/passkeys?handler=Remove&key={id}");
        Assert.Equal(HttpStatusCode.Redirect, removed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(new Browser(place), device));
    }

    [Fact]
    public async Task What_a_device_signed_elsewhere_before_unasked_or_for_another_browser_is_refused()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var place = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        using var device = new Authenticator(place.GetLeftPart(UriPartial.Authority));
        using var owner = await OwnerAsync(installation, place);
        await AddAsync(owner, device);
        using var browser = new Browser(place);

        device.Origin = "https://postrider.evil.example";
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, device));
        device.Origin = place.GetLeftPart(UriPartial.Authority);
        device.Verifies = false;
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, device));
        device.Verifies = true;

        // Asked of one browser, answered by another; and an answer that is sent again.
        using var asked = new Browser(place);
        var answer = device.Sign(await OptionsAsync(asked, "/sign-in", "PasskeyOptions"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(browser, answer));
        var cookie = asked.Cookies.GetCookies(place)["postrider-passkey-ask"]!.Value;
        Assert.Equal(HttpStatusCode.Redirect, await SendAsync(asked, answer));
        using var thief = new Browser(place);
        thief.Cookies.Add(new Cookie("postrider-passkey-ask", cookie, "/", place.Host));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(thief, answer));

        // A copy of the device whose count lags behind.
        device.Count = 0;
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(browser, device));
        device.Count = 100;
        Assert.Equal(HttpStatusCode.Redirect, await SignInAsync(browser, device));
        foreach (var nonsense in new[] { "", "null", "{\"id\":\"AA\",\"response\":{}}" })
        {
            using var fresh = new Browser(place);
            await OptionsAsync(fresh, "/sign-in", "PasskeyOptions");
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(fresh, nonsense));
        }
        // Under an address of numbers there is none to be had.
        using var numbers = new Browser(installation.Gateway.HttpUrl);
        Assert.DoesNotContain("data-passkey", await numbers.SeeAsync("/sign-in"), StringComparison.Ordinal);
    }

    private static async Task<Browser> OwnerAsync(Installation installation, Uri place)
    {
        var browser = new Browser(place);
        await browser.SetUpAsync((await installation.Gateway.Api.Console.LinkAsync(null, Cancellation)).Url);
        return browser;
    }

    private static async Task AddAsync(Browser browser, Authenticator device)
    {
        var credential = device.Create(await OptionsAsync(browser, "/settings/you/passkeys", "Options"));
        using var added = await browser.FormAsync("/settings/you/passkeys", new() { ["credential"] = credential, ["name"] = "the blue stick" });
        Assert.Contains("The passkey is added", await browser.SeeAsync("/settings/you/passkeys"), StringComparison.Ordinal);
    }

    private static async Task<string> OptionsAsync(Browser browser, string page, string handler)
    {
        using var answer = await browser.FormAsync(page, [], $"{page}?handler={handler}");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    private static async Task<HttpStatusCode> SignInAsync(Browser browser, Authenticator device) => await SendAsync(browser, device.Sign(await OptionsAsync(browser, "/sign-in", "PasskeyOptions")));

    private static async Task<HttpStatusCode> SendAsync(Browser browser, string credential)
    {
        using var answer = await browser.FormAsync("/sign-in", new() { ["credential"] = credential }, "/sign-in?handler=Passkey");
        return answer.StatusCode;
    }

    [GeneratedRegex(@"http://localhost:\d+/setup/[A-Za-z0-9_-]+")]
    private static partial Regex Link();

    [GeneratedRegex("handler=Remove&key=([A-Za-z0-9_-]+)\"")]
    private static partial Regex Key();
}
