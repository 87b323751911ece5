using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postrider.Accounts;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Server.Api;

namespace Postrider.Tests.Accounts;

public sealed class ProvidersApiTests
{
    private const string Valid = """{"name":"m365","type":"microsoft","userName":"noreply@contoso.example","tenant":"contoso.example","clientId":"11111111-2222-3333-4444-555555555555","clientSecret":"planted~secret","clientSecretExpiresAt":"2027-03-31"}""";

    [Fact]
    public async Task A_provider_is_made_shown_changed_and_removed_without_ever_showing_a_secret()
    {
        await using var door = await Door.OpenAsync();
        var (status, made) = await door.SendAsync("POST", "/providers", Valid);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("needsConsent", false, true, false), (Text(made, "state"), Flag(made, "enabled"), Flag(made, "clientSecretSet"), Flag(made, "refreshTokenSet")));
        Assert.Equal("2027-03-31T00:00:00+00:00", Text(made, "clientSecretExpiresAt"));
        Assert.Equal(3, (int)made["limits"]!["connections"]!);

        (status, var refused) = await door.SendAsync("POST", "/providers/m365/enable");
        Assert.Equal((HttpStatusCode.Conflict, "urn:postrider:problem:conflict"), (status, Text(refused, "type")));
        Assert.NotEmpty(Text(refused, "remedy")!);

        (_, var patched) = await door.SendAsync("PATCH", "/providers/m365", """{"refreshToken":"planted-refresh","clientSecret":"","limits":{"messagesPerMinute":0}}""");
        Assert.Equal(("ready", true, true, 0, 3), (Text(patched, "state"), Flag(patched, "enabled"), Flag(patched, "clientSecretSet"), (int)patched["limits"]!["messagesPerMinute"]!, (int)patched["limits"]!["connections"]!));

        (_, var paused) = await door.SendAsync("POST", "/providers/m365/pause");
        Assert.Equal("paused", Text(paused, "state"));
        await door.SendAsync("POST", "/providers/m365/resume");

        (status, var replaced) = await door.SendAsync("PUT", "/providers/m365", paused.ToJsonString().Replace("noreply@", "other@", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "other@contoso.example", true), (status, Text(replaced, "userName"), Flag(replaced, "refreshTokenSet")));

        (_, var without) = await door.SendAsync("PATCH", "/providers/m365", """{"refreshToken":null}""");
        Assert.Equal(("needsConsent", false), (Text(without, "state"), Flag(without, "refreshTokenSet")));

        (_, var list) = await door.SendAsync("GET", "/providers");
        Assert.Single(list["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.NoContent, (await door.SendAsync("DELETE", "/providers/m365")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await door.SendAsync("GET", "/providers/m365")).Status);
        Assert.DoesNotContain(door.Seen, text => text.Contains("planted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"clientid":"x"}""", "clientid", "\"clientId\"")]
    [InlineData("""{"usrName":"x"}""", "usrName", "\"userName\"")]
    [InlineData("""{"limits":{"connection":1}}""", "limits.connection", "\"connections\"")]
    [InlineData("""{"state":"ready"}""", "state", "not set")]
    [InlineData("""{"port":"587"}""", "port", "whole number")]
    [InlineData("""{"enabled":"yes"}""", "enabled", "true or false")]
    [InlineData("""{"clientSecretExpiresAt":"soon"}""", "clientSecretExpiresAt", "2027-03-31")]
    [InlineData("""{"clientSecret":7}""", "clientSecret", "in quotes")]
    public async Task A_member_that_cannot_be_understood_is_named_with_what_to_write(string body, string member, string says)
    {
        await using var door = await Door.OpenAsync();
        await door.SendAsync("POST", "/providers", Valid);
        var (status, problem) = await door.SendAsync("PATCH", "/providers/m365", body);
        Assert.Equal((HttpStatusCode.BadRequest, "urn:postrider:problem:validation"), (status, Text(problem, "type")));
        Assert.Contains(says, (string)problem["errors"]![member]![0]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{")]
    public async Task A_body_that_is_no_object_is_refused(string body)
    {
        await using var door = await Door.OpenAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await door.SendAsync("POST", "/providers", body)).Status);
    }

    [Fact]
    public async Task The_graph_scope_is_accepted_and_flagged()
    {
        await using var door = await Door.OpenAsync();
        var (status, made) = await door.SendAsync("POST", "/providers", Valid.Replace("}", ",\"scope\":\"SMTP.Send offline_access\"}", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Contains(made["warnings"]!.AsArray(), warning => Text(warning!.AsObject(), "member") == "scope");
        Assert.Equal("SMTP.Send offline_access", Text(made, "scope"));
    }

    [Fact]
    public async Task A_browser_that_returns_connects_the_provider_and_is_told_so()
    {
        await using var door = await Door.OpenAsync();
        await door.SendAsync("POST", "/providers", Valid);
        var (_, started) = await door.SendAsync("POST", "/providers/m365/authorize");
        var page = await door.Client.GetAsync($"/oauth/callback?code=abc&state={Text(started, "state")}", door.Stop);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("m365 is connected", await page.Content.ReadAsStringAsync(door.Stop), StringComparison.Ordinal);
        Assert.Equal(("no-referrer", "no-store"), (page.Headers.GetValues("Referrer-Policy").Single(), page.Headers.GetValues("Cache-Control").Single()));
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("ready", Text((await door.SendAsync("GET", "/providers/m365")).Body, "state"));
        Assert.Equal(HttpStatusCode.BadRequest, (await door.Client.GetAsync($"/oauth/callback?code=abc&state={Text(started, "state")}", door.Stop)).StatusCode);
    }

    [Fact]
    public async Task An_error_in_the_callback_is_shown_as_text()
    {
        await using var door = await Door.OpenAsync();
        await door.SendAsync("POST", "/providers", Valid);
        var (_, started) = await door.SendAsync("POST", "/providers/m365/authorize");
        var answer = await door.Client.PostAsync("/oauth/callback", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["error"] = "access_denied", ["error_description"] = "AADSTS65004: <script>alert(1)</script>", ["state"] = Text(started, "state")!,
        }), door.Stop);
        var html = await answer.Content.ReadAsStringAsync(door.Stop);
        Assert.Contains("AADSTS65004: &lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pasted_address_connects_and_a_second_use_is_refused()
    {
        await using var door = await Door.OpenAsync();
        await door.SendAsync("POST", "/providers", Valid);
        var (_, started) = await door.SendAsync("POST", "/providers/m365/authorize");
        var paste = new JsonObject { ["url"] = $"http://localhost/nobody?code=abc&state={Text(started, "state")}" }.ToJsonString();
        var (status, connected) = await door.SendAsync("POST", "/providers/m365/authorize/complete", paste);
        Assert.Equal((HttpStatusCode.OK, "ready"), (status, Text(connected, "state")));
        (status, var problem) = await door.SendAsync("POST", "/providers/m365/authorize/complete", paste);
        Assert.Equal((HttpStatusCode.BadRequest, "urn:postrider:problem:sign-in"), (status, Text(problem, "type")));
        Assert.Contains("already", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Presets_say_which_redirect_uri_to_register()
    {
        await using var door = await Door.OpenAsync();
        var (_, presets) = await door.SendAsync("GET", "/provider-presets");
        var microsoft = presets["items"]!.AsArray().Single(preset => (string)preset!["name"]! == "microsoft")!;
        Assert.Equal("http://localhost:8080/oauth/callback", (string)microsoft["redirectUri"]!);
    }

    private static string? Text(JsonObject body, string member) => (string?)body[member];
    private static bool Flag(JsonObject body, string member) => (bool)body[member]!;

    /// <summary>The provider routes alone, on a real listener.</summary>
    private sealed class Door : IAsyncDisposable
    {
        private readonly TestAccounts accounts;
        private readonly WebApplication app;

        private Door(TestAccounts accounts, WebApplication app)
        {
            this.accounts = accounts;
            this.app = app;
            Client = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        }

        public HttpClient Client { get; }
        public List<string> Seen { get; } = [];
        public CancellationToken Stop => TestContext.Current.CancellationToken;

        public static async Task<Door> OpenAsync()
        {
            var accounts = await TestAccounts.StartAsync();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(accounts.Clock).AddSingleton(accounts.Get<AccountsOptions>())
                .AddSingleton<Postrider.Server.Console.People.SignInRates>().AddSingleton(accounts.Providers).AddSingleton(accounts.Consent)
                .AddSingleton(accounts.Get<DeviceFlow>()).AddSingleton(accounts.Get<ClientCertificates>());
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            app.MapGroup("").MapProviders();
            app.MapOAuthCallback();
            await app.StartAsync();
            return new(accounts, app);
        }

        public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(string method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(new(method), path);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, method == "PATCH" ? "application/merge-patch+json" : "application/json");
            using var response = await Client.SendAsync(request, Stop);
            var text = await response.Content.ReadAsStringAsync(Stop);
            Seen.Add(text);
            return (response.StatusCode, text.Length > 0 ? JsonNode.Parse(text)!.AsObject() : []);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.DisposeAsync();
            await accounts.DisposeAsync();
        }
    }
}
