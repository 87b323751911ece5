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

    [Theory]
    [InlineData("none")]
    [InlineData("DSN VRFY")]
    [InlineData("8BITMIME")]
    public async Task Dovecot_with_fewer_of_its_extensions(string capabilities)
    {
        await using var dovecot = await DovecotSubmission.StartAsync(Authority, Introspection(Installation.Simulator), Sink.Port, capabilities: capabilities);
        var offered = await OfferedAsync(dovecot.Port);
        Assert.Equal(capabilities.Split(' ').Intersect(["8BITMIME", "DSN", "VRFY"]), new[] { "8BITMIME", "DSN", "VRFY" }.Where(keyword => offered.Contains(keyword.ToLowerInvariant())));
        await ConnectAsync(dovecot.Port);
        await PassesAsync("dovecot", eightBit: offered.Contains("8bitmime"));
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

    [Fact]
    public async Task Reports_are_read_from_the_mailbox_without_a_trace_and_what_prevents_it_is_told()
    {
        await using var dovecot = await DovecotSubmission.StartAsync(Authority, Introspection(Installation.Simulator), Sink.Port, "xoauth2");
        await ConnectAsync(dovecot.Port);
        var (api, cancellation) = (Installation.Gateway.Api, TestContext.Current.CancellationToken);
        var sent = await api.Messages.SendAsync(new SendMessage { To = ["gone@example.net"], Subject = "Order 12", Text = "x" }, cancellation: cancellation);
        await Installation.Gateway.MessageIsAsync(sent.Id, "sent");
        dovecot.Deliver("letter", "From: carol@example.net\r\nTo: noreply@contoso.example\r\nSubject: Private\r\n\r\n550 5.1.1 gone@example.net\r\n"u8.ToArray());
        dovecot.Deliver("bounce", TrackingTests.Report(sent.Id, "gone@example.net", "failed", "5.1.1"));

        await api.Providers.ChangeAsync("dovecot", new JsonObject { ["readReports"] = true, ["imapAddress"] = $"localhost:{dovecot.ImapPort}" }, cancellation);
        await Installation.Gateway.MessageIsAsync(sent.Id, "bounced");
        var report = Assert.Single((await api.Reports.ListAsync(cancellation: cancellation)).Items);
        Assert.Equal(("mailbox", "certain", sent.Id), (report.Source, report.Certainty, report.Message));
        Assert.Equal("gone@example.net", Assert.Single((await api.Suppressions.ListAsync(cancellation: cancellation)).Items).Address);

        // What comes later is found too, and only that: nothing was marked as seen, moved or deleted.
        var next = await api.Messages.SendAsync(new SendMessage { To = ["slow@example.net"], Subject = "Order 13", Text = "x" }, cancellation: cancellation);
        await Installation.Gateway.MessageIsAsync(next.Id, "sent");
        dovecot.Deliver("later", TrackingTests.Report(next.Id, "slow@example.net", "delivered", "2.0.0"));
        await Installation.Gateway.MessageIsAsync(next.Id, "delivered");
        Assert.Equal(2, (await api.Reports.ListAsync(cancellation: cancellation)).Items.Count);
        Assert.Equal(3, dovecot.Mails.Count());
        Assert.DoesNotContain(dovecot.Mails, name => name.Contains(":2,", StringComparison.Ordinal) && name.Split(":2,")[1].Length > 0);

        // The doctor tries it as well, and says what to mend.
        await TestedAsync(step => step["ok"]!.GetValue<bool>());
        await api.Providers.ChangeAsync("dovecot", new JsonObject { ["imapFolder"] = "Nowhere" }, cancellation);
        await TestedAsync(step => step["cause"]?.GetValue<string>() == "The mailbox has no folder \"Nowhere\".");
        await api.Providers.ChangeAsync("dovecot", new JsonObject { ["imapFolder"] = null, ["imapAddress"] = $"localhost:{FreePort.Take()}" }, cancellation);
        await TestedAsync(step => step["remedy"]?.GetValue<string>().StartsWith("Check the IMAP address.", StringComparison.Ordinal) == true);
        using var anna = await Browser.OwnerAsync(Installation);
        await GatewayProcess.EventuallyAsync(async () => (await anna.SeeAsync("/providers/dovecot")) is var page && page.Contains("Check the IMAP address.", StringComparison.Ordinal) ? page : null, "the provider's page tells it");
        Assert.Equal(400, (await Assert.ThrowsAsync<PostriderException>(() => api.Providers.ChangeAsync("dovecot", new JsonObject { ["imapAddress"] = "nonsense" }, cancellation))).Problem.Status);

        async Task TestedAsync(Func<JsonObject, bool> asExpected)
        {
            var steps = (await api.Providers.TestAsync("dovecot", null, cancellation))["steps"]!.AsArray();
            var step = Assert.Single(steps, one => one!["name"]!.GetValue<string>() == "reports")!.AsObject();
            Assert.True(asExpected(step), step.ToJsonString());
        }
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
