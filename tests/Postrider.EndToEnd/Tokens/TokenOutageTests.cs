using System.Diagnostics;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>The identity platform is down for a while: mail waits, says why, and goes out by itself.</summary>
public sealed class TokenOutageTests
{
    [Fact]
    public Task Mail_outlives_every_kind_of_outage_without_a_human_act() => Task.WhenAll(
        OutageAsync(new(TokenEndpointMode.Down, Times: 1), "ended without a reply"),
        OutageAsync(new(TokenEndpointMode.Error500, Times: 1), "fault of its own"),
        OutageAsync(new(TokenEndpointMode.Html, Times: 1), "not a token"),
        OutageAsync(new(TokenEndpointMode.Throttled429, RetryAfter: "7", Times: 1), "limits the requests", atLeast: TimeSpan.FromSeconds(7)));

    private static async Task OutageAsync(TokenEndpointFault fault, string cause, TimeSpan atLeast = default)
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync();
        installation.Simulator.State.IdentityFaults.TokenEndpoint = fault;
        var outage = Stopwatch.StartNew();
        var ids = await installation.SendManyAsync(3);

        var waiting = await installation.WaitsBecauseAsync(ids[0], cause);
        Assert.NotEmpty(waiting.Remedy!);
        Assert.Equal(0, waiting.AttemptCount);
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));

        await installation.ArrivedAsync(3);
        Assert.True(outage.Elapsed >= atLeast, $"{fault.Mode}: asked again after {outage.Elapsed}");
        Assert.Equal(2, installation.Refreshes());
        foreach (var id in ids)
            Assert.Equal(1, (await installation.Gateway.MessageIsAsync(id, "sent")).AttemptCount);
    }

    [Fact]
    public async Task A_slow_token_endpoint_is_waited_for_and_asked_once()
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync();
        installation.Simulator.State.IdentityFaults.TokenEndpoint = new(TokenEndpointMode.Slow, Milliseconds: 1500);
        await installation.SendManyAsync(10);

        await installation.ArrivedAsync(10);
        Assert.Equal(1, installation.Refreshes());
    }

    [Fact]
    public async Task A_token_that_is_still_good_is_used_on_while_the_endpoint_is_down()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        installation.Simulator.State.IdentityFaults.TokenEndpoint = new(TokenEndpointMode.Down);
        await installation.SendAsync();
        await installation.ArrivedAsync(1);

        await installation.RestartAsync();
        await installation.SendAsync();
        await installation.ArrivedAsync(2);
        Assert.Equal(0, installation.Refreshes());
    }
}
