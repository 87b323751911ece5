using System.Net;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>Sign-in at an OpenID Connect provider.</summary>
public sealed class SingleSignOnTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whom_the_provider_vouches_for_gets_in_with_the_role_of_the_claim_and_nobody_takes_anothers_name()
    {
        await using var provider = await OidcProvider.StartAsync();
        await using var installation = await Installation.StartAsync(connect: false, settings: provider.Settings);
        using var owner = await Browser.OwnerAsync(installation);
        Assert.Contains("People sign in with Company", await owner.SeeAsync("/settings/installation"), StringComparison.Ordinal);

        provider.Claims = new() { ["sub"] = "1", ["preferred_username"] = "berta@example.org", ["roles"] = new[] { "something", "postrider-operator" } };
        using var berta = new Browser(installation.Gateway.HttpUrl);
        Assert.Contains("Sign in with Company", await berta.SeeAsync("/sign-in"), StringComparison.Ordinal);
        Assert.Equal("/queue", await SignInAsync(berta, "/queue"));
        Assert.Equal("S256", provider.Asked!["code_challenge_method"]);
        Assert.Equal("code", provider.Asked["response_type"]);
        Assert.Equal($"http://localhost:{installation.Gateway.HttpUrl.Port}/sign-in/oidc", provider.Asked["redirect_uri"]);
        Assert.Contains("berta@example.org", await berta.SeeAsync("/settings/you"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await berta.StatusAsync("/settings/people"));

        // The role follows the claim, and the person is the subject, whatever the name says.
        provider.Claims = new() { ["sub"] = "1", ["preferred_username"] = "anna", ["roles"] = "postrider-owner" };
        Assert.Equal("/", await SignInAsync(berta));
        Assert.Contains("berta@example.org", await berta.SeeAsync("/settings/people"), StringComparison.Ordinal);

        foreach (var (claims, why) in new (Dictionary<string, object>, string)[]
        {
            (new() { ["sub"] = "2", ["preferred_username"] = "anna", ["roles"] = "postrider-owner" }, "somebody else here by the name anna"),
            (new() { ["sub"] = "3", ["preferred_username"] = "carl@example.org", ["roles"] = "guest" }, "have no role here"),
            (new() { ["sub"] = "4", ["preferred_username"] = "<script>alert(1)</script>", ["roles"] = "postrider-viewer" }, "cannot be used here"),
        })
        {
            provider.Claims = claims;
            using var refused = new Browser(installation.Gateway.HttpUrl);
            Assert.Equal("/sign-in", await SignInAsync(refused));
            var raw = await refused.Http.GetStringAsync("/sign-in", Cancellation);
            Assert.Contains(why, WebUtility.HtmlDecode(raw), StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", raw, StringComparison.Ordinal);
            Assert.StartsWith("/sign-in", await refused.LandsOnAsync("/"), StringComparison.Ordinal);
        }
        var audit = (await installation.Gateway.Api.Console.AuditAsync(new() { Action = "sign" }, cancellation: Cancellation)).Items;
        Assert.Contains(audit, entry => entry is { Actor: "berta@example.org", Action: "signed in", Detail: "Company" });
        Assert.Contains(audit, entry => entry is { Actor: "nobody", Action: "sign-in refused", Target: "carl@example.org" });
    }

    [Fact]
    public async Task An_answer_that_was_not_asked_for_by_this_browser_is_none()
    {
        await using var provider = await OidcProvider.StartAsync();
        await using var installation = await Installation.StartAsync(connect: false, settings: provider.Settings);
        provider.Claims = new() { ["sub"] = "1", ["preferred_username"] = "berta", ["roles"] = "postrider-owner" };
        using var attacker = new Browser(installation.Gateway.HttpUrl);
        var back = await BackAsync(attacker);

        // Login CSRF: the victim's browser never asked.
        using var victim = new Browser(installation.Gateway.HttpUrl);
        Assert.Equal("/sign-in", await victim.LandsOnAsync(back));
        Assert.Contains("did not succeed", await victim.SeeAsync("/sign-in"), StringComparison.Ordinal);
        Assert.Equal("/sign-in", await victim.LandsOnAsync("/sign-in/oidc?error=access_denied&error_description=%3Cscript%3E&state=x"));

        // A code works once, and a token for another request is refused.
        Assert.Equal("/", await attacker.LandsOnAsync(back));
        Assert.Equal("/sign-in", await attacker.LandsOnAsync(back));
        provider.ForgedNonce = "of-another";
        using var replaying = new Browser(installation.Gateway.HttpUrl);
        Assert.Equal("/sign-in", await SignInAsync(replaying));
        Assert.StartsWith("/sign-in", await replaying.LandsOnAsync("/"), StringComparison.Ordinal);

        provider.ForgedNonce = null;
        // To prove again to be there, the provider has to have asked again.
        provider.Claims["auth_time"] = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds();
        Assert.Equal("/", await SignInAsync(replaying));
        Assert.Equal("/sign-in", await SignInAsync(replaying, "/apps", again: true));
        Assert.Equal(("login", "0"), (provider.Asked!["prompt"].ToString(), provider.Asked["max_age"].ToString()));
        provider.Claims["auth_time"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal("/apps", await SignInAsync(replaying, "/apps", again: true));
        Assert.Equal("/", await SignInAsync(replaying, "//evil.example"));
        Assert.Equal("/", await SignInAsync(replaying, "https://evil.example/"));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_leaves_the_password_and_wrong_settings_are_told_at_the_start()
    {
        await using var installation = await Installation.StartAsync(connect: false, settings: new Dictionary<string, string>
        {
            ["POSTRIDER__Console__Oidc__Authority"] = "http://127.0.0.1:9", ["POSTRIDER__Console__Oidc__ClientId"] = "x",
        });
        using var browser = await Browser.OwnerAsync(installation);
        using var away = await browser.Http.GetAsync("/sign-in?handler=Oidc", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, away.StatusCode);
        Assert.Contains("cannot be reached", await away.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        var data = Directory.CreateTempSubdirectory("postrider-oidc-").FullName;
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => GatewayProcess.StartAsync(data, new Dictionary<string, string> { ["POSTRIDER__Console__Oidc__Authority"] = "http://login.example.org" }));
        Assert.Contains("Console:Oidc:Authority", refused.Message, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    /// <returns>Where the browser ends.</returns>
    private static async Task<string> SignInAsync(Browser browser, string? next = null, bool again = false) => await browser.LandsOnAsync(await BackAsync(browser, next, again));

    /// <summary>To the provider, which sends the browser back.</summary>
    private static async Task<string> BackAsync(Browser browser, string? next = null, bool again = false)
    {
        using var there = await browser.Http.GetAsync($"/sign-in?handler=Oidc{(next is null ? "" : "&next=" + Uri.EscapeDataString(next))}{(again ? "&again=true" : "")}", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, there.StatusCode);
        using var provider = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var back = await provider.GetAsync(there.Headers.Location, Cancellation);
        return back.Headers.Location!.PathAndQuery;
    }
}
