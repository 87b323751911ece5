using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.EndToEnd.Transport;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>Access tokens expire: the queue does not notice, and the identity platform is not flooded.</summary>
public sealed class TokenLifeTests
{
    [Fact]
    public async Task Two_hundred_messages_on_an_expired_token_cost_one_token_request()
    {
        await using var installation = await Acts.StartWithExpiredTokenAsync();
        await installation.Gateway.Api.Providers.PauseAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        await installation.SendManyAsync(200);
        Assert.Equal(0, installation.Refreshes());

        await installation.Gateway.Api.Providers.ResumeAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        await installation.ArrivedAsync(200);
        Assert.Equal(1, installation.Refreshes());
    }

    [Fact]
    public async Task A_session_is_closed_before_its_token_expires_whether_it_is_busy_or_idle()
    {
        var life = TimeSpan.FromSeconds(8);
        await using var installation = await Installation.StartAsync(connect: false,
            simulatorOptions: new SimulatorOptions { Identity = new IdentitySettings { AccessTokenSeconds = (int)life.TotalSeconds } });
        await using var tap = new Tap(installation.Simulator.SmtpPort);
        await installation.AddProviderAsync(with: new() { ["port"] = tap.Port, ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0 } });
        var issued = TimeProvider.System.GetUtcNow();

        // Busy until a second session opens: by then the first has ended, and its token had not.
        var sent = 0;
        while (tap.Connections < 2)
        {
            await installation.SendAsync("slow-100@example.org");
            await installation.ArrivedAsync(++sent);
        }
        Assert.True(sent > 2);
        Assert.InRange(installation.Simulator.State.Messages.Read()[^2].ReceivedAt - issued, TimeSpan.FromSeconds(2), life);
        // Idle: nothing else is sent, and the session ends all the same, long before IdleConnection.
        var second = TimeProvider.System.GetUtcNow();
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(tap.Open == 0 ? tap : null), "the idle session is closed");
        Assert.InRange(TimeProvider.System.GetUtcNow() - second, TimeSpan.Zero, life);
        Assert.Equal(2, tap.Connections);
    }
}
