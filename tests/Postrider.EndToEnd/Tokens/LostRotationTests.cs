using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>The gateway is killed in the middle of a refresh. What the identity platform forgives needs nobody; what it does not is told in its
/// own words, and mail waits.</summary>
public sealed class LostRotationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RotationMode.Microsoft)]
    [InlineData(RotationMode.Grace)]
    public async Task An_answer_lost_with_the_gateway_is_asked_for_again_where_the_platform_allows_it(RotationMode rotation)
    {
        await using var killed = await KilledAsync(rotation, IdentityWire.Cut.BeforeAnswer);

        await killed.SentOnceAsync();
        Assert.Equal(2, killed.Installation.Refreshes());
        Assert.Equal("ready", (await killed.Installation.ProviderAsync()).Text("state"));
    }

    [Fact]
    public async Task A_request_lost_with_the_gateway_is_made_again_even_where_reuse_is_forbidden()
    {
        await using var killed = await KilledAsync(RotationMode.Strict, IdentityWire.Cut.BeforeRequest);

        await killed.SentOnceAsync();
        Assert.Equal(1, killed.Installation.Refreshes());
        Assert.Equal("ready", (await killed.Installation.ProviderAsync()).Text("state"));
    }

    [Fact]
    public async Task A_rotation_lost_where_reuse_is_forbidden_holds_the_mail_is_told_once_and_mended_by_one_sign_in()
    {
        await using var killed = await KilledAsync(RotationMode.Strict, IdentityWire.Cut.BeforeAnswer);
        var installation = killed.Installation;

        var provider = await installation.ProviderIsAsync("needsAttention");
        Assert.Contains("lost on the way", provider.Text("stateReason"), StringComparison.Ordinal);
        Assert.Contains($"sign in as {Installation.Mailbox}", provider.Text("remedy"), StringComparison.Ordinal);
        Assert.Equal(0, (await installation.WaitsBecauseAsync(killed.MessageId, "lost on the way")).AttemptCount);

        // More mail, and another start: nobody asks again, and nobody is told again.
        await installation.SendManyAsync(3);
        await installation.RestartAsync();
        await installation.WaitsBecauseAsync(killed.MessageId, "lost on the way");
        Assert.Equal(2, installation.Refreshes());
        var opened = await GatewayProcess.EventuallyAsync(async () =>
            (await installation.Gateway.Api.Alerts.EventsAsync(cancellation: Stop)).Items is { Count: > 0 } events ? events : null, "the alert is opened");
        Assert.Equal("alert.opened", Assert.Single(opened).Type);
        Assert.Equal("provider.attention", Assert.Single((await installation.Gateway.Api.Alerts.ListAsync(all: true, cancellation: Stop)).Items).Kind);

        // The gateway came back on another port: the address the browser ended on is pasted.
        var started = await installation.Gateway.Api.Providers.AuthorizeAsync(Installation.ProviderName, Stop);
        var landed = installation.Simulator.Consent(started.Text("authorizeUrl"), Installation.Mailbox);
        await installation.Gateway.Api.Providers.CompleteAsync(Installation.ProviderName, landed.AbsoluteUri, Stop);
        await installation.ArrivedAsync(4);
        Assert.Equal(1, (await installation.Gateway.MessageIsAsync(killed.MessageId, "sent")).AttemptCount);
        Assert.Equal(4, installation.Simulator.State.Messages.Count);
        await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Alerts.ListAsync(all: true, cancellation: Stop)).Items
            .SingleOrDefault(alert => alert.State == "recovered"), "the alert is over");
    }

    /// <summary>An installation that was killed in the first refresh, and started again.</summary>
    private static async Task<Killed> KilledAsync(RotationMode rotation, IdentityWire.Cut where)
    {
        var installation = await Installation.StartAsync(alone: true, connect: false, simulatorOptions: Acts.ExpiredToken);
        var wire = await IdentityWire.StartAsync(installation.Simulator.HttpUrl);
        await installation.AddProviderAsync(with: new() { ["authority"] = wire.Url });
        installation.Simulator.State.Identity = new IdentitySettings { Rotation = rotation, GraceSeconds = 30 };

        var broken = wire.BreakAsync(where, installation.Process.KillAsync);
        var id = await installation.SendAsync();
        await broken.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(where == IdentityWire.Cut.BeforeAnswer ? 1 : 0, installation.Refreshes());
        await installation.RestartAsync();
        return new Killed(installation, wire, id);
    }

    private sealed record Killed(Installation Installation, IdentityWire Wire, string MessageId) : IAsyncDisposable
    {
        public async Task SentOnceAsync()
        {
            Assert.Equal(1, (await Installation.Gateway.MessageIsAsync(MessageId, "sent")).AttemptCount);
            Assert.Equal(1, Installation.Simulator.State.Messages.Count);
        }

        public async ValueTask DisposeAsync()
        {
            await Installation.DisposeAsync();
            await Wire.DisposeAsync();
        }
    }
}
