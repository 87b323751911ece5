using System.Net.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Consent;

/// <summary>The redirect URI is one that nobody answers: the address the browser ended on is pasted.</summary>
public sealed class PastedAddressTests(WithProviders providers) : IClassFixture<WithProviders>
{
    private Task<string> AddAsync() => providers.AddAsync(with: new() { ["redirectUri"] = Seed.DeafRedirectUri });

    [Fact]
    public async Task The_pasted_address_connects_the_provider_and_mail_flows()
    {
        var name = await AddAsync();
        var warning = Assert.Single((await providers.Installation.ProviderAsync(name))["warnings"]!.AsArray(), note => note!["member"]!.GetValue<string>() == "redirectUri")!;
        Assert.Contains("paste", warning["message"]!.GetValue<string>(), StringComparison.Ordinal);

        var landed = await providers.SignInAsync(name, Installation.Mailbox);
        Assert.StartsWith(Seed.DeafRedirectUri, landed.AbsoluteUri, StringComparison.Ordinal);
        var connected = await providers.Gateway.Api.Providers.CompleteAsync(name, $"  {landed.AbsoluteUri}#\n", TestContext.Current.CancellationToken);
        Assert.Equal("ready", connected.Text("state"));
        await providers.Gateway.MessageIsAsync(await providers.Installation.SendAsync(provider: name), "sent");

        var again = await WithProviders.RefusedAsync(() => providers.Gateway.Api.Providers.CompleteAsync(name, landed.AbsoluteUri));
        Assert.Contains("finished already", again.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_and_state_connect_it_as_well()
    {
        var name = await AddAsync();
        var query = QueryHelpers.ParseQuery((await providers.SignInAsync(name, Installation.Mailbox)).Query);
        var answer = await CompleteAsync(name, new { code = query["code"].ToString(), state = query["state"].ToString() });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ready", (await providers.Installation.ProviderAsync(name)).Text("state"));
    }

    [Theory]
    [InlineData("code")]
    [InlineData("state")]
    public async Task An_address_with_a_parameter_twice_is_refused(string parameter)
    {
        var name = await AddAsync();
        var landed = await providers.SignInAsync(name, Installation.Mailbox);
        var problem = await WithProviders.RefusedAsync(() => providers.Gateway.Api.Providers.CompleteAsync(name, $"{landed.AbsoluteUri}&{parameter}=second"));
        Assert.Equal(400, problem.Status);
        Assert.Contains($"\"{parameter}\" twice", problem.Detail, StringComparison.Ordinal);
        var (status, page, _) = await WithProviders.LandAsync(new Uri(providers.Gateway.HttpUrl, $"/oauth/callback{landed.Query}&{parameter}=second"));
        Assert.Equal(400, status);
        Assert.Contains("twice", page, StringComparison.Ordinal);
        Assert.Equal("needsConsent", (await providers.Installation.ProviderAsync(name)).Text("state"));
    }

    [Fact]
    public async Task The_address_of_another_providers_sign_in_is_refused_and_stays_good_there()
    {
        var (mine, other) = (await AddAsync(), await AddAsync());
        var landed = await providers.SignInAsync(mine, Installation.Mailbox);
        var problem = await WithProviders.RefusedAsync(() => providers.Gateway.Api.Providers.CompleteAsync(other, landed.AbsoluteUri));
        Assert.Contains("another provider", problem.Detail, StringComparison.Ordinal);
        Assert.Equal("ready", (await providers.Gateway.Api.Providers.CompleteAsync(mine, landed.AbsoluteUri, TestContext.Current.CancellationToken)).Text("state"));
    }

    [Theory]
    [InlineData("https://gateway.contoso.example/oauth/callback", "no code")]
    [InlineData("https://gateway.contoso.example/oauth/callback?code=x", "no state")]
    [InlineData("not an address", "no code")]
    public async Task An_address_that_cannot_be_used_is_explained(string address, string why)
    {
        var name = await AddAsync();
        var problem = await WithProviders.RefusedAsync(() => providers.Gateway.Api.Providers.CompleteAsync(name, address));
        Assert.Contains(why, problem.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Remedy!);
    }

    [Fact]
    public async Task Neither_an_address_nor_a_code_is_a_mistake_in_the_request()
    {
        var answer = await CompleteAsync(await AddAsync(), new { code = "x" });
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("url", (await answer.Content.ReadFromJsonAsync<Problem>(TestContext.Current.CancellationToken))!.Errors!.Keys);
    }

    private Task<HttpResponseMessage> CompleteAsync(string name, object body) =>
        providers.Gateway.Http.PostAsJsonAsync($"/api/v1/providers/{name}/authorize/complete", body);
}
