using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Time.Testing;
using Postrider.Simulator;

namespace Postrider.Tests.Simulator;

public sealed class IdentityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_code_is_exchanged_for_tokens_with_the_claims_that_Exchange_reads()
    {
        await using var client = await SimulatorClient.StartAsync();
        var reply = await client.RedeemAsync(client.Code($"openid email {SimulatorClient.SmtpScope} offline_access"));

        Assert.Equal(200, reply.Status);
        Assert.Contains(SimulatorClient.SmtpScope, reply["scope"]);
        Assert.True(reply.Has("refresh_token"));
        var access = Claims(reply["access_token"]);
        Assert.Equal("https://outlook.office.com", access.GetProperty("aud").GetString());
        Assert.Equal("SMTP.Send", access.GetProperty("scp").GetString());
        Assert.Equal(Seed.NoReply, access.GetProperty("upn").GetString());
        var id = Claims(reply["id_token"]);
        Assert.Equal(Seed.ClientId, id.GetProperty("aud").GetGuid());
        Assert.Equal(Seed.NoReply, id.GetProperty("preferred_username").GetString());
    }

    [Fact]
    public async Task Without_offline_access_and_openid_there_are_no_refresh_token_and_no_id_token()
    {
        await using var client = await SimulatorClient.StartAsync();
        var reply = await client.RedeemAsync(client.Code(SimulatorClient.SmtpScope));
        Assert.False(reply.Has("refresh_token"));
        Assert.False(reply.Has("id_token"));
    }

    [Fact]
    public async Task A_verifier_that_does_not_fit_is_501481()
    {
        await using var client = await SimulatorClient.StartAsync();
        var reply = await client.RedeemAsync(client.Code(), ("code_verifier", new string('x', 43)));
        Assert.Equal("invalid_grant 501481", reply.Error);
        Assert.Contains("Trace ID", reply["error_description"]);
    }

    [Fact]
    public async Task A_code_is_good_once()
    {
        await using var client = await SimulatorClient.StartAsync();
        var code = client.Code();
        Assert.Equal(200, (await client.RedeemAsync(code)).Status);
        Assert.Equal("invalid_grant 54005", (await client.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task A_code_dies_after_ten_minutes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var client = await SimulatorClient.StartAsync(new SimulatorOptions { Time = clock });
        var code = client.Code();
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("invalid_grant 70008", (await client.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task Another_redirect_uri_than_at_authorize_is_refused()
    {
        await using var client = await SimulatorClient.StartAsync();
        Assert.Equal("invalid_grant 500112", (await client.RedeemAsync(client.Code(), ("redirect_uri", "http://127.0.0.1:5556/oauth/callback"))).Error);
    }

    [Theory]
    [InlineData("5ec2e700-0000-4000-8000-000000000001", "invalid_client 7000215", "client secret value, not the client secret ID")]
    [InlineData("wrong", "invalid_client 7000215", "Invalid client secret")]
    [InlineData("", "invalid_client 7000218", "client_secret")]
    public async Task Secrets_that_are_wrong_get_Microsofts_answer(string secret, string error, string text)
    {
        await using var client = await SimulatorClient.StartAsync();
        var reply = await client.RedeemAsync(client.Code(), ("client_secret", secret));
        Assert.Equal(401, reply.Status);
        Assert.Equal(error, reply.Error);
        Assert.Contains(text, reply["error_description"]);
    }

    [Fact]
    public async Task An_expired_secret_is_7000222_and_a_public_client_must_send_none()
    {
        await using var client = await SimulatorClient.StartAsync();
        var application = client.App.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        client.App.State.Directory.Add(application with { Secrets = [new() { Value = Seed.ClientSecret, ExpiresAt = DateTimeOffset.UnixEpoch }] });
        Assert.Equal("invalid_client 7000222", (await client.RedeemAsync(client.Code())).Error);
        client.App.State.Directory.Add(application with { PublicClient = true });
        Assert.Equal("invalid_client 700025", (await client.RedeemAsync(client.Code())).Error);
        Assert.Equal(200, (await client.RedeemAsync(client.Code(), ("client_secret", ""))).Status);
    }

    [Fact]
    public async Task The_secret_may_come_by_http_basic_form_encoded()
    {
        await using var client = await SimulatorClient.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Seed.TenantDomain}/oauth2/v2.0/token");
        var pair = $"{Seed.ClientId}:{WebUtility.UrlEncode(Seed.ClientSecret)}";
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["scope"] = "https://outlook.office365.com/.default",
        });
        using var response = await client.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Scopes_of_several_resources_are_28000_and_default_does_not_mix()
    {
        await using var client = await SimulatorClient.StartAsync();
        var both = $"{SimulatorClient.SmtpScope} https://graph.microsoft.com/Mail.Send";
        Assert.Equal("invalid_request 28000", (await client.RedeemAsync(client.Code(both), ("scope", both))).Error);
        Assert.Equal("invalid_scope 70011", (await client.RedeemAsync(client.Code(), ("scope", $"{SimulatorClient.SmtpScope} https://outlook.office.com/.default"))).Error);
    }

    [Fact]
    public async Task At_Microsoft_a_used_refresh_token_stays_valid()
    {
        await using var client = await SimulatorClient.StartAsync();
        var first = (await client.RedeemAsync(client.Code()))["refresh_token"];
        var second = (await client.RefreshAsync(first))["refresh_token"];
        Assert.NotEqual(first, second);
        Assert.Equal(200, (await client.RefreshAsync(first)).Status);
    }

    [Fact]
    public async Task With_strict_rotation_using_an_old_refresh_token_kills_the_family()
    {
        await using var client = await SimulatorClient.StartAsync();
        client.App.State.Identity = client.App.State.Identity with { Rotation = RotationMode.Strict };
        var first = (await client.RedeemAsync(client.Code()))["refresh_token"];
        var second = (await client.RefreshAsync(first))["refresh_token"];
        Assert.Equal("invalid_grant 70000", (await client.RefreshAsync(first)).Error);
        Assert.Equal("invalid_grant 70000", (await client.RefreshAsync(second)).Error);
    }

    [Fact]
    public async Task Grace_rotation_forgives_for_a_while_and_none_returns_no_new_token()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var client = await SimulatorClient.StartAsync(new SimulatorOptions { Time = clock });
        client.App.State.Identity = client.App.State.Identity with { Rotation = RotationMode.Grace };
        var first = (await client.RedeemAsync(client.Code()))["refresh_token"];
        await client.RefreshAsync(first);
        Assert.Equal(200, (await client.RefreshAsync(first)).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("invalid_grant 70000", (await client.RefreshAsync(first)).Error);

        client.App.State.Identity = client.App.State.Identity with { Rotation = RotationMode.None };
        var kept = (await client.RedeemAsync(client.Code()))["refresh_token"];
        Assert.False((await client.RefreshAsync(kept)).Has("refresh_token"));
        Assert.Equal(200, (await client.RefreshAsync(kept)).Status);
    }

    [Fact]
    public async Task Revoked_grants_unused_tokens_and_errors_on_demand_are_answered_with_their_codes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var client = await SimulatorClient.StartAsync(new SimulatorOptions { Time = clock });
        var token = (await client.RedeemAsync(client.Code()))["refresh_token"];
        client.App.State.IdentityFaults.Add(new NextError(65001));
        Assert.Equal("invalid_grant 65001", (await client.RefreshAsync(token)).Error);
        Assert.Equal(1, client.App.State.RevokeGrants(Seed.NoReply));
        Assert.Equal("invalid_grant 50173", (await client.RefreshAsync(token)).Error);
        var idle = (await client.RedeemAsync(client.Code()))["refresh_token"];
        clock.Advance(TimeSpan.FromDays(90));
        Assert.Equal("invalid_grant 700082", (await client.RefreshAsync(idle)).Error);
    }

    [Fact]
    public async Task The_device_flow_waits_slows_down_and_ends_with_a_token()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var client = await SimulatorClient.StartAsync(new SimulatorOptions { Time = clock });
        var device = await DeviceCodeAsync(client);
        Task<TokenReply> Poll() => client.TokenAsync("urn:ietf:params:oauth:grant-type:device_code", ("device_code", device.GetProperty("device_code").GetString()!), ("client_secret", ""));

        Assert.Equal("authorization_pending 70016", (await Poll()).Error);
        Assert.StartsWith("slow_down", (await Poll()).Error, StringComparison.Ordinal);
        await TypeAsync(client, device.GetProperty("user_code").GetString()!, "accept");
        clock.Advance(TimeSpan.FromSeconds(10));
        var reply = await Poll();
        Assert.Equal(200, reply.Status);
        // No credential was needed, and none is for the refresh.
        Assert.Equal(200, (await client.TokenAsync("refresh_token", ("refresh_token", reply["refresh_token"]), ("client_secret", ""))).Status);
    }

    [Fact]
    public async Task A_device_sign_in_can_be_declined_and_can_expire()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var client = await SimulatorClient.StartAsync(new SimulatorOptions { Time = clock });
        var (declined, expired) = (await DeviceCodeAsync(client), await DeviceCodeAsync(client));
        Task<TokenReply> Poll(JsonElement device) => client.TokenAsync("urn:ietf:params:oauth:grant-type:device_code", ("device_code", device.GetProperty("device_code").GetString()!));
        await TypeAsync(client, declined.GetProperty("user_code").GetString()!, "cancel");
        Assert.StartsWith("authorization_declined", (await Poll(declined)).Error, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("expired_token 70019", (await Poll(expired)).Error);
    }

    [Fact]
    public async Task The_pages_lead_from_the_account_over_consent_to_the_application()
    {
        await using var client = await SimulatorClient.StartAsync();
        var url = client.AuthorizeUrl(extra: "&login_hint=noreply@contoso.example");
        var accounts = await client.Http.GetStringAsync(url, Cancellation);
        Assert.Contains("class=\"hinted\" autofocus>No reply", accounts);
        var consent = await (await client.Http.PostAsync(url, Form(("account", Seed.NoReply)), Cancellation)).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Send emails from your mailbox", consent);
        var accepted = await client.Http.PostAsync(url, Form(("account", Seed.NoReply), ("decision", "accept")), Cancellation);
        var query = QueryHelpers.ParseQuery(accepted.Headers.Location!.Query);
        Assert.Equal("s&t", query["state"].ToString());
        Assert.Equal(200, (await client.RedeemAsync(query["code"]!)).Status);
        // Once given, consent is not asked for again.
        Assert.Equal(HttpStatusCode.Redirect, (await client.Http.PostAsync(url, Form(("account", Seed.NoReply)), Cancellation)).StatusCode);

        var cancelled = await client.Http.PostAsync(url, Form(("account", Seed.NoReply), ("decision", "cancel")), Cancellation);
        query = QueryHelpers.ParseQuery(cancelled.Headers.Location!.Query);
        Assert.Equal("access_denied", query["error"].ToString());
        Assert.StartsWith("AADSTS65004", query["error_description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_clients_and_addresses_get_a_page_and_no_redirect()
    {
        await using var client = await SimulatorClient.StartAsync();
        foreach (var (from, to, code) in new[]
        {
            (Seed.ClientId.ToString(), Guid.NewGuid().ToString(), "AADSTS700016"),
            ("%2Foauth%2Fcallback", "%2Felsewhere", "AADSTS50011"),
            ("http%3A%2F%2F127.0.0.1%3A5555", "http%3A%2F%2Fevil%40127.0.0.1%3A5555", "AADSTS50011"),
            (Seed.TenantDomain, "common", "AADSTS50194"),
            (Seed.TenantDomain, "nobody.example", "AADSTS90002"),
        })
        {
            using var response = await client.Http.GetAsync(client.AuthorizeUrl().Replace(from, to, StringComparison.Ordinal), Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains(code, await response.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Form_post_carries_the_answer_encoded_in_a_form()
    {
        await using var client = await SimulatorClient.StartAsync();
        var url = client.AuthorizeUrl(extra: "&response_mode=form_post").Replace("s%26t", "%22%3E%3Cscript%3E", StringComparison.Ordinal);
        using var response = await client.Http.PostAsync(url, Form(("account", Seed.NoReply), ("decision", "accept")), Cancellation);
        var page = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("name=\"state\" value=\"&quot;&gt;&lt;script&gt;\"", page);
        Assert.Contains("form-action 'self' http://127.0.0.1:5555", response.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Introspection_says_whose_token_it_is()
    {
        await using var client = await SimulatorClient.StartAsync();
        var token = await client.AccessTokenAsync();
        using var good = await client.Http.PostAsync($"{Seed.TenantDomain}/oauth2/v2.0/introspect", Form(("token", token)), Cancellation);
        var body = JsonDocument.Parse(await good.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.True(body.GetProperty("active").GetBoolean());
        Assert.Equal(Seed.NoReply, body.GetProperty("username").GetString());
        using var bad = await client.Http.PostAsync($"{Seed.TenantDomain}/oauth2/v2.0/introspect", Form(("token", token[..^4] + "AAAA")), Cancellation);
        Assert.Equal("{\"active\":false}", await bad.Content.ReadAsStringAsync(Cancellation));
    }

    private static FormUrlEncodedContent Form(params (string, string)[] fields) => new(fields.ToDictionary(f => f.Item1, f => f.Item2));

    private static async Task<JsonElement> DeviceCodeAsync(SimulatorClient client)
    {
        using var response = await client.Http.PostAsync(
            $"{Seed.TenantDomain}/oauth2/v2.0/devicecode",
            Form(("client_id", Seed.ClientId.ToString()), ("scope", $"{SimulatorClient.SmtpScope} offline_access")), Cancellation);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
    }

    private static async Task TypeAsync(SimulatorClient client, string userCode, string decision)
    {
        using var response = await client.Http.PostAsync(
            $"{Seed.TenantDomain}/deviceauth", Form(("user_code", userCode), ("account", Seed.NoReply), ("decision", decision)), Cancellation);
        response.EnsureSuccessStatusCode();
    }

    private static JsonElement Claims(string jwt) => JsonDocument.Parse(WebEncoders.Base64UrlDecode(jwt.Split('.')[1])).RootElement;
}
