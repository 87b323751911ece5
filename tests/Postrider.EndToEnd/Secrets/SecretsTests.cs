using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.EndToEnd.Transport;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Secrets;

/// <summary>Every kind of secret is used, in good and in bad ways, and then looked for everywhere.</summary>
public sealed class SecretsTests
{
    private const string WrongSecret = "Wrong~secret+with/every=char&in%it", MailboxPassword = "a mailbox p@ss+wörd/&=%", SecretSetting = "a setting that nobody should read";
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_in_any_log_answer_file_or_output()
    {
        // The refresh is put off by nothing: the first access token has expired when it comes.
        await using var installation = await Installation.StartAsync(alone: true, connect: false, simulatorOptions: Acts.ExpiredToken, settings: new Dictionary<string, string>
        {
            ["POSTRIDER__Logging__LogLevel__Default"] = "Trace", ["POSTRIDER__Logging__LogLevel__Microsoft"] = "Trace", ["POSTRIDER__Logging__LogLevel__System"] = "Trace",
            ["POSTRIDER__Alerts__PagerToken"] = SecretSetting, ["ANOTHER_PROGRAMS_SETTING"] = SecretSetting, ["POSTRIDER__KnownProxies"] = "127.0.0.2",
        });
        await using var tap = new Tap(installation.Simulator.HttpUrl.Port);
        var (gateway, simulator, hoard, answers) = (installation.Gateway, installation.Simulator, new Hoard(), new ConcurrentQueue<string>());
        using var http = new HttpClient(new Recorder(answers));
        var api = PostriderClient.For(http, gateway.HttpUrl, gateway.AdminKey);
        hoard.Add("admin key", gateway.AdminKey);
        hoard.Add("client_secret", Seed.ClientSecret);
        hoard.Add("wrong client_secret", WrongSecret);
        hoard.Add("setting", SecretSetting);

        // Sign-in, refresh, and a token that the mail server refuses.
        await installation.AddProviderAsync(connect: false, with: new() { ["authority"] = $"http://127.0.0.1:{tap.Port}" });
        var landed = simulator.Consent((await api.Providers.AuthorizeAsync(Installation.ProviderName, Cancellation)).Text("authorizeUrl"), Installation.Mailbox);
        (await http.GetAsync(landed, Cancellation)).EnsureSuccessStatusCode();
        simulator.State.Identity = new IdentitySettings();
        simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, "535 5.7.3 Authentication unsuccessful", Times: 1));
        await gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        hoard.AddFromWire(tap.Sent, tap.Answered);

        // A pasted token, a secret that is wrong, a code that is used twice, a password, a client, a key.
        var refreshToken = hoard.One("refresh_token");
        await installation.AddProviderAsync("pasted", connect: false, with: new() { ["authority"] = $"http://127.0.0.1:{tap.Port}", ["refreshToken"] = refreshToken, ["clientSecret"] = WrongSecret });
        var held = await installation.SendAsync(provider: "pasted");
        await installation.ProviderIsAsync("needsAttention", "pasted");
        await http.GetAsync(landed, Cancellation);
        await Assert.ThrowsAsync<PostriderException>(() => api.Providers.CompleteAsync(Installation.ProviderName, landed.AbsoluteUri, Cancellation));
        await UsePasswordAsync(installation, api, hoard);
        var client = await api.Clients.AddAsync(new ClientInput { Name = "printer" }, Cancellation);
        hoard.Add("SMTP password", client.Password);
        var key = await api.Keys.AddAsync(new KeyInput { Name = "reader", Scopes = ["read"] }, Cancellation);
        hoard.Add("API key", key.Key);
        await SubmitAsync(gateway, client);
        using var readersHttp = new HttpClient(new Recorder(answers));
        var reader = PostriderClient.For(readersHttp, gateway.HttpUrl, key.Key);
        await reader.Messages.PageAsync(new MessageFilter(), cancellation: Cancellation);
        await Assert.ThrowsAsync<PostriderException>(() => reader.Keys.ListAsync(Cancellation));
        hoard.AddFromWire(tap.Sent, tap.Answered);

        foreach (var path in new[] { "providers", "provider-presets", "messages", $"messages/{held}", $"messages/{held}/content", "clients", "keys", "providers/pasted", "providers/contoso" })
            await gateway.Http.GetAsync($"/api/v1/{path}", Cancellation).ContinueWith(async answer => answers.Enqueue(await (await answer).Content.ReadAsStringAsync()), Cancellation).Unwrap();
        string[] lines = ["provider list --json", "provider show contoso", "client list", "key list", $"message show {held}", "doctor", "provider set pasted --client-secret-file -"];
        var cli = string.Concat(await Task.WhenAll(lines.Select(line => gateway.CliAsync(WrongSecret + "\n", line.Split(' ')))));

        using (var owner = await Browser.OwnerAsync(installation))
        {
            var diagnostics = await owner.Http.GetStringAsync("/settings/system?handler=Diagnostics", Cancellation);
            foreach (var part in new[] { "\"KnownProxies\": \"127.0.0.2\"", "\"Alerts:PagerToken\": \"(set)\"", "\"step\": \"keyring\"", "\"messages, sent\"", "\"name\": \"pasted\"", "Information Postrider" })
                Assert.Contains(part, diagnostics, StringComparison.Ordinal);
            Assert.Empty(hoard.FoundIn(diagnostics));
        }

        string[] wanted = ["admin key", "client_secret", "wrong client_secret", "code", "code_verifier", "refresh_token", "access_token", "mailbox password", "SMTP password", "API key"];
        Assert.Empty(wanted.Except(hoard.Kinds));
        // The search finds what a client of ours would put on the wire.
        Assert.Equal("SMTP password", Assert.Single(hoard.FoundIn(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0printer\0{client.Password}")))));
        AssertShownOnce(answers, client.Password);
        AssertShownOnce(answers, key.Key);
        Assert.Empty(hoard.FoundIn(string.Join('\n', answers), client.Password, key.Key));
        Assert.Empty(hoard.FoundIn(cli));
        AssertFilesAreClean(gateway, hoard, locked: ".lock");
        Assert.Equal(0, await gateway.StopAsync());
        AssertFilesAreClean(gateway, hoard);
        Assert.Empty(hoard.FoundIn(gateway.Output));
    }

    private static async Task UsePasswordAsync(Installation installation, PostriderClient api, Hoard hoard)
    {
        var (state, alerts) = (installation.Simulator.State, installation.Simulator.State.Directory.FindAccount(Seed.Alerts)!);
        state.Directory.Add(alerts with { Password = MailboxPassword });
        state.Smtp = state.Smtp with { PasswordsAllowed = true, Mechanisms = ["PLAIN", "LOGIN", "XOAUTH2"] };
        await api.Providers.AddAsync(new JsonObject
        {
            ["name"] = "relay", ["type"] = "password", ["address"] = "localhost", ["port"] = installation.Simulator.SmtpPort, ["security"] = "startTls",
            ["userName"] = Seed.Alerts, ["password"] = MailboxPassword,
        }, Cancellation);
        hoard.Add("mailbox password", MailboxPassword);
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(provider: "relay"), "sent");
    }

    /// <summary>With the right password, and with the right one of somebody else.</summary>
    private static async Task SubmitAsync(RunningGateway gateway, ClientCreated client)
    {
        foreach (var user in new[] { "nobody", client.UserName })
        {
            using var smtp = new SmtpClient();
            await smtp.ConnectAsync("127.0.0.1", gateway.Smtp.Port, SecureSocketOptions.None, Cancellation);
            if (!smtp.Capabilities.HasFlag(SmtpCapabilities.Authentication))
                return;
            if (user != client.UserName)
            {
                await Assert.ThrowsAsync<AuthenticationException>(() => smtp.AuthenticateAsync(user, client.Password));
                continue;
            }
            await smtp.AuthenticateAsync(user, client.Password, Cancellation);
            await smtp.SendAsync(new MimeMessage([new MailboxAddress("", Installation.Mailbox)], [new MailboxAddress("", "someone@example.org")], "Hello", new TextPart("plain")), Cancellation);
        }
    }

    private static void AssertShownOnce(IEnumerable<string> answers, string secret) =>
        Assert.Single(answers, answer => answer.Contains(secret, StringComparison.Ordinal));

    private static void AssertFilesAreClean(RunningGateway gateway, Hoard hoard, string? locked = null)
    {
        foreach (var path in Directory.EnumerateFiles(gateway.DataDirectory, "*", SearchOption.AllDirectories).Where(path => locked is null || !path.EndsWith(locked, StringComparison.Ordinal)))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            var found = hoard.FoundIn(Encoding.Latin1.GetString(copy.ToArray()), Path.GetFileName(path) == "admin.key" ? [gateway.AdminKey] : []);
            Assert.True(found.Count == 0, $"{Path.GetFileName(path)} holds: {string.Join(", ", found)}");
        }
    }

    private sealed class Recorder(ConcurrentQueue<string> answers) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            answers.Enqueue(answer.Headers + await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer;
        }
    }
}
