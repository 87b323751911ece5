using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Transport;

/// <summary>Whatever is wrong with TLS, nothing is said in clear text that somebody could use, and mail waits with the cause named.</summary>
public sealed class TlsFaultTests(TlsFaultTests.OneInstallation fixture) : IClassFixture<TlsFaultTests.OneInstallation>
{
    [Theory]
    [InlineData(TlsFault.Expired, "has expired")]
    [InlineData(TlsFault.WrongName, "for another name")]
    [InlineData(TlsFault.SelfSigned, "does not trust")]
    [InlineData(TlsFault.NotOffered, "does not offer STARTTLS")]
    [InlineData(TlsFault.PlaintextReply, "went on in clear text")]
    [InlineData(TlsFault.InjectedReply, "went on in clear text")]
    [InlineData(TlsFault.ClosedInHandshake, "ended")]
    public async Task A_TLS_fault_fails_closed_and_names_its_cause(TlsFault fault, string cause)
    {
        var (installation, tap) = (fixture.Installation, fixture.Tap);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(tap.Open == 0 ? tap : null), "no session is left open");
        var (before, arrived) = (tap.Sent.Count, installation.Simulator.State.Messages.Count);
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Tls = fault };
        var id = await installation.SendAsync();

        var waiting = await installation.WaitsBecauseAsync(id, cause);
        Assert.NotEmpty(waiting.Remedy!);
        Assert.Equal(0, waiting.AttemptCount);
        AssertNothingUsefulInClear(tap.Sent.Skip(before));

        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Tls = TlsFault.None };
        await installation.ArrivedAsync(arrived + 1);
        await installation.ProviderIsAsync("ready");
    }

    [Fact]
    public async Task An_unknown_certificate_authority_fails_closed_until_it_is_trusted()
    {
        var trusted = Path.GetTempFileName();
        try
        {
            await using var stranger = await SimulatorApp.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
            File.Copy(stranger.CaFile, trusted, overwrite: true);
            await using var installation = await Installation.StartAsync(connect: false, alone: true,
                settings: new Dictionary<string, string> { ["SSL_CERT_FILE"] = trusted, ["POSTRIDER__Mail__ProbeInterval"] = "00:00:01" });
            await using var tap = new Tap(installation.Simulator.SmtpPort);
            await installation.AddProviderAsync(with: new() { ["port"] = tap.Port });
            var id = await installation.SendAsync();

            var waiting = await installation.WaitsBecauseAsync(id, "does not trust");
            Assert.Contains("authority", waiting.Remedy, StringComparison.Ordinal);
            Assert.Equal("needsAttention", (await installation.ProviderAsync()).Text("state"));
            AssertNothingUsefulInClear(tap.Sent);

            File.Copy(installation.Simulator.CaFile, trusted, overwrite: true);
            await installation.RestartAsync();
            await installation.ArrivedAsync(1);
            await installation.ProviderIsAsync("ready");
        }
        finally
        {
            File.Delete(trusted);
        }
    }

    /// <summary>Before the first TLS record only EHLO, STARTTLS and QUIT; what follows it is TLS (RFC 8446 section 5.1: type 20 to 23, version 3).</summary>
    private static void AssertNothingUsefulInClear(IEnumerable<string> connections)
    {
        var seen = 0;
        foreach (var connection in connections)
        {
            seen++;
            var hello = connection.IndexOf("\u0016\u0003", StringComparison.Ordinal);
            var clear = hello < 0 ? connection : connection[..hello];
            Assert.All(clear.Split("\r\n", StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(EHLO gateway\\.example|STARTTLS|QUIT)$", line));
            foreach (var word in new[] { "AUTH ", "MAIL FROM", "RCPT TO", "QUIT" })
                Assert.DoesNotContain(word, hello < 0 ? "" : connection[hello..], StringComparison.OrdinalIgnoreCase);
        }
        Assert.NotEqual(0, seen);
    }

    /// <summary>One gateway for all faults, whose every session is tapped and none is kept.</summary>
    public sealed class OneInstallation : IAsyncLifetime
    {
        internal Installation Installation { get; private set; } = null!;
        internal Tap Tap { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Installation = await Installation.StartAsync(connect: false, settings: new Dictionary<string, string>
            {
                ["POSTRIDER__Mail__ProbeInterval"] = "00:00:01", ["POSTRIDER__Mail__IdleConnection"] = "00:00:00.001",
            });
            Tap = new Tap(Installation.Simulator.SmtpPort);
            await Installation.AddProviderAsync(with: new() { ["port"] = Tap.Port });
        }

        public async ValueTask DisposeAsync()
        {
            await Tap.DisposeAsync();
            await Installation.DisposeAsync();
        }
    }
}
