using System.Net;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Consent;

/// <summary>The browser comes back from the identity platform.</summary>
public sealed class CallbackTests(WithProviders providers) : IClassFixture<WithProviders>
{
    [Fact]
    public async Task A_callback_address_works_once()
    {
        var name = await providers.AddAsync();
        var landed = await providers.SignInAsync(name, Installation.Mailbox);

        var (status, page, _) = await WithProviders.LandAsync(landed);
        Assert.Equal(200, status);
        Assert.Contains("is connected", page, StringComparison.Ordinal);
        var connected = await providers.Installation.ProviderAsync(name);
        Assert.Equal("ready", connected.Text("state"));

        (status, page, _) = await WithProviders.LandAsync(landed);
        Assert.Equal(400, status);
        Assert.Contains("finished already", page, StringComparison.Ordinal);
        Assert.Equal(connected.ToJsonString(), (await providers.Installation.ProviderAsync(name)).ToJsonString());
    }

    [Fact]
    public async Task Of_two_browsers_with_the_same_address_one_connects()
    {
        var name = await providers.AddAsync();
        var landed = await providers.SignInAsync(name, Installation.Mailbox);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => WithProviders.LandAsync(landed)));
        Assert.Single(answers, answer => answer.Status == 200);
    }

    [Fact]
    public async Task A_state_that_was_not_given_out_here_is_refused()
    {
        var (status, page, _) = await WithProviders.LandAsync(new Uri(providers.Gateway.HttpUrl, "/oauth/callback?code=x&state=made-up"));
        Assert.Equal(400, status);
        Assert.Contains("was not started here", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_is_refused_and_both_addresses_are_named()
    {
        var name = await providers.AddAsync();
        var (status, page, _) = await WithProviders.LandAsync(await providers.SignInAsync(name, Seed.Alerts));
        Assert.Equal(400, status);
        Assert.Contains($"{Seed.Alerts} signed in, but this provider sends as {Installation.Mailbox}", page, StringComparison.Ordinal);
        Assert.Contains("sharedMailbox", page, StringComparison.Ordinal);
        Assert.Equal("needsConsent", (await providers.Installation.ProviderAsync(name)).Text("state"));
    }

    [Fact]
    public async Task A_shared_mailbox_is_connected_by_somebody_who_may_use_it()
    {
        var refused = await providers.AddAsync(Seed.Shared);
        Assert.Equal(400, (await WithProviders.LandAsync(await providers.SignInAsync(refused, Seed.NoReply))).Status);

        var name = await providers.AddAsync(Seed.Shared, new() { ["sharedMailbox"] = true });
        var (status, page, _) = await WithProviders.LandAsync(await providers.SignInAsync(name, Seed.NoReply));
        Assert.Equal(200, status);
        Assert.Contains($"{Seed.NoReply} signed in. Mail is sent as {Seed.Shared}.", page, StringComparison.Ordinal);
        var id = await providers.Installation.SendAsync(provider: name);
        await providers.Gateway.MessageIsAsync(id, "sent");
        Assert.Contains(providers.Installation.Simulator.State.Messages.Read(), message => (message.Account, message.AuthenticatedAs) == (Seed.Shared, Seed.NoReply));
    }

    [Fact]
    public async Task A_declined_sign_in_says_so_with_the_remedy_and_shows_foreign_words_as_text()
    {
        var name = await providers.AddAsync();
        var landed = await providers.SignInAsync(name, Installation.Mailbox, accept: false);
        Assert.Contains("error=access_denied", landed.Query, StringComparison.Ordinal);
        var (status, page, _) = await WithProviders.LandAsync(landed);
        Assert.Equal(400, status);
        Assert.Contains("AADSTS65004", page, StringComparison.Ordinal);
        Assert.Contains("What to do", page, StringComparison.Ordinal);

        var (_, state) = await providers.AuthorizeAsync(name);
        const string Words = "AADSTS65004: <script>alert(1)</script> \"&'";
        (status, page, _) = await WithProviders.LandAsync(new Uri(providers.Gateway.HttpUrl,
            $"/oauth/callback?error=access_denied&error_description={Uri.EscapeDataString(Words)}&state={state}"));
        Assert.Equal(400, status);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(Words, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_page_is_kept_by_nobody_and_runs_nothing(bool succeeds)
    {
        var name = await providers.AddAsync();
        var landed = await providers.SignInAsync(name, Installation.Mailbox, accept: succeeds);
        var (_, page, answer) = await WithProviders.LandAsync(landed);
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        foreach (var value in landed.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair[0] is "code" or "state").Select(pair => pair[1]))
            Assert.DoesNotContain(value, page, StringComparison.Ordinal);
    }
}
