using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd;

/// <summary>A provider's test says at which step a message would fail, why, and what to do.</summary>
public sealed class DoctorTests
{
    private static readonly string[] Steps = ["dns", "tcp", "tls", "ehlo", "platform", "token", "claims", "auth", "sender"];

    [Fact]
    public async Task A_provider_that_works_passes_every_step_and_stays_as_it_is()
    {
        await using var installation = await Installation.StartAsync();
        var before = await installation.ProviderAsync();
        var result = await TestAsync(installation);
        Assert.True(result["ok"]!.GetValue<bool>(), result.ToJsonString());
        Assert.Equal(Steps, Names(result));
        Assert.All(result["steps"]!.AsArray(), step => Assert.True(step!["ok"]!.GetValue<bool>(), step.ToJsonString()));
        Assert.Contains("127.0.0.1", Detail(result, "dns"), StringComparison.Ordinal);
        Assert.Contains($":{installation.Simulator.SmtpPort}", Detail(result, "tcp"), StringComparison.Ordinal);
        Assert.StartsWith("TLS 1.3, certificate for localhost until 20", Detail(result, "tls"), StringComparison.Ordinal);
        Assert.Contains("AUTH LOGIN XOAUTH2", Detail(result, "ehlo"), StringComparison.Ordinal);
        Assert.StartsWith("good for 7", Detail(result, "token"), StringComparison.Ordinal);
        Assert.Equal($"audience outlook.office.com, SMTP.Send, {Installation.Mailbox}", Detail(result, "claims"));
        Assert.Contains("XOAUTH2", Detail(result, "auth"), StringComparison.Ordinal);
        Assert.All(new[] { "dns", "tcp", "tls", "ehlo", "auth", "sender" }, name => Assert.True(Step(result, name)["milliseconds"]!.GetValue<double>() >= 0));
        Assert.Equal(before.ToJsonString(), (await installation.ProviderAsync()).ToJsonString());
        Assert.Empty(installation.Simulator.State.Messages.Read(0, 10));
        Assert.DoesNotContain("eyJ", result.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Seed.ClientSecret, result.ToJsonString(), StringComparison.Ordinal);
        await AnswersThatAreNoTestsAsync(installation);
    }

    private static async Task AnswersThatAreNoTestsAsync(Installation installation)
    {
        var address = $"/api/v1/providers/{Installation.ProviderName}/test";
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(HttpStatusCode.OK, (await installation.Gateway.Http.PostAsync(address, null, cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Gateway.Http.PostAsJsonAsync(address, new { to = "nobody" }, cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Gateway.Http.PostAsJsonAsync(address, new { too = "a@example.org" }, cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Gateway.Http.PostAsync("/api/v1/providers/nobody/test", null, cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_server_with_an_IPv6_address_alone_is_tested_and_sent_through()
    {
        await using var installation = await Installation.StartAsync(connect: false, simulatorOptions: new SimulatorOptions { Smtp = new IPEndPoint(IPAddress.IPv6Loopback, 0) });
        await installation.AddProviderAsync(with: new JsonObject { ["address"] = "::1" });
        var result = await TestAsync(installation);
        Assert.True(result["ok"]!.GetValue<bool>(), result.ToJsonString());
        Assert.Contains($"[::1]:{installation.Simulator.SmtpPort}", Detail(result, "tcp"), StringComparison.Ordinal);
        await installation.SendAsync();
        await installation.ArrivedAsync(1);
    }

    [Fact]
    public async Task The_command_line_shows_the_steps_and_a_message_that_arrived()
    {
        await using var installation = await Installation.StartAsync();
        var (exitCode, output, error) = await installation.Gateway.CliAsync("provider", "test", Installation.ProviderName, "--to", "someone@example.org");
        Assert.True(exitCode == 0, output + error + installation.Gateway.Output);
        Assert.Contains("✓ Message    message ", output, StringComparison.Ordinal);
        Assert.Contains(" to someone@example.org is sent: 250 2.0.0 OK", output, StringComparison.Ordinal);
        var message = Assert.Single(installation.Simulator.State.Messages.Read(0, 10));
        Assert.Equal("Test of Contoso", message.Subject);
        await ShowAsync("works", output);

        installation.Simulator.State.SmtpFaults.Add(new(SmtpStage.Auth, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled"));
        (exitCode, output, _) = await installation.Gateway.CliAsync("provider", "test", Installation.ProviderName, "--to", "someone@example.org");
        Assert.Equal(1, exitCode);
        Assert.Contains("✕ AUTH       535 5.7.139 Authentication unsuccessful", output, StringComparison.Ordinal);
        Assert.Contains($"   Cause     SMTP AUTH is switched off for {Installation.Mailbox}.", output, StringComparison.Ordinal);
        Assert.Contains($"Set-CASMailbox -Identity {Installation.Mailbox} -SmtpClientAuthenticationDisabled $false", output, StringComparison.Ordinal);
        Assert.Contains("– Sender     skipped: AUTH did not succeed", output, StringComparison.Ordinal);
        Assert.Contains("– Message    skipped: AUTH did not succeed", output, StringComparison.Ordinal);
        Assert.Equal("ready", (await installation.ProviderAsync())["state"]!.GetValue<string>());
        await ShowAsync("fails", output);
    }

    [Fact]
    public async Task What_is_wrong_on_the_way_to_the_server_is_told_at_its_step()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new() { ["address"] = "no-such-host.invalid" });
        var result = await TestAsync(installation);
        Failed(result, "dns", "Could not find an address for no-such-host.invalid", "nslookup no-such-host.invalid");
        Skipped(result, "DNS", "tcp", "tls", "ehlo", "auth", "sender");
        Assert.True(Step(result, "token")["ok"]!.GetValue<bool>());

        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await PatchAsync(installation, new() { ["address"] = "localhost", ["port"] = port });
        result = await TestAsync(installation);
        Failed(result, "tcp", $"Could not reach localhost on port {port}", $"nc -vz localhost {port}");
        Skipped(result, "TCP", "tls", "ehlo", "auth", "sender");

        await PatchAsync(installation, new() { ["port"] = installation.Simulator.SmtpPort });
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Tls = TlsFault.SelfSigned };
        result = await TestAsync(installation);
        Assert.True(Step(result, "tcp")["ok"]!.GetValue<bool>());
        Failed(result, "tls", "comes from an authority that this machine does not trust", "SSL_CERT_FILE");
        Skipped(result, "TLS", "ehlo", "auth", "sender");

        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Tls = TlsFault.NotOffered };
        Failed(await TestAsync(installation), "tls", "does not offer STARTTLS", "587");

        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Tls = TlsFault.None };
        installation.Simulator.State.SmtpFaults.Add(new(SmtpStage.Connect, "421 4.3.2 Service not available", Times: 1));
        result = await TestAsync(installation);
        Assert.Equal("421 4.3.2 Service not available", Detail(result, "ehlo"));
        Skipped(result, "EHLO", "tls", "auth", "sender");

        installation.Simulator.State.SmtpFaults.Add(new(SmtpStage.Mail, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", Times: 1));
        result = await TestAsync(installation);
        Assert.True(Step(result, "auth")["ok"]!.GetValue<bool>());
        Failed(result, "sender", Installation.Mailbox, Installation.Mailbox);
    }

    [Fact]
    public async Task A_Graph_scope_is_told_from_the_token_before_the_server_refuses_it()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new() { ["scope"] = "https://graph.microsoft.com/SMTP.Send offline_access" });
        var result = await TestAsync(installation);
        Failed(result, "claims", "made for Microsoft Graph", $"postrider provider set {Installation.ProviderName} --scope https://outlook.office.com/SMTP.Send offline_access");
        Assert.StartsWith("535 5.7.3 ", Detail(result, "auth"), StringComparison.Ordinal);
        Failed(result, "auth", $"did not accept the access token for {Installation.Mailbox}", "https://outlook.office.com/SMTP.Send");
        Skipped(result, "AUTH", "sender");
    }

    [Fact]
    public async Task A_grant_that_is_gone_shows_at_the_token()
    {
        await using var installation = await Installation.StartAsync(connect: false,
            simulatorOptions: new() { Identity = new() { AccessTokenSeconds = 4 } });
        await installation.AddProviderAsync("waiting", "alerts@contoso.example", new() { ["enabled"] = true }, connect: false);
        var waiting = await TestAsync(installation, "waiting");
        Failed(waiting, "token", "", "Connect it and sign in as alerts@contoso.example");
        Skipped(waiting, "Token", "claims", "auth", "sender");
        Assert.True(Step(waiting, "ehlo")["ok"]!.GetValue<bool>());

        await installation.AddProviderAsync();
        installation.Simulator.State.RevokeGrants(Installation.Mailbox);
        var result = await TestAsync(installation);
        Failed(result, "token", "password", Installation.Mailbox);
        Skipped(result, "Token", "claims", "auth", "sender");
    }

    [Fact]
    public async Task A_password_provider_needs_no_token_and_its_password_is_never_shown()
    {
        await using var installation = await Installation.StartAsync(connect: false, simulatorOptions: new()
        {
            SmtpSettings = new() { Mechanisms = ["PLAIN"], PasswordsAllowed = true },
        });
        var password = $"password of {Installation.Mailbox}";
        await installation.Gateway.Api.Providers.AddAsync(new JsonObject
        {
            ["name"] = "relay", ["type"] = "password", ["address"] = "localhost", ["port"] = installation.Simulator.SmtpPort,
            ["security"] = "startTls", ["userName"] = Installation.Mailbox, ["password"] = password,
        }, CancellationToken.None);
        var result = await TestAsync(installation, "relay");
        Assert.True(result["ok"]!.GetValue<bool>(), result.ToJsonString());
        Assert.Null(Step(result, "token")["ok"]);
        Assert.True(Step(result, "token").ContainsKey("ok"), "A step that was left out says so by null.");
        Assert.Contains("PLAIN", Detail(result, "auth"), StringComparison.Ordinal);

        installation.Simulator.State.SmtpFaults.Add(new(SmtpStage.Auth, $"535 5.7.8 The {password} is wrong"));
        result = await TestAsync(installation, "relay");
        Assert.Equal("535 5.7.8 The *** is wrong", Detail(result, "auth"));
        Assert.DoesNotContain(password, result.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_message_tells_its_refusal_and_does_not_join_mail_that_is_held()
    {
        await using var installation = await Installation.StartAsync();
        var result = await TestAsync(installation, to: "550+nobody@example.org");
        Assert.Matches("^message [0-9a-f]{32} to 550\\+nobody@example.org is failed: 550 ", Detail(result, "message"));
        Assert.NotNull(Step(result, "message")["remedy"]);

        await installation.Gateway.Api.Providers.PauseAsync(Installation.ProviderName, CancellationToken.None);
        result = await TestAsync(installation, to: "someone@example.org");
        Assert.True(Step(result, "sender")["ok"]!.GetValue<bool>());
        Assert.StartsWith("not queued", Detail(result, "message"), StringComparison.Ordinal);
        Assert.Equal("paused", (await installation.ProviderAsync())["state"]!.GetValue<string>());
        Assert.DoesNotContain(installation.Simulator.State.Messages.Read(0, 10), message => message.To.Contains("someone@example.org"));
    }

    [Fact]
    public async Task Without_a_provider_the_installation_is_looked_over_and_then_each_provider()
    {
        await using var installation = await Installation.StartAsync();
        var (exitCode, output, error) = await installation.Gateway.CliAsync("doctor");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("This installation", output, StringComparison.Ordinal);
        foreach (var words in new[] { "✓ HTTP ", "✓ SMTP ", "– Certificate", "✓ Disk", "✓ Clock", "✓ Keyring", "✓ Providers" })
            Assert.Contains(words, output, StringComparison.Ordinal);
        Assert.Contains("stored secrets can be opened", output, StringComparison.Ordinal);
        Assert.Contains("nothing waits", output, StringComparison.Ordinal);
        Assert.Contains($"signed in as {Installation.Mailbox}", output, StringComparison.Ordinal);
        (_, output, _) = await installation.Gateway.CliAsync("doctor", "--json");
        Assert.Equal(["http", "address", "smtp", "certificate", "disk", "clock", "queue", "keyring", "providers"], Names(JsonNode.Parse(output)!["installation"]!.AsObject()));
    }

    [Fact]
    public async Task Every_sender_that_a_client_may_use_is_tried()
    {
        await using var installation = await Installation.StartAsync();
        await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "erp", Senders = [Seed.Shared, Installation.Mailbox, "@contoso.example"], Provider = Installation.ProviderName }, TestContext.Current.CancellationToken);
        Assert.Contains($"the server takes mail from {Seed.Shared}", Detail(await TestAsync(installation), "senders"), StringComparison.Ordinal);
        await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "crm", Senders = [Seed.Alerts], Provider = Installation.ProviderName }, TestContext.Current.CancellationToken);
        var result = await TestAsync(installation);
        Assert.True(Step(result, "sender")["ok"]!.GetValue<bool>());
        Failed(result, "senders", Seed.Alerts, $"Add-RecipientPermission {Seed.Alerts}");
    }

    private static Task<JsonObject> TestAsync(Installation installation, string name = Installation.ProviderName, string? to = null) =>
        installation.Gateway.Api.Providers.TestAsync(name, to, TestContext.Current.CancellationToken);

    private static Task<JsonObject> PatchAsync(Installation installation, JsonObject members) =>
        installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, members, TestContext.Current.CancellationToken);

    private static JsonObject Step(JsonObject result, string name) =>
        Assert.Single(result["steps"]!.AsArray().OfType<JsonObject>(), step => step["name"]!.GetValue<string>() == name);

    private static IEnumerable<string> Names(JsonObject result) => result["steps"]!.AsArray().Select(step => step!["name"]!.GetValue<string>());

    private static string Detail(JsonObject result, string name) => Step(result, name)["detail"]!.GetValue<string>();

    private static void Failed(JsonObject result, string name, string cause, string remedy)
    {
        Assert.False(result["ok"]!.GetValue<bool>());
        var step = Step(result, name);
        Assert.True(step["ok"] is { } ok && !ok.GetValue<bool>(), result.ToJsonString());
        Assert.Contains(cause, step["cause"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(remedy, step["remedy"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static void Skipped(JsonObject result, string because, params string[] names) => Assert.All(names, name =>
    {
        Assert.Null(Step(result, name)["ok"]);
        Assert.Equal($"skipped: {because} did not succeed", Detail(result, name));
    });

    // To look at it: POSTRIDER_TEST_LOG=FILE keeps what the command line showed.
    private static async Task ShowAsync(string what, string output)
    {
        if (Environment.GetEnvironmentVariable("POSTRIDER_TEST_LOG") is { Length: > 0 } file)
            await File.AppendAllTextAsync(file, $"\n{what}:\n{output}");
    }
}
