using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;

namespace Postrider.Tests.Accounts;

public class ConsentFlowTests
{
    [Fact]
    public async Task The_authorize_address_asks_for_a_code_with_pkce_and_offline_access()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Scope = "https://outlook.office.com/SMTP.Send" });
        var started = await BeginAsync(accounts, provider);
        Assert.Equal("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize", started.AuthorizeUrl.GetLeftPart(UriPartial.Path));
        var asked = QueryHelpers.ParseQuery(started.AuthorizeUrl.Query);
        Assert.Equal("code", asked["response_type"]);
        Assert.Equal("https://outlook.office.com/SMTP.Send offline_access openid profile", asked["scope"]);
        Assert.Equal(("S256", TestAccounts.Mailbox), (asked["code_challenge_method"].ToString(), asked["login_hint"].ToString()));
        Assert.Equal("http://localhost:8080/oauth/callback", asked["redirect_uri"]);
        Assert.Equal(started.State, asked["state"]);
        Assert.True(started.State.Length >= 43);
        await accounts.Consent.CompleteAsync(Code(started), null, accounts.Stop);
        var sent = Assert.Single(accounts.Platform.Requests);
        var verifier = sent["code_verifier"].ToString();
        Assert.InRange(verifier.Length, 43, 128);
        Assert.Equal(asked["code_challenge"], System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
        Assert.Equal(("the-code", TestAccounts.Secret, "http://localhost:8080/oauth/callback"), (sent["code"].ToString(), sent["client_secret"].ToString(), sent["redirect_uri"].ToString()));
    }

    [Fact]
    public async Task Google_is_asked_for_a_refresh_token_each_time()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Type = ProviderType.Google });
        var asked = QueryHelpers.ParseQuery((await BeginAsync(accounts, provider)).AuthorizeUrl.Query);
        Assert.Equal(("offline", "consent"), (asked["access_type"].ToString(), asked["prompt"].ToString()));
        Assert.DoesNotContain("offline_access", asked["scope"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_sign_in_connects_the_provider()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft());
        Assert.Equal((ProviderState.NeedsConsent, false), (provider.State, provider.Enabled));
        Assert.IsType<ProviderResult.Refused>(await accounts.Providers.EnableAsync("m365", accounts.Stop));
        var started = await BeginAsync(accounts, provider);
        var connected = Assert.IsType<ConsentResult.Connected>(await accounts.Consent.CompleteAsync(Code(started), null, accounts.Stop));
        Assert.Equal((ProviderState.Ready, true), (connected.Provider.State, connected.Provider.HasRefreshToken));
        Assert.Equal("access-1", (await accounts.TokenAsync(provider.Id)).Value);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_new_sign_in_repairs_a_dead_grant()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Refuses("invalid_grant");
        await accounts.Tokens.GetAsync(provider.Id, accounts.Stop);
        accounts.Platform.Answer = null;
        await accounts.Consent.CompleteAsync(Code(await BeginAsync(accounts, provider)), null, accounts.Stop);
        Assert.Equal(ProviderState.Ready, accounts.Providers.Find(provider.Id)!.State);
        await accounts.TokenAsync(provider.Id);
    }

    [Fact]
    public async Task A_state_is_good_for_one_answer_even_when_two_come_at_once()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var started = await BeginAsync(accounts, await accounts.AddAsync(TestAccounts.Microsoft()));
        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => accounts.Consent.CompleteAsync(Code(started), null, accounts.Stop)));
        Assert.Single(results, result => result is ConsentResult.Connected);
        Assert.Single(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_state_ends_after_ten_minutes()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var started = await BeginAsync(accounts, await accounts.AddAsync(TestAccounts.Microsoft()));
        accounts.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Contains("10 minutes", await RefusedAsync(accounts, Code(started)), StringComparison.Ordinal);
        Assert.Empty(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_state_belongs_to_its_provider()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var one = await accounts.AddAsync(TestAccounts.Microsoft("one"));
        var other = await accounts.AddAsync(TestAccounts.Microsoft("other"));
        var started = await BeginAsync(accounts, one);
        var refused = Assert.IsType<ConsentResult.Refused>(await accounts.Consent.CompleteAsync(Code(started), other, accounts.Stop));
        Assert.Contains("another provider", refused.Why.Cause, StringComparison.Ordinal);
        Assert.IsType<ConsentResult.Connected>(await accounts.Consent.CompleteAsync(Code(started), one, accounts.Stop));
    }

    [Theory]
    [InlineData("https://localhost/?code=the-code&state=STATE&session_state=x")]
    [InlineData("  http://localhost:9/cb?state=STATE&code=the-code#_=_ \n")]
    [InlineData("http://localhost/cb#state=STATE&code=the-code")]
    [InlineData("?state=STATE&code=the-code")]
    [InlineData("state=STATE&code=the-code")]
    public async Task A_pasted_address_finishes_a_sign_in(string address)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft());
        var started = await BeginAsync(accounts, provider);
        Assert.IsType<ConsentResult.Connected>(await accounts.Consent.CompleteFromAddressAsync(provider, address.Replace("STATE", started.State, StringComparison.Ordinal), accounts.Stop));
        Assert.Equal("the-code", Assert.Single(accounts.Platform.Requests)["code"]);
    }

    [Theory]
    [InlineData("https://x/?code=a&code=b&state=STATE", "twice")]
    [InlineData("https://x/?code=a&state=STATE&state=STATE", "twice")]
    [InlineData("https://x/?state=STATE", "no code")]
    [InlineData("https://x/?code=a", "no state")]
    [InlineData("https://x/?code=a&state=never-given", "not started here")]
    public async Task An_address_that_is_not_whole_is_refused_without_a_request(string address, string cause)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft());
        var started = await BeginAsync(accounts, provider);
        var refused = Assert.IsType<ConsentResult.Refused>(await accounts.Consent.CompleteFromAddressAsync(provider, address.Replace("STATE", started.State, StringComparison.Ordinal), accounts.Stop));
        Assert.Contains(cause, refused.Why.Cause, StringComparison.Ordinal);
        Assert.Empty(accounts.Platform.Requests);
    }

    [Fact]
    public async Task An_error_comes_with_its_words_and_a_remedy()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var started = await BeginAsync(accounts, await accounts.AddAsync(TestAccounts.Microsoft()));
        var refused = Assert.IsType<ConsentResult.Refused>(await accounts.Consent.CompleteAsync(new(started.State, null, "access_denied", "AADSTS65004: declined", null), null, accounts.Stop));
        Assert.Equal("AADSTS65004: declined", refused.Why.Verbatim);
        Assert.NotEmpty(refused.Why.Remedy);
        Assert.IsType<ConsentResult.Refused>(await accounts.Consent.CompleteAsync(Code(started), null, accounts.Stop));
    }

    [Theory]
    [InlineData("someone@else.example", false, false)]
    [InlineData("someone@else.example", true, true)]
    [InlineData("NoReply@Contoso.example", false, true)]
    [InlineData(null, false, true)]
    public async Task Another_account_is_only_accepted_for_a_shared_mailbox(string? account, bool shared, bool accepted)
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.IdToken = account is null ? null : IdentityPlatform.Jwt($$"""{"preferred_username":"{{account}}"}""");
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { SharedMailbox = shared });
        var result = await accounts.Consent.CompleteAsync(Code(await BeginAsync(accounts, provider)), null, accounts.Stop);
        Assert.Equal(accepted, result is ConsentResult.Connected);
        Assert.Equal(accepted, accounts.Providers.Find("m365")!.HasRefreshToken);
    }

    [Fact]
    public async Task A_sign_in_without_a_refresh_token_is_refused()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.Rotates = false;
        var provider = await accounts.AddAsync(TestAccounts.Microsoft());
        Assert.Contains("no refresh token", await RefusedAsync(accounts, Code(await BeginAsync(accounts, provider))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_is_asked_where_its_endpoints_are_and_an_answer_from_another_is_refused()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.Documents["https://id.example/realm/.well-known/openid-configuration"] =
            """{"issuer":"https://id.example/realm","authorization_endpoint":"https://id.example/auth","token_endpoint":"https://tokens.example/token"}""";
        var provider = await accounts.AddAsync(Generic("https://id.example/realm"));
        var started = await BeginAsync(accounts, provider);
        Assert.StartsWith("https://id.example/auth?", started.AuthorizeUrl.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains("another identity platform", await RefusedAsync(accounts, Code(started) with { Issuer = "https://evil.example" }), StringComparison.Ordinal);
        Assert.Empty(accounts.Platform.Requests);
    }

    [Fact]
    public async Task A_discovery_document_of_another_issuer_is_refused()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.Documents["https://id.example/.well-known/openid-configuration"] =
            """{"issuer":"https://other.example","authorization_endpoint":"https://id.example/auth","token_endpoint":"https://id.example/token"}""";
        var provider = await accounts.AddAsync(Generic("https://id.example"));
        var refused = Assert.IsType<ConsentStart.Refused>(await accounts.Consent.StartAsync(provider, "test", accounts.Stop));
        Assert.Contains("not the one of that issuer", refused.Why.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_told_as_that()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(Generic("https://id.example"));
        accounts.Platform.Silence = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var starting = accounts.Consent.StartAsync(provider, "test", accounts.Stop);
        await accounts.Platform.Silence.Task;
        accounts.Clock.Advance(TimeSpan.FromSeconds(20));
        var refused = Assert.IsType<ConsentStart.Refused>(await starting);
        Assert.Contains("discovery document of https://id.example could not be read", refused.Why.Cause, StringComparison.Ordinal);
        Assert.Contains("no answer within 20 s", refused.Why.Verbatim, StringComparison.Ordinal);
    }

    private static ProviderDraft Generic(string authority) => TestAccounts.Microsoft() with
    {
        Type = ProviderType.OAuth2, Tenant = "", Authority = authority, Address = "smtp.example.org", Scope = "mail",
    };

    private static async Task<ConsentStart.Started> BeginAsync(TestAccounts accounts, Provider provider) =>
        Assert.IsType<ConsentStart.Started>(await accounts.Consent.StartAsync(provider, "test", accounts.Stop));

    private static CallbackAnswer Code(ConsentStart.Started started) => new(started.State, "the-code", null, null, null);

    private static async Task<string> RefusedAsync(TestAccounts accounts, CallbackAnswer answer) =>
        Assert.IsType<ConsentResult.Refused>(await accounts.Consent.CompleteAsync(answer, null, accounts.Stop)).Why.Cause;
}
