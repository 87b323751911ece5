using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A provider of type <c>oauth2</c> whose server is Dovecot, which checks XOAUTH2 by its own means.</summary>
public sealed class DovecotTests : ForeignServerTests
{
    [Theory]
    [InlineData("xoauth2")]
    [InlineData("oauthbearer")]
    public async Task Mail_from_both_doors_passes_Dovecot_with_a_token_and_arrives_byte_for_byte(string mechanism)
    {
        await using var dovecot = await DovecotSubmission.StartAsync(Authority, Introspection(Installation.Simulator), Sink.Port, mechanism);
        await ConnectAsync(dovecot.Port);

        var (bySmtp, byHttp) = (AwkwardMail.Write("by SMTP"), AwkwardMail.Write("by HTTP"));
        await SmtpDialogue.SendAsync(Installation.Gateway.Smtp, Installation.Mailbox, "someone@example.org", bySmtp);
        await HandInAsync(byHttp);

        foreach (var original in new[] { bySmtp, byHttp })
        {
            var above = await Sink.ArrivesAsync(original);
            AwkwardMail.AssertOnlyTrace(above);
            Assert.Contains("by dovecot.example with ESMTPSA", above, StringComparison.Ordinal);
            Assert.Contains("X-Rcpt-Args: <someone@example.org>", above, StringComparison.Ordinal);
        }
        await dovecot.SaysAsync($"Login: user=<{Installation.Mailbox}>, method={mechanism.ToUpperInvariant()}");
        await AllSentAsync(2);
    }

    [Fact]
    public async Task A_token_that_Dovecot_refuses_is_renewed_once_then_the_provider_needs_attention_and_its_mail_waits()
    {
        // Another platform is asked about the tokens, and to it they are garbage.
        await using var elsewhere = await SimulatorApp.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        var original = AwkwardMail.Write("held");
        int port;
        await using (var dovecot = await DovecotSubmission.StartAsync(Authority, Introspection(elsewhere), Sink.Port))
        {
            port = dovecot.Port;
            await ConnectAsync(port);
            await SmtpDialogue.SendAsync(Installation.Gateway.Smtp, Installation.Mailbox, "someone@example.org", original);

            var provider = await ProviderIsAsync("needsAttention");
            Assert.Contains("535 5.7.8", provider["stateReason"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.NotEmpty(provider["remedy"]!.GetValue<string>());
            await GatewayProcess.EventuallyAsync(() => Task.FromResult(Regex.Count(dovecot.Log, "oauth2 failed: ") >= 2 ? dovecot : null), "Dovecot logs two refusals");
            Assert.Equal(2, Regex.Count(dovecot.Log, "oauth2 failed: "));
            Assert.Equal(1, Installation.Simulator.State.Counters.Read().TokenRequests["refresh_token"]);
            var held = Assert.Single((await Installation.Gateway.Api.Messages.PageAsync(new MessageFilter(), cancellation: TestContext.Current.CancellationToken)).Items);
            await Installation.Gateway.MessageIsAsync(held.Id, "queued");
        }

        await using var repaired = await DovecotSubmission.StartAsync(Authority, Introspection(Installation.Simulator), Sink.Port, port: port);
        await Installation.ConnectAsync("dovecot");
        AwkwardMail.AssertOnlyTrace(await Sink.ArrivesAsync(original));
        await ProviderIsAsync("ready");
        await AllSentAsync(1);
    }

    private static Uri Introspection(SimulatorApp simulator) => new(simulator.HttpUrl, $"{Seed.TenantId}/oauth2/v2.0/introspect");

    private async Task ConnectAsync(int port)
    {
        await Installation.Gateway.Api.Providers.AddAsync(new JsonObject
        {
            ["name"] = "dovecot", ["type"] = "oauth2", ["address"] = "localhost", ["port"] = port, ["userName"] = Installation.Mailbox,
            ["authority"] = new Uri(Installation.Simulator.HttpUrl, $"{Seed.TenantId}/v2.0").ToString(),
            ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["scope"] = "https://outlook.office.com/SMTP.Send offline_access",
            ["redirectUri"] = $"http://localhost:{Installation.Gateway.HttpUrl.Port}/oauth/callback",
            // One connection: smtp-sink writes all messages to one file.
            ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0 },
        }, TestContext.Current.CancellationToken);
        await Installation.ConnectAsync("dovecot");
    }

    private Task<JsonObject> ProviderIsAsync(string state) => GatewayProcess.EventuallyAsync(
        async () => await Installation.ProviderAsync("dovecot") is var provider && provider["state"]!.GetValue<string>() == state ? provider : null, $"the provider is {state}");

    private async Task AllSentAsync(int count) => await GatewayProcess.EventuallyAsync(async () =>
        (await Installation.Gateway.Api.Messages.PageAsync(new MessageFilter { State = "sent" })).Items is var sent && sent.Count == count ? sent : null, $"{count} sent");
}
