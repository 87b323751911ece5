using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>OAuth with software that is not ours at both ends: OpenIddict gives tokens, and Dovecot asks it what they are worth.</summary>
public sealed class OpenIddictTests : IAsyncLifetime
{
    private const string Name = "own";
    private readonly ServerDirectory directory = new();
    private TestAuthority authority = null!;
    private SmtpSink sink = null!;
    private Installation installation = null!;
    private OpenIddictServer platform = null!;
    private DovecotSubmission dovecot = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private string RedirectUri => $"http://localhost:{installation.Gateway.HttpUrl.Port}/oauth/callback";

    public async ValueTask InitializeAsync()
    {
        authority = new TestAuthority(directory);
        sink = await SmtpSink.StartAsync();
    }

    public static TheoryData<string> Authentications => ["post", "basic", "none"];

    [Theory]
    [MemberData(nameof(Authentications))]
    public async Task A_sign_in_by_discovery_with_PKCE_sends_mail_that_Dovecot_takes(string authentication)
    {
        await StartAsync();
        await AddAsync(With(authentication == "none" ? new() { ["clientId"] = OpenIddictServer.Public, ["clientSecret"] = null, ["clientAuthentication"] = "none" } : new() { ["clientAuthentication"] = authentication }));
        var landed = await ConnectAsync();
        Assert.Contains("iss=", landed.Query, StringComparison.Ordinal);
        await MailArrivesAsync();
        Assert.Equal(["authorization_code"], platform.Grants);
    }

    [Fact]
    public async Task A_grant_whose_tokens_work_once_lives_through_refreshes_a_kill_and_a_restart()
    {
        // Shorter than the refresh margin: each message needs a refresh, and each refresh brings another refresh token.
        await StartAsync(TimeSpan.FromSeconds(5), alone: true);
        await AddAsync(With([]));
        await ConnectAsync();
        while (platform.Grants.Count(grant => grant == "refresh_token") < 3)
            await MailArrivesAsync();
        // A kill in the middle of a refresh costs a sign-in where a token works once; that is another test's. This one waits until none is under way.
        platform.AccessTokenLife = TimeSpan.FromHours(1);
        await GatewayProcess.EventuallyAsync(async () =>
        {
            await MailArrivesAsync();
            return DatabaseFile.Query(installation.Gateway.DataDirectory, "select 1 from tokens where expires_at > (unixepoch() + 1800) * 1000").SingleOrDefault();
        }, "a token that lasts is stored");
        await installation.Process.KillAsync();
        DatabaseFile.Query(installation.Gateway.DataDirectory, "update tokens set expires_at = 0");
        await installation.RestartAsync();
        await MailArrivesAsync();
        Assert.Single(platform.Grants, grant => grant == "authorization_code");
        Assert.Equal("ready", (await installation.ProviderAsync(Name)).Text("state"));
    }

    [Fact]
    public async Task Reuse_of_a_token_revokes_the_grant_and_mail_waits_until_somebody_signs_in_again()
    {
        await StartAsync(TimeSpan.FromSeconds(5));
        // A token obtained elsewhere and pasted: whoever has it can use it up.
        var stolen = await ObtainAsync();
        await AddAsync(With(new() { ["grant"] = "refreshToken", ["refreshToken"] = stolen }));
        await MailArrivesAsync();
        Assert.Contains("invalid_grant", await platform.RefreshAsync(stolen), StringComparison.Ordinal);
        // The access token at hand is used to its end, also by the message whose sending shows that there is no other.
        var broken = await GatewayProcess.EventuallyAsync(async () =>
        {
            await installation.SendAsync(provider: Name);
            return await installation.ProviderAsync(Name) is var provider && provider.Text("state") == "needsAttention" ? provider : null;
        }, "the provider needs attention");
        var held = await installation.SendAsync(provider: Name);
        Assert.NotEmpty(broken.Text("remedy"));
        var asked = platform.Grants.Count;
        await installation.Gateway.MessageIsAsync(held, "queued");
        await ConnectAsync();
        await installation.Gateway.MessageIsAsync(held, "sent");
        Assert.InRange(platform.Grants.Count - asked, 1, 3);
    }

    [Fact]
    public async Task A_code_typed_on_another_device_connects()
    {
        await StartAsync();
        await AddAsync(With(new() { ["grant"] = "deviceCode" }));
        var shown = await installation.Gateway.Api.Providers.StartDeviceAsync(Name, Cancellation);
        await platform.TypeAsync(shown.Text("userCode"));
        await installation.ProviderIsAsync("ready", Name);
        await MailArrivesAsync();
        Assert.Contains("urn:ietf:params:oauth:grant-type:device_code", platform.Grants);
    }

    [Theory]
    [InlineData("authorizationCode")]
    [InlineData("clientCredentials")]
    public async Task A_certificate_proves_the_application(string grant)
    {
        await StartAsync();
        await AddAsync(With(new() { ["grant"] = grant, ["clientId"] = OpenIddictServer.Certified, ["clientSecret"] = null, ["clientAuthentication"] = "privateKeyJwt" }));
        var made = await installation.Gateway.Api.Providers.CreateCertificateAsync(Name, Cancellation);
        using var certificate = X509Certificate2.CreateFromPem(made.Text("certificate"));
        await platform.TrustAsync(certificate);
        if (grant == "authorizationCode")
            await ConnectAsync();
        await MailArrivesAsync();
        Assert.Equal([grant == "authorizationCode" ? "authorization_code" : "client_credentials"], platform.Grants);
    }

    [Fact]
    public async Task Another_account_than_the_mailbox_is_refused_and_an_answer_in_another_issuers_name_too()
    {
        await StartAsync();
        await AddAsync(With([]));
        platform.Account = "somebody.else@contoso.example";
        Assert.Contains("somebody.else@contoso.example", await PageAsync(await LandAsync()), StringComparison.Ordinal);
        platform.Account = Installation.Mailbox;
        var mixed = new Uri((await LandAsync()).AbsoluteUri.Replace(Uri.EscapeDataString(platform.Issuer.AbsoluteUri), Uri.EscapeDataString("https://evil.example/"), StringComparison.Ordinal));
        Assert.Contains("evil.example", mixed.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("is connected", await PageAsync(mixed), StringComparison.Ordinal);
        Assert.Empty(platform.Grants.Skip(1));
        Assert.Equal("needsConsent", (await installation.ProviderAsync(Name)).Text("state"));
    }

    private async Task StartAsync(TimeSpan? accessTokenLife = null, bool alone = false)
    {
        installation = await Installation.StartAsync(connect: false, alone);
        platform = await OpenIddictServer.StartAsync(RedirectUri, accessTokenLife);
        dovecot = await DovecotSubmission.StartAsync(authority, platform.Introspection, sink.Port);
    }

    private JsonObject With(JsonObject members)
    {
        var provider = new JsonObject
        {
            ["name"] = Name, ["type"] = "oauth2", ["address"] = "localhost", ["port"] = dovecot.Port, ["userName"] = Installation.Mailbox, ["authority"] = platform.Issuer.AbsoluteUri,
            ["clientId"] = OpenIddictServer.Confidential, ["clientSecret"] = OpenIddictServer.Secret, ["scope"] = $"openid {OpenIddictServer.Scope} offline_access", ["redirectUri"] = RedirectUri,
            // One connection: smtp-sink writes all messages to one file.
            ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0 },
        };
        foreach (var (member, value) in members)
            if (value is null)
                provider.Remove(member);
            else
                provider[member] = value.DeepClone();
        if (members["grant"]?.GetValue<string>() == "clientCredentials")
            provider["scope"] = OpenIddictServer.Scope;
        return provider;
    }

    private Task<JsonObject> AddAsync(JsonObject provider) => installation.Gateway.Api.Providers.AddAsync(provider, Cancellation);

    /// <summary>The browser goes to the sign-in page, which signs in whoever <see cref="OpenIddictServer.Account"/> is.</summary>
    private async Task<Uri> LandAsync()
    {
        var started = await installation.Gateway.Api.Providers.AuthorizeAsync(Name, Cancellation);
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await browser.GetAsync(new Uri(started.Text("authorizeUrl")), Cancellation);
        return answer.Headers.Location ?? throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<Uri> ConnectAsync()
    {
        var landed = await LandAsync();
        var page = await PageAsync(landed);
        Assert.True(page.Contains("is connected", StringComparison.Ordinal), page + installation.Gateway.Output);
        return landed;
    }

    private static async Task<string> PageAsync(Uri landed)
    {
        using var browser = new HttpClient();
        using var answer = await browser.GetAsync(landed, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>A refresh token, as somebody gets one by hand.</summary>
    private async Task<string> ObtainAsync()
    {
        var (verifier, elsewhere) = (new string('v', 64), RedirectUri);
        var challenge = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var signedIn = await browser.GetAsync(new Uri(platform.Issuer, $"connect/authorize?response_type=code&client_id={OpenIddictServer.Confidential}&redirect_uri={Uri.EscapeDataString(elsewhere)}"
            + $"&scope={Uri.EscapeDataString($"openid {OpenIddictServer.Scope} offline_access")}&code_challenge={challenge}&code_challenge_method=S256&state=x"), Cancellation);
        var code = System.Web.HttpUtility.ParseQueryString(signedIn.Headers.Location!.Query)["code"]!;
        using var answer = await browser.PostAsync(new Uri(platform.Issuer, "connect/token"), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = elsewhere, ["code_verifier"] = verifier, ["client_id"] = OpenIddictServer.Confidential, ["client_secret"] = OpenIddictServer.Secret,
        }), Cancellation);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["refresh_token"]!.GetValue<string>();
    }

    private async Task MailArrivesAsync()
    {
        var original = AwkwardMail.Write(Guid.NewGuid().ToString());
        using var content = new ByteArrayContent(original) { Headers = { { "Content-Type", "message/rfc822" } } };
        using var accepted = await installation.Gateway.Http.PostAsync(
            new Uri($"api/v1/messages?from={Installation.Mailbox}&to=someone@example.org", UriKind.Relative), content, Cancellation);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(Cancellation));
        AwkwardMail.AssertOnlyTrace(await sink.ArrivesAsync(original));
    }

    public async ValueTask DisposeAsync()
    {
        await installation.DisposeAsync();
        if (dovecot is not null)
            await dovecot.DisposeAsync();
        if (platform is not null)
            await platform.DisposeAsync();
        await sink.DisposeAsync();
        directory.Dispose();
    }
}
