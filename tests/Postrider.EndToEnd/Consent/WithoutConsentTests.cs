using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Consent;

/// <summary>A provider before anybody signed in for it, and the mistakes that are made in its form.</summary>
public sealed class WithoutConsentTests(WithProviders providers) : IClassFixture<WithProviders>
{
    [Fact]
    public async Task A_provider_without_a_token_says_who_has_to_sign_in_and_cannot_be_enabled()
    {
        var name = await providers.AddAsync();
        var provider = await providers.Installation.ProviderAsync(name);
        Assert.Equal("needsConsent", provider.Text("state"));
        Assert.Contains($"sign in as {Installation.Mailbox}", provider.Text("remedy"), StringComparison.Ordinal);
        Assert.Equal("false", provider.Text("enabled"));

        var problem = await WithProviders.RefusedAsync(() => providers.Gateway.Api.Providers.EnableAsync(name));
        Assert.Equal(409, problem.Status);
        Assert.Equal(provider.Text("remedy"), problem.Remedy);
    }

    [Fact]
    public async Task Mail_for_it_waits_with_the_reason_and_goes_out_after_the_sign_in()
    {
        var name = await providers.AddAsync();
        var id = await providers.Installation.SendAsync(provider: name);
        var waiting = await providers.Installation.WaitsBecauseAsync(id, "Nobody has signed in");
        Assert.Contains("Connect it", waiting.Remedy, StringComparison.Ordinal);

        await providers.Installation.ConnectAsync(name);
        await providers.Gateway.MessageIsAsync(id, "sent");
    }

    [Fact]
    public async Task A_refresh_token_obtained_elsewhere_is_enough()
    {
        var token = await RefreshTokenAsync();
        var name = await providers.AddAsync(with: new() { ["refreshToken"] = token });
        var provider = await providers.Installation.ProviderAsync(name);
        Assert.Equal(("ready", "refreshToken", "true"), (provider.Text("state"), provider.Text("grant"), provider.Text("refreshTokenSet")));
        await providers.Gateway.MessageIsAsync(await providers.Installation.SendAsync(provider: name), "sent");
    }

    [Fact]
    public async Task A_secret_ID_in_place_of_the_secret_is_recognised()
    {
        var problem = await WithProviders.RefusedAsync(() => providers.AddAsync(with: new() { ["clientSecret"] = Seed.SecretId.ToString() }));
        Assert.Contains("Secret ID", Assert.Single(problem.Errors!["clientSecret"]), StringComparison.Ordinal);
        Assert.DoesNotContain(Seed.SecretId.ToString(), problem.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://graph.microsoft.com/SMTP.Send offline_access")]
    [InlineData("SMTP.Send offline_access")]
    public async Task A_scope_of_Graph_is_warned_about_with_the_one_that_works(string scope)
    {
        var name = await providers.AddAsync(with: new() { ["scope"] = scope });
        var warning = Assert.Single((await providers.Installation.ProviderAsync(name))["warnings"]!.AsArray(), note => note!["member"]!.GetValue<string>() == "scope")!;
        Assert.Contains("Microsoft Graph", warning["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("https://outlook.office.com/SMTP.Send offline_access", warning["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_URI_that_is_left_out_is_the_one_that_the_gateway_answers()
    {
        var name = await providers.AddAsync(with: new() { ["redirectUri"] = null });
        var provider = await providers.Installation.ProviderAsync(name);
        Assert.Equal($"http://localhost:{providers.Gateway.HttpUrl.Port}/oauth/callback", provider.Text("redirectUri"));
        Assert.Empty(provider["warnings"]!.AsArray());
    }

    /// <summary>What somebody does with Postman.</summary>
    private async Task<string> RefreshTokenAsync()
    {
        var simulator = providers.Installation.Simulator;
        var landed = simulator.Consent(QueryHelpers.AddQueryString($"{simulator.HttpUrl}{Seed.TenantId}/oauth2/v2.0/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = Seed.ClientId.ToString(), ["response_type"] = "code", ["redirect_uri"] = Seed.DeafRedirectUri,
            ["scope"] = "https://outlook.office.com/SMTP.Send offline_access", ["state"] = "postman",
        }), Installation.Mailbox);
        using var postman = new HttpClient { BaseAddress = simulator.HttpUrl };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["client_id"] = Seed.ClientId.ToString(), ["client_secret"] = Seed.ClientSecret,
            ["redirect_uri"] = Seed.DeafRedirectUri, ["code"] = QueryHelpers.ParseQuery(landed.Query)["code"].ToString(),
        });
        var answer = await postman.PostAsync($"{Seed.TenantId}/oauth2/v2.0/token", form);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["refresh_token"]!.GetValue<string>();
    }
}
