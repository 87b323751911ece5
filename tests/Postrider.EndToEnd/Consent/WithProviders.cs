using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Consent;

/// <summary>One gateway for a class of tests, each with a provider of its own that nobody has signed in for.</summary>
public sealed class WithProviders : IAsyncLifetime
{
    private int added;

    internal Installation Installation { get; private set; } = null!;

    internal RunningGateway Gateway => Installation.Gateway;

    /// <returns>The provider's name.</returns>
    internal async Task<string> AddAsync(string mailbox = Installation.Mailbox, JsonObject? with = null)
    {
        var name = $"provider-{Interlocked.Increment(ref added)}";
        await Installation.AddProviderAsync(name, mailbox, with, connect: false);
        return name;
    }

    internal async Task<(string Url, string State)> AuthorizeAsync(string name) =>
        await Gateway.Api.Providers.AuthorizeAsync(name) is var started ? (started.Text("authorizeUrl"), started.Text("state")) : default;

    /// <summary>Starts a sign-in and goes through it as somebody.</summary>
    /// <returns>Where the browser is sent.</returns>
    internal async Task<Uri> SignInAsync(string name, string account, bool accept = true) =>
        Installation.Simulator.Consent((await AuthorizeAsync(name)).Url, account, accept);

    /// <summary>Follows the browser back to the gateway.</summary>
    internal static async Task<(int Status, string Page, HttpResponseMessage Answer)> LandAsync(Uri address)
    {
        using var browser = new HttpClient();
        var answer = await browser.GetAsync(address);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    internal static async Task<Problem> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<PostriderException>(act)).Problem;

    public async ValueTask InitializeAsync() => Installation = await Installation.StartAsync(connect: false);

    public ValueTask DisposeAsync() => Installation.DisposeAsync();
}
