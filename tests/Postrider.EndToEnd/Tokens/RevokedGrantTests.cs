using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>What only a person can mend holds the mail, says who has to do what, and leaves the identity platform in peace.</summary>
public sealed class RevokedGrantTests
{
    /// <summary>Probes come so often that one too many would show.</summary>
    private static readonly Dictionary<string, string> BusyProbes = new() { ["POSTRIDER__Mail__ProbeInterval"] = "00:00:00.300" };

    [Fact]
    public async Task A_revoked_grant_is_asked_about_once_and_its_mail_waits_for_the_next_sign_in()
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync(BusyProbes);
        installation.Simulator.State.RevokeGrants(Installation.Mailbox);
        var first = await installation.SendAsync();

        var provider = await installation.ProviderIsAsync("needsAttention");
        Assert.NotEmpty(provider.Text("stateReason"));
        Assert.Contains("Connect", provider.Text("remedy"), StringComparison.Ordinal);
        Assert.Contains(Installation.Mailbox, provider.Text("remedy"), StringComparison.Ordinal);

        // More mail, a second start, and probes that find nothing to ask.
        await installation.SendManyAsync(10);
        await installation.RestartAsync();
        var waiting = await installation.WaitsBecauseAsync(first, provider.Text("stateReason"));
        Assert.Equal(provider.Text("remedy"), waiting.Remedy);
        Assert.Equal(0, waiting.AttemptCount);
        Assert.Equal(1, installation.Refreshes());
        Assert.Equal(0, installation.SignIns());

        // The gateway came back on another port: the address the browser ended on is pasted.
        var started = await installation.Gateway.Api.Providers.AuthorizeAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        var landed = installation.Simulator.Consent(started.Text("authorizeUrl"), Installation.Mailbox);
        await installation.Gateway.Api.Providers.CompleteAsync(Installation.ProviderName, landed.AbsoluteUri, TestContext.Current.CancellationToken);
        await installation.ArrivedAsync(11);
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
        Assert.Equal(1, installation.Refreshes());
    }

    [Fact]
    public async Task An_expired_client_secret_asks_for_a_new_one_and_needs_no_new_sign_in()
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync(BusyProbes);
        var directory = installation.Simulator.State.Directory;
        var application = directory.FindApplication(Seed.ClientId.ToString())!;
        directory.Add(application with
        {
            Secrets = [application.Secrets[0] with { ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(-1) }, new ApplicationSecret { Value = "the new+secret/&=%" }],
        });
        await installation.SendManyAsync(3);

        var provider = await installation.ProviderIsAsync("needsAttention");
        Assert.Contains("secret", provider.Text("stateReason"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("new", provider.Text("remedy"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, installation.Refreshes());

        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject { ["clientSecret"] = "the new+secret/&=%" }, TestContext.Current.CancellationToken);
        await installation.ArrivedAsync(3);
        var requests = installation.Simulator.State.Counters.Read().TokenRequests;
        Assert.Equal(2, requests["refresh_token"]);
        Assert.Equal(1, requests["authorization_code"]);
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
    }
}
