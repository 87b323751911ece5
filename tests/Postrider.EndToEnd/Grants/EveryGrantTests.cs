using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Grants;

/// <summary>With each way to get a token a mail is really sent: the provider is made through the interface or the command line, and the simulator
/// checks signatures, thumbprints and secrets as an identity platform does.</summary>
public sealed class EveryGrantTests
{
    [Fact]
    public async Task A_code_typed_on_another_device_connects_and_mail_is_sent()
    {
        await using var installation = await Installation.StartAsync(connect: false, simulatorOptions: new() { Identity = new IdentitySettings { DeviceIntervalSeconds = 1 } });
        await installation.AddProviderAsync(with: new JsonObject { ["grant"] = "deviceCode" }, connect: false);
        var waiting = installation.Gateway.CliAsync("provider", "connect", Installation.ProviderName, "--device", "--timeout", "60");
        var code = await GatewayProcess.EventuallyAsync(async () =>
        {
            try { return (await installation.Gateway.Api.Providers.DeviceAsync(Installation.ProviderName, TestContext.Current.CancellationToken)).Text("userCode"); }
            catch (Postrider.Client.PostriderException) { return null; }
        }, "a code is shown");
        using var browser = new HttpClient { BaseAddress = installation.Simulator.HttpUrl };
        using var typed = await browser.PostAsync("control/device", new StringContent($$"""{"userCode":"{{code}}","account":"{{Installation.Mailbox}}"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        typed.EnsureSuccessStatusCode();
        var (exitCode, output, error) = await waiting;
        Assert.True(exitCode == 0, output + error + installation.Gateway.Output);
        Assert.Contains(code, output, StringComparison.Ordinal);
        Assert.Contains("Connected contoso.", output, StringComparison.Ordinal);
        await MailIsSentAsync(installation);
    }

    [Fact]
    public async Task A_generic_platform_without_discovery_is_reached_by_addresses_given_one_by_one()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var platform = $"{installation.Simulator.HttpUrl}{Seed.TenantId}/oauth2/v2.0";
        await installation.AddProviderAsync(with: new JsonObject
        {
            ["type"] = "oauth2", ["authority"] = null, ["tenant"] = null, ["authorizeUrl"] = $"{platform}/authorize", ["tokenUrl"] = $"{platform}/token",
            ["scope"] = "https://outlook.office.com/SMTP.Send offline_access openid",
        });
        await MailIsSentAsync(installation);
    }

    [Fact]
    public async Task An_application_signs_in_by_itself_with_its_secret()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["grant"] = "clientCredentials" }, connect: false);
        await MailIsSentAsync(installation);
        Assert.Equal(1, installation.Simulator.State.Counters.Read().TokenRequests["client_credentials"]);
    }

    [Fact]
    public async Task A_national_cloud_is_asked_for_its_own_scope_at_its_own_addresses()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["preset"] = "microsoft-gcc-high", ["address"] = null, ["port"] = null, ["authority"] = null }, connect: false);
        var provider = await installation.ProviderAsync();
        Assert.Equal(("smtp.office365.us", "https://login.microsoftonline.us"), (provider.Text("address"), provider.Text("authority")));
        var started = await installation.Gateway.Api.Providers.AuthorizeAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        Assert.StartsWith("https://login.microsoftonline.us/", started.Text("authorizeUrl"), StringComparison.Ordinal);
        Assert.Contains(Uri.EscapeDataString("https://outlook.office365.us/SMTP.Send"), started.Text("authorizeUrl"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_made_by_the_command_line_proves_the_application_and_rolls_over()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["grant"] = "clientCredentials", ["clientSecret"] = "", ["clientAuthentication"] = "privateKeyJwt" }, connect: false);
        await UploadAsync(installation, "create");
        await MailIsSentAsync(installation);
        var old = (await installation.ProviderAsync()).Text("clientCertificateExpiresAt");
        Assert.NotEmpty(old);
        await UploadAsync(installation, "roll");
        await MailIsSentAsync(installation, 2);
        // The token at hand is used to its end; with the next one the new certificate takes over (see the unit tests).
        Assert.Equal(["next", "current"], (await installation.Gateway.Api.Providers.CertificatesAsync(Installation.ProviderName, TestContext.Current.CancellationToken)).Items.Select(item => item.Text("state")));
    }

    [Fact]
    public async Task A_certificate_stands_in_for_the_secret_of_a_sign_in_too()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["clientSecret"] = "", ["clientAuthentication"] = "privateKeyJwt" }, connect: false);
        await UploadAsync(installation, "create");
        await installation.ConnectAsync();
        await MailIsSentAsync(installation);
    }

    [Fact]
    public async Task A_federated_token_file_proves_the_application()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var key = RSA.Create(2048);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { FederatedCredentials = [new("https://cluster.example", "system:postrider", "api://AzureADTokenExchange", Certificate(key))] });
        var file = Path.Combine(installation.Gateway.DataDirectory, "federated");
        await File.WriteAllTextAsync(file, Jwt(key, new() { ["iss"] = "https://cluster.example", ["sub"] = "system:postrider", ["aud"] = "api://AzureADTokenExchange", ["exp"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds() }), TestContext.Current.CancellationToken);
        await installation.AddProviderAsync(with: new JsonObject { ["grant"] = "clientCredentials", ["clientSecret"] = "", ["federatedTokenFile"] = file }, connect: false);
        await MailIsSentAsync(installation);
    }

    [Fact]
    public async Task A_service_account_sends_for_the_mailbox_that_it_is_delegated()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var key = RSA.Create(2048);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { Certificates = [Certificate(key)] });
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Audiences = ["https://mail.google.com/"] };
        var keyFile = Path.Combine(installation.Gateway.DataDirectory, "key.json");
        await File.WriteAllTextAsync(keyFile, JsonSerializer.Serialize(new { type = "service_account", client_email = Seed.ClientId, private_key_id = "k1", private_key = key.ExportPkcs8PrivateKeyPem() }), TestContext.Current.CancellationToken);
        var root = $"{installation.Simulator.HttpUrl}{Seed.TenantId}/oauth2/v2.0";
        var (exitCode, output, error) = await installation.Gateway.CliAsync("provider", "add", Installation.ProviderName, "--type", "google", "--user-name", Installation.Mailbox,
            "--service-account-file", keyFile, "--token-url", $"{root}/token", "--address", "localhost", "--port", $"{installation.Simulator.SmtpPort}");
        Assert.True(exitCode == 0, output + error);
        await MailIsSentAsync(installation);
        Assert.Equal(Seed.ClientId.ToString(), (await installation.ProviderAsync()).Text("serviceAccount"));
        Assert.DoesNotContain("PRIVATE KEY", (await installation.ProviderAsync()).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("post")]
    [InlineData("basic")]
    public async Task A_generic_platform_is_found_by_discovery_and_takes_the_secret(string way)
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject
        {
            ["type"] = "oauth2", ["clientAuthentication"] = way, ["authority"] = $"{installation.Simulator.HttpUrl}{Seed.TenantId}/v2.0", ["tenant"] = null,
            ["scope"] = "https://outlook.office.com/SMTP.Send offline_access openid", ["authorizeParameters"] = new JsonObject { ["domain_hint"] = "contoso.example" },
        });
        await MailIsSentAsync(installation);
    }

    [Fact]
    public async Task The_scope_that_the_portal_suggests_is_mended_and_kept()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { AdminConsented = true });
        await installation.AddProviderAsync(with: new JsonObject { ["scope"] = "https://graph.microsoft.com/SMTP.Send offline_access" });
        Assert.Equal("https://outlook.office.com/SMTP.Send offline_access", (await installation.ProviderAsync()).Text("workingScope"));
        await MailIsSentAsync(installation);
        var (seen, report, _) = await installation.Gateway.CliAsync("doctor", Installation.ProviderName);
        Assert.True(seen == 0, report);
        Assert.Contains($"postrider provider scope {Installation.ProviderName} keep", report, StringComparison.Ordinal);
        var (exitCode, output, error) = await installation.Gateway.CliAsync("provider", "scope", Installation.ProviderName, "keep");
        Assert.True(exitCode == 0, output + error);
        var kept = await installation.ProviderAsync();
        Assert.Equal(("https://outlook.office.com/SMTP.Send offline_access", ""), (kept.Text("scope"), kept.Text("workingScope")));
    }

    private static async Task MailIsSentAsync(Installation installation, int number = 1)
    {
        var id = await installation.SendAsync();
        await installation.Gateway.MessageIsAsync(id, "sent");
        await installation.ArrivedAsync(number);
    }

    /// <summary>Makes a certificate with the command line and registers it beside those that are.</summary>
    private static async Task UploadAsync(Installation installation, string act)
    {
        var file = Path.Combine(installation.Gateway.DataDirectory, "upload.pem");
        var (exitCode, output, error) = await installation.Gateway.CliAsync("provider", "certificate", Installation.ProviderName, act, "--output", file);
        Assert.True(exitCode == 0, output + error);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { Certificates = [.. application.Certificates, await File.ReadAllTextAsync(file)] });
    }

    internal static string Certificate(RSA key)
    {
        using var certificate = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return certificate.ExportCertificatePem();
    }

    private static string Jwt(RSA key, Dictionary<string, object> claims)
    {
        static string Part(object value) => System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
        var signed = $"{Part(new Dictionary<string, string> { ["alg"] = "RS256", ["kid"] = "k" })}.{Part(claims)}";
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }
}
