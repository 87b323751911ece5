using System.Buffers.Text;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;

namespace Postrider.Tests.Accounts;

/// <summary>What leaves for the token endpoint with each way of proving the application and of getting a token.</summary>
public sealed class GrantTests
{
    private static ProviderDraft App(string name = "app") => TestAccounts.Microsoft(name) with { Grant = ProviderGrant.ClientCredentials };

    [Fact]
    public async Task A_certificate_signs_an_assertion_with_PS256_that_names_it()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(App() with { ClientSecret = SecretChange.Keep, ClientAuthentication = ClientAuthentication.PrivateKeyJwt });
        Assert.Equal(ProviderState.NeedsConsent, provider.State);
        var made = Assert.IsType<CertificateResult.Made>(await accounts.Get<ClientCertificates>().CreateAsync(provider, accounts.Stop)).Certificate;
        Assert.Equal((ProviderState.Ready, true), (accounts.Providers.Find("app")!.State, accounts.Providers.Find("app")!.HasClientCertificate));
        Assert.InRange(accounts.Providers.Find("app")!.ClientCertificateExpiresAt!.Value, accounts.Clock.GetUtcNow().AddDays(364), accounts.Clock.GetUtcNow().AddDays(366));
        await accounts.TokenAsync(provider.Id);
        var sent = Assert.Single(accounts.Platform.Requests);
        Assert.False(sent.ContainsKey("client_secret"));
        Assert.Equal("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", sent["client_assertion_type"]);
        var (header, claims, signed, signature) = Jwt(sent["client_assertion"].ToString());
        using var certificate = X509Certificate2.CreateFromPem(made.Pem);
        Assert.Equal(("PS256", Base64Url.EncodeToString(SHA256.HashData(certificate.RawData))), (header["alg"].GetString(), header["x5t#S256"].GetString()));
        Assert.Equal(provider.ClientId, claims["iss"].GetString());
        Assert.Equal(provider.ClientId, claims["sub"].GetString());
        Assert.Equal("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token", claims["aud"].GetString());
        Assert.InRange(claims["exp"].GetInt64() - claims["nbf"].GetInt64(), 300, 600);
        using var key = certificate.GetRSAPublicKey()!;
        Assert.True(key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public async Task The_end_of_a_certificate_is_told_while_there_is_time_with_what_to_type()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(App() with { ClientSecret = SecretChange.Keep, ClientAuthentication = ClientAuthentication.PrivateKeyJwt });
        Assert.IsType<CertificateResult.Made>(await accounts.Get<ClientCertificates>().CreateAsync(provider, accounts.Stop));
        var watch = new CertificateFindings(accounts.Providers, accounts.Clock);
        Assert.Empty(await watch.LookAsync(accounts.Stop));
        accounts.Clock.Advance(TimeSpan.FromDays(360));
        var soon = Assert.Single(await watch.LookAsync(accounts.Stop));
        Assert.Equal((7, FindingSeverity.Warning, provider.Id), (soon.Step, soon.Severity, soon.ProviderId));
        Assert.Contains("    postrider provider certificate app roll", soon.Remedy, StringComparison.Ordinal);
        Assert.IsType<CertificateResult.Made>(await accounts.Get<ClientCertificates>().RollAsync(accounts.Providers.Find("app")!, accounts.Stop));
        Assert.Contains("    postrider provider certificate app show", Assert.Single(await watch.LookAsync(accounts.Stop)).Remedy, StringComparison.Ordinal);
        accounts.Clock.Advance(TimeSpan.FromDays(10));
        Assert.Equal((0, FindingSeverity.Error), Assert.Single(await watch.LookAsync(accounts.Stop)) is var over ? (over.Step, over.Severity) : default);
    }

    [Fact]
    public async Task A_rolled_over_certificate_takes_over_once_it_is_accepted_and_the_old_one_works_until_then()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(App() with { ClientSecret = SecretChange.Keep, ClientAuthentication = ClientAuthentication.PrivateKeyJwt });
        var certificates = accounts.Get<ClientCertificates>();
        Assert.IsType<CertificateResult.Refused>(await certificates.RollAsync(provider, accounts.Stop));
        var old = Assert.IsType<CertificateResult.Made>(await certificates.CreateAsync(provider, accounts.Stop)).Certificate;
        var next = Assert.IsType<CertificateResult.Made>(await certificates.RollAsync(accounts.Providers.Find("app")!, accounts.Stop)).Certificate;
        Assert.IsType<CertificateResult.Refused>(await certificates.RollAsync(accounts.Providers.Find("app")!, accounts.Stop));
        HashSet<string> uploaded = [old.Sha256];
        accounts.Platform.Answer = (form, _) => Task.FromResult(uploaded.Contains(Jwt(form["client_assertion"].ToString()).Header["x5t#S256"].GetString()!)
            ? accounts.Platform.Token()
            : new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("""{"error":"invalid_client","error_description":"AADSTS700027: not registered"}""", Encoding.UTF8, "application/json") });
        await accounts.TokenAsync(provider.Id);
        Assert.Equal(2, accounts.Platform.Requests.Count);
        Assert.Equal(2, (await certificates.ListAsync(provider.Id, accounts.Stop)).Count);
        Assert.Equal(ProviderState.Ready, accounts.Providers.Find("app")!.State);
        uploaded.Add(next.Sha256);
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.TokenAsync(provider.Id);
        Assert.Equal((ClientCertificate.Current, next.Thumbprint), Assert.Single(await certificates.ListAsync(provider.Id, accounts.Stop)) is var left ? (left.State, left.Thumbprint) : default);
        Assert.Equal(3, accounts.Platform.Requests.Count);
    }

    [Fact]
    public async Task The_private_key_of_a_certificate_is_nowhere_in_clear()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(App());
        await accounts.Get<ClientCertificates>().CreateAsync(provider, accounts.Stop);
        var stored = await accounts.ColumnAsync<string>("select private_key from client_certificates");
        Assert.DoesNotContain("PRIVATE KEY", stored, StringComparison.Ordinal);
        Assert.StartsWith("CfDJ8", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_federated_token_is_read_anew_for_each_request_and_waited_for_while_it_is_missing()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var file = Path.Combine(accounts.Directory, "token");
        var provider = await accounts.AddAsync(App() with { ClientSecret = SecretChange.Keep, FederatedTokenFile = file });
        var later = Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.Contains(file, later.Reason, StringComparison.Ordinal);
        // Only a token leaves: another file may be a secret of the machine.
        await File.WriteAllTextAsync(file, "a-secret-of-the-machine", accounts.Stop);
        accounts.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.IsType<TokenResult.Later>(await accounts.Tokens.GetAsync(provider.Id, accounts.Stop));
        Assert.Empty(accounts.Platform.Requests);
        await File.WriteAllTextAsync(file, "the.first.token\n", accounts.Stop);
        accounts.Clock.Advance(TimeSpan.FromMinutes(2));
        await accounts.TokenAsync(provider.Id);
        await File.WriteAllTextAsync(file, "the.second.token", accounts.Stop);
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.TokenAsync(provider.Id);
        Assert.Equal(["the.first.token", "the.second.token"], accounts.Platform.Requests.Select(sent => sent["client_assertion"].ToString()));
    }

    [Fact]
    public async Task A_service_account_asks_in_the_name_of_the_mailbox()
    {
        await using var accounts = await TestAccounts.StartAsync();
        using var key = RSA.Create(2048);
        var json = JsonSerializer.Serialize(new { type = "service_account", client_email = "sender@project.iam.gserviceaccount.com", private_key_id = "k1", private_key = key.ExportPkcs8PrivateKeyPem() });
        var provider = await accounts.AddAsync(new ProviderDraft
        {
            Name = "google", Type = ProviderType.Google, UserName = TestAccounts.Mailbox, ServiceAccountKey = SecretChange.To(json), Limits = ProviderCatalog.NoLimitsGiven,
        });
        Assert.Equal((ProviderGrant.ServiceAccount, ProviderState.Ready, "sender@project.iam.gserviceaccount.com"), (provider.Grant, provider.State, provider.ServiceAccount));
        await accounts.TokenAsync(provider.Id);
        var sent = Assert.Single(accounts.Platform.Requests);
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", sent["grant_type"]);
        var (header, claims, signed, signature) = Jwt(sent["assertion"].ToString());
        Assert.Equal(("RS256", "k1"), (header["alg"].GetString(), header["kid"].GetString()));
        Assert.Equal((provider.ServiceAccount, TestAccounts.Mailbox, "https://mail.google.com/", "https://oauth2.googleapis.com/token"),
            (claims["iss"].GetString(), claims["sub"].GetString(), claims["scope"].GetString(), claims["aud"].GetString()));
        Assert.True(key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.DoesNotContain("PRIVATE KEY", await accounts.ColumnAsync<string>("select service_account_key from providers"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "whole file")]
    [InlineData("""{"type":"authorized_user","client_email":"a","private_key":"b"}""", "authorized_user")]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":"torn"}""", "unchanged")]
    public async Task A_key_that_is_none_is_refused_with_what_to_give_instead(string json, string words)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var result = await accounts.Providers.AddAsync(new ProviderDraft
        {
            Name = "google", Type = ProviderType.Google, UserName = TestAccounts.Mailbox, ServiceAccountKey = SecretChange.To(json), Limits = ProviderCatalog.NoLimitsGiven,
        }, accounts.Stop);
        var error = Assert.Single(Assert.IsType<ProviderResult.Invalid>(result).Errors);
        Assert.Equal("serviceAccountKey", error.Member);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Basic_sends_the_secret_in_the_header_and_not_in_the_body()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(App() with { ClientAuthentication = ClientAuthentication.Basic });
        await accounts.TokenAsync(provider.Id);
        Assert.False(Assert.Single(accounts.Platform.Requests).ContainsKey("client_secret"));
        Assert.StartsWith("Basic ", Assert.Single(accounts.Platform.Authorizations), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_for_Graph_is_exchanged_for_one_that_Exchange_takes_and_the_scope_can_be_kept()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Scope = "https://graph.microsoft.com/SMTP.Send offline_access", RefreshToken = SecretChange.To(TestAccounts.Pasted) });
        accounts.Platform.Answer = (form, _) => Task.FromResult(accounts.Platform.Token(IdentityPlatform.Jwt(
            form["scope"].ToString().Contains("outlook.office.com", StringComparison.Ordinal) ? """{"aud":"https://outlook.office.com"}""" : """{"aud":"00000003-0000-0000-c000-000000000000"}""")));
        var token = await accounts.TokenAsync(provider.Id);
        Assert.False(AudienceRepair.IsForGraph(token.Value));
        var repaired = accounts.Providers.Find("m365")!;
        Assert.Equal("https://outlook.office.com/SMTP.Send offline_access", repaired.WorkingScope);
        Assert.Contains("scope m365 keep", Assert.Single(ProviderWarnings.Of(repaired, accounts.Clock.GetUtcNow()), note => note.Member == "scope").Message, StringComparison.Ordinal);
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.TokenAsync(provider.Id);
        Assert.Equal(3, accounts.Platform.Requests.Count);
        var kept = Assert.IsType<ProviderResult.Saved>(await accounts.Providers.KeepScopeAsync("m365", accounts.Stop)).Provider;
        Assert.Equal(("https://outlook.office.com/SMTP.Send offline_access", ""), (kept.Scope, kept.WorkingScope));
        Assert.IsType<ProviderResult.Refused>(await accounts.Providers.KeepScopeAsync("m365", accounts.Stop));
    }

    [Fact]
    public async Task Authorize_parameters_go_to_the_sign_in_page_and_reserved_ones_are_refused()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { AuthorizeParameters = new Dictionary<string, string> { ["domain_hint"] = "contoso.com & co" } });
        var started = Assert.IsType<ConsentStart.Started>(await accounts.Consent.StartAsync(accounts.Providers.Find(provider.Id)!, "test", accounts.Stop));
        Assert.Contains("domain_hint=contoso.com%20%26%20co", started.AuthorizeUrl.AbsoluteUri, StringComparison.Ordinal);
        var refused = await accounts.Providers.AddAsync(TestAccounts.Microsoft("b") with { AuthorizeParameters = new Dictionary<string, string> { ["state"] = "mine" } }, accounts.Stop);
        Assert.Equal("authorizeParameters", Assert.Single(Assert.IsType<ProviderResult.Invalid>(refused).Errors).Member);
    }

    [Fact]
    public async Task A_device_code_is_polled_at_the_pace_that_was_asked_for_until_somebody_signed_in()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Grant = ProviderGrant.DeviceCode });
        var answers = new Queue<string>(["authorization_pending", "slow_down", "authorization_pending"]);
        accounts.Platform.Answer = (form, _) => Task.FromResult(
            !form.ContainsKey("grant_type") ? Json("""{"device_code":"d1","user_code":"ABCD-EFGH","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5}""")
            : answers.TryDequeue(out var error) ? Json($$"""{"error":"{{error}}"}""", HttpStatusCode.BadRequest) : accounts.Platform.Token());
        var started = Assert.IsType<DeviceStart.Started>(await accounts.Get<DeviceFlow>().StartAsync(provider, "test", accounts.Stop)).SignIn;
        Assert.Equal(("ABCD-EFGH", "https://microsoft.com/devicelogin", DeviceSignIn.Waiting), (started.UserCode, started.VerificationUri, started.State));
        var begun = accounts.Clock.GetUtcNow();
        await PassUntilAsync(accounts, () => accounts.Get<DeviceFlow>().Find(provider.Id)!.State == DeviceSignIn.Connected);
        // 5 s, 5 s, and 10 s after being told to slow down.
        Assert.Equal(5, accounts.Platform.Requests.Count);
        Assert.InRange((accounts.Clock.GetUtcNow() - begun).TotalSeconds, 30, 40);
        Assert.Equal((ProviderState.Ready, ProviderGrant.DeviceCode), (accounts.Providers.Find(provider.Id)!.State, accounts.Providers.Find(provider.Id)!.Grant));
        Assert.Equal("d1", accounts.Platform.Requests.Last()["device_code"]);
    }

    [Theory]
    [InlineData("expired_token")]
    [InlineData("authorization_declined")]
    [InlineData("access_denied")]
    public async Task A_device_sign_in_that_ends_badly_says_why(string error)
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Grant = ProviderGrant.DeviceCode });
        accounts.Platform.Answer = (form, _) => Task.FromResult(!form.ContainsKey("grant_type")
            ? Json("""{"device_code":"d1","user_code":"ABCD","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5}""")
            : Json($$"""{"error":"{{error}}"}""", HttpStatusCode.BadRequest));
        await accounts.Get<DeviceFlow>().StartAsync(provider, "test", accounts.Stop);
        await PassUntilAsync(accounts, () => accounts.Get<DeviceFlow>().Find(provider.Id)!.State == DeviceSignIn.Failed);
        Assert.NotEmpty(accounts.Get<DeviceFlow>().Find(provider.Id)!.Why!.Remedy);
        Assert.Equal(2, accounts.Platform.Requests.Count);
    }

    [Fact]
    public async Task Somebody_else_who_types_the_device_code_is_refused_by_name()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.IdToken = IdentityPlatform.Jwt("""{"preferred_username":"boss@contoso.example"}""");
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { Grant = ProviderGrant.DeviceCode });
        accounts.Platform.Answer = (form, _) => Task.FromResult(form.ContainsKey("grant_type") ? accounts.Platform.Token()
            : Json("""{"device_code":"d1","user_code":"ABCD","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5}"""));
        await accounts.Get<DeviceFlow>().StartAsync(provider, "test", accounts.Stop);
        await PassUntilAsync(accounts, () => accounts.Get<DeviceFlow>().Find(provider.Id)!.State == DeviceSignIn.Failed);
        Assert.Contains("boss@contoso.example", accounts.Get<DeviceFlow>().Find(provider.Id)!.Why!.Cause, StringComparison.Ordinal);
        Assert.False(accounts.Providers.Find(provider.Id)!.HasRefreshToken);
    }

    private static async Task PassUntilAsync(TestAccounts accounts, Func<bool> done)
    {
        for (var i = 0; i < 2000 && !done(); i++)
        {
            await Task.Delay(5, accounts.Stop);
            if (i % 10 == 9)
                accounts.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.True(done());
    }

    private static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static (Dictionary<string, JsonElement> Header, Dictionary<string, JsonElement> Claims, byte[] Signed, byte[] Signature) Jwt(string text)
    {
        var parts = text.Split('.');
        return (JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Base64Url.DecodeFromChars(parts[0]))!, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Base64Url.DecodeFromChars(parts[1]))!,
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
    }
}
