using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Grants;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Failures;

/// <summary>Every row of the catalogue, said by a server or an identity platform as it says it: what becomes of the message and of the provider,
/// and which words a person sees.</summary>
public sealed partial class EveryFailureTests(EveryFailureTests.OneInstallation fixture) : IClassFixture<EveryFailureTests.OneInstallation>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly IReadOnlyDictionary<string, Row> Rows = Row.ReadAll();

    /// <summary>Whatever waits is tried again now and then.</summary>
    private static readonly string[] StillThere = ["queued", "sending"];

    public static TheoryData<string> Replies => [.. Rows.Values.Where(row => row.Where == "smtp").Select(row => row.Id)];

    public static TheoryData<string> OAuthErrors => [.. Rows.Values.Where(row => row is { Where: "oauth", IsOfDevices: false }).Select(row => row.Id)];

    public static TheoryData<string> WaitsOfDevices => [.. Rows.Values.Where(row => row.IsOfDevices).Select(row => row.Id)];

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task A_reply_of_the_server_does_what_the_catalogue_says(string id)
    {
        var row = Rows[id];
        var state = fixture.Installation.Simulator.State;
        await using var provider = await fixture.AddAsync(row);
        if (row is { At: "reset", Provider: "any" })
        {
            await WithResetAsync(row, provider);
            return;
        }
        state.Smtp = fixture.Usual with { Hide = row.At == "data" ? ["CHUNKING", "PIPELINING"] : [] };
        state.SmtpFaults.Add(new SmtpFault(row.Stage, row.Example));
        await ComesOutAsync(row, provider, await provider.SendAsync());
    }

    [Theory]
    [MemberData(nameof(OAuthErrors))]
    public async Task An_error_of_the_identity_platform_does_what_the_catalogue_says(string id)
    {
        var row = Rows[id];
        await using var provider = await fixture.AddAsync(row);
        fixture.Fail(row);
        await ComesOutAsync(row, provider, await provider.SendAsync());
    }

    [Theory]
    [MemberData(nameof(OAuthErrors))]
    public async Task An_error_of_the_identity_platform_is_explained_where_a_sign_in_ends(string id)
    {
        var row = Rows[id];
        await using var provider = await fixture.AddAsync(row, signIn: true);
        fixture.Fail(row);
        var page = WebUtility.HtmlDecode(await provider.SignInAsync());
        Assert.All(row.CauseParts, part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.All(row.RemedyParts.SelectMany(part => part.Split('\n')).Select(line => line.Trim()), part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.NotEqual("ready", (await fixture.Installation.ProviderAsync(provider.Name)).Text("state"));
    }

    [Theory]
    [MemberData(nameof(WaitsOfDevices))]
    public async Task What_says_that_a_device_has_to_wait_is_waited_for(string id)
    {
        var row = Rows[id];
        await using var provider = await fixture.AddAsync(row, signIn: true, new JsonObject { ["grant"] = "deviceCode", ["deviceUrl"] = fixture.Platform + "/devicecode" });
        var providers = fixture.Installation.Gateway.Api.Providers;
        var shown = await providers.StartDeviceAsync(provider.Name, Cancellation);
        var asked = fixture.Asked("urn:ietf:params:oauth:grant-type:device_code");
        fixture.Fail(row);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(fixture.Asked("urn:ietf:params:oauth:grant-type:device_code") > asked ? this : null), "the code was asked about");
        var waiting = await providers.DeviceAsync(provider.Name, Cancellation);
        Assert.Equal(("waiting", shown.Text("userCode")), (waiting.Text("state"), waiting.Text("userCode")));
    }

    /// <summary>What is said to RSET concerns no message: the next one leaves all the same.</summary>
    private async Task WithResetAsync(Row row, OneProvider provider)
    {
        var state = fixture.Installation.Simulator.State;
        state.SmtpFaults.Add(new SmtpFault(SmtpStage.Rcpt, "550 5.1.1 No such user", Times: 1));
        state.SmtpFaults.Add(new SmtpFault(SmtpStage.Rset, row.Example, Times: 1));
        await fixture.Installation.Gateway.MessageIsAsync(await provider.SendAsync(), "failed");
        await fixture.Installation.Gateway.MessageIsAsync(await provider.SendAsync(), "sent");
    }

    private async Task ComesOutAsync(Row row, OneProvider provider, string message)
    {
        var gateway = fixture.Installation.Gateway;
        // What a new token does not cure is a matter of the settings from then on.
        switch (row.ProbablyDelivered ? "sent" : row.Class == "authentication" ? "configuration" : row.Class)
        {
            case "sent":
                Assert.Contains(row.Example, (await gateway.MessageIsAsync(message, "sent")).Attempts[^1].Reply, StringComparison.Ordinal);
                break;
            case "permanent":
                var failed = await gateway.MessageIsAsync(message, "failed");
                row.AssertSaid(failed.Recipients[0].Cause, failed.Recipients[0].Remedy);
                Assert.Equal("ready", (await fixture.Installation.ProviderAsync(provider.Name)).Text("state"));
                break;
            case "configuration":
                var broken = await fixture.Installation.ProviderIsAsync("needsAttention", provider.Name);
                row.AssertSaid(broken.Text("stateReason"), broken.Text("remedy"));
                Assert.Contains((await gateway.Api.Messages.GetAsync(message, Cancellation)).State, StillThere);
                break;
            default:
                var waiting = await GatewayProcess.EventuallyAsync(async () => await gateway.Api.Messages.GetAsync(message, Cancellation) is { Cause: { } cause } seen && row.IsCause(cause) ? seen : null, $"{row.Id}: the message says why it waits");
                row.AssertSaid(waiting.Cause, waiting.Remedy);
                Assert.Contains(waiting.State, StillThere);
                Assert.Equal("ready", (await fixture.Installation.ProviderAsync(provider.Name)).Text("state"));
                break;
        }
    }

    /// <summary>A row as it stands in the catalogue, read apart from the program.</summary>
    internal sealed partial record Row(string Id, string Provider, string Where, string At, string Class, bool ProbablyDelivered, string Example, string Cause, string Remedy)
    {
        public IReadOnlyList<string> CauseParts => Parts(Cause);
        public IReadOnlyList<string> RemedyParts => Parts(Remedy);

        public bool IsOfDevices => Example.StartsWith("authorization_pending", StringComparison.Ordinal) || Example.StartsWith("slow_down", StringComparison.Ordinal);

        public SmtpStage Stage => At switch
        {
            // A reply to RSET that closes the session may as well come to the next command.
            "reset" => SmtpStage.Mail,
            "greeting" => SmtpStage.Connect, "ehlo" => SmtpStage.Ehlo, "tls" => SmtpStage.StartTls, "auth" => SmtpStage.Auth, "mail" => SmtpStage.Mail,
            "rcpt" => SmtpStage.Rcpt, "data" => SmtpStage.Data, "final" => SmtpStage.Dot, _ => throw new InvalidOperationException($"Nobody says anything at {At}."),
        };

        public static IReadOnlyDictionary<string, Row> ReadAll()
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Postrider.slnx")))
                directory = Path.GetDirectoryName(directory)!;
            var rows = new Dictionary<string, Row>();
            foreach (var group in JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "src", "Postrider.Accounts", "Failures", "failures.json")))!.AsArray())
                foreach (var entry in group!["entries"]!.AsArray())
                    rows.Add((string)entry!["id"]!, new((string)entry["id"]!, (string)group["provider"]!, (string)group["where"]!, (string?)entry["at"] ?? "final",
                        (string)entry["class"]!, (bool?)entry["probablyDelivered"] ?? false, (string)entry["example"]!, (string)entry["cause"]!, (string)entry["remedy"]!));
            return rows;
        }

        public bool IsCause(string said) => CauseParts.All(part => said.Contains(part, StringComparison.Ordinal));

        public void AssertSaid(string? cause, string? remedy)
        {
            Assert.All(CauseParts, part => Assert.Contains(part, cause, StringComparison.Ordinal));
            Assert.All(RemedyParts, part => Assert.Contains(part, remedy, StringComparison.Ordinal));
            Assert.NotEmpty(remedy!);
        }

        // Between the placeholders.
        private static List<string> Parts(string text) => [.. Placeholder().Split(text).Select(part => part.Trim()).Where(part => part.Length > 1)];

        [GeneratedRegex(@"\{\w+\}")]
        private static partial Regex Placeholder();
    }

    /// <summary>A provider for one row, that goes with everything that waits for it.</summary>
    internal sealed class OneProvider(OneInstallation fixture, string name) : IAsyncDisposable
    {
        private readonly List<string> messages = [];

        public string Name => name;

        public async Task<string> SendAsync()
        {
            messages.Add(await fixture.Installation.SendAsync(provider: name));
            return messages[^1];
        }

        /// <returns>The page that the browser ends on.</returns>
        public async Task<string> SignInAsync()
        {
            var started = await fixture.Installation.Gateway.Api.Providers.AuthorizeAsync(name, Cancellation);
            using var browser = new HttpClient();
            using var page = await browser.GetAsync(fixture.Installation.Simulator.Consent(started.Text("authorizeUrl"), Installation.Mailbox), Cancellation);
            return await page.Content.ReadAsStringAsync(Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            fixture.Heal();
            await GatewayProcess.EventuallyAsync(async () =>
            {
                try
                {
                    foreach (var message in messages)
                        if (await fixture.Installation.Gateway.Api.Messages.GetAsync(message, Cancellation) is { State: "queued" or "sending" })
                            await fixture.Installation.Gateway.Api.Messages.CancelAsync(message, Cancellation);
                    await fixture.Installation.Gateway.Api.Providers.RemoveAsync(name, Cancellation);
                    return this;
                }
                catch (PostriderException)
                {
                    // An attempt that is under way has the message still.
                    return null;
                }
            }, $"{name} is removed");
        }
    }

    /// <summary>One gateway and one pretended world for all rows, one after the other.</summary>
    public sealed class OneInstallation : IAsyncLifetime
    {
        private readonly RSA key = RSA.Create(2048);

        internal Installation Installation { get; private set; } = null!;
        internal SmtpSettings Usual { get; private set; } = null!;
        internal string Platform => $"{Installation.Simulator.HttpUrl}{Seed.TenantId}/oauth2/v2.0";

        public async ValueTask InitializeAsync()
        {
            Installation = await Installation.StartAsync(connect: false, simulatorOptions: new() { Identity = new IdentitySettings { DeviceIntervalSeconds = 1 } });
            var state = Installation.Simulator.State;
            state.Directory.Add(state.Directory.FindApplication(Seed.ClientId.ToString())! with { Certificates = [EveryGrantTests.Certificate(key)] });
            state.Smtp = Usual = state.Smtp with { Audiences = [.. state.Smtp.Audiences, "https://mail.google.com/"] };
        }

        internal long Asked(string grant) => Installation.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault(grant);

        internal async Task<OneProvider> AddAsync(Row row, bool signIn = false, JsonObject? more = null)
        {
            // Who is not Microsoft gets its tokens from the same platform, by addresses given one by one.
            var elsewhere = new JsonObject { ["authority"] = null, ["tenant"] = null, ["authorizeUrl"] = $"{Platform}/authorize", ["tokenUrl"] = $"{Platform}/token" };
            var with = row.Provider switch
            {
                "microsoft" => new JsonObject(),
                "google" => new JsonObject(elsewhere.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))) { ["type"] = "google" },
                _ => new JsonObject(elsewhere.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))) { ["type"] = "oauth2" },
            };
            if (row.Provider == "google" && !signIn)
                foreach (var (member, value) in new JsonObject
                {
                    ["clientId"] = null, ["clientSecret"] = null,
                    ["serviceAccountKey"] = JsonSerializer.Serialize(new { type = "service_account", client_email = Seed.ClientId, private_key_id = "k1", private_key = key.ExportPkcs8PrivateKeyPem() }),
                })
                    with[member] = value?.DeepClone();
            else if (row.Provider != "google")
                with["grant"] = signIn ? "authorizationCode" : "clientCredentials";
            if (row.Provider is not ("microsoft" or "google"))
                with["scope"] = signIn ? "https://outlook.office.com/SMTP.Send offline_access openid" : "https://outlook.office.com/.default";
            foreach (var (member, value) in more ?? [])
                with[member] = value?.DeepClone();
            await Installation.AddProviderAsync(row.Id, with: with, connect: false);
            return new(this, row.Id);
        }

        /// <summary>The token endpoint says what the row says, until it is healed.</summary>
        internal void Fail(Row row)
        {
            var faults = Installation.Simulator.State.IdentityFaults;
            if (row.Example.StartsWith("HTTP ", StringComparison.Ordinal))
                faults.TokenEndpoint = new(row.Example == "HTTP 429" ? TokenEndpointMode.Throttled429 : TokenEndpointMode.Html);
            else if (row.Example.Split(": ", 2) is [var error, var description])
                faults.Add(new NextError(0, Times: 1000, Error: error, Description: description));
            else
                throw new InvalidOperationException($"The example of {row.Id} is no answer of a token endpoint.");
        }

        internal void Heal()
        {
            Installation.Simulator.State.IdentityFaults.Clear();
            Installation.Simulator.State.SmtpFaults.Clear();
            Installation.Simulator.State.Smtp = Usual;
        }

        public async ValueTask DisposeAsync()
        {
            key.Dispose();
            await Installation.DisposeAsync();
        }
    }
}
