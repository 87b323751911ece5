using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using static Postrider.EndToEnd.ProviderSetups;

namespace Postrider.EndToEnd;

/// <summary>Every way to get tokens, set up and used from the console.</summary>
public sealed partial class ProviderGrantsPagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_proves_itself_with_a_certificate_that_the_wizard_makes()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var setup = await BeginAsync(browser);
        using (await browser.FormAsync($"{setup}/register", new() { ["way"] = "app-certificate" }, $"{setup}/register?handler=Way")) { }
        Assert.Contains("SMTP.SendAsApp", await browser.SeeAsync($"{setup}/register"), StringComparison.Ordinal);
        Assert.Contains("https://outlook.office365.com/.default", await browser.SeeAsync($"{setup}/details"), StringComparison.Ordinal);
        using (var made = await browser.FormAsync($"{setup}/details", new(Details(installation)) { ["clientSecret"] = "", ["clientSecretExpiresAt"] = "" }))
            Assert.True(made.StatusCode == HttpStatusCode.Redirect, await made.Content.ReadAsStringAsync(Cancellation));
        var page = await browser.SeeAsync($"{setup}/connect");
        Assert.Contains("Nobody has to sign in", page, StringComparison.Ordinal);
        var pem = await browser.Http.GetStringAsync(Download().Match(page).Groups[1].Value, Cancellation);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", pem, StringComparison.Ordinal);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        installation.Simulator.State.Directory.Add(application with { Certificates = [.. application.Certificates, pem] });
        var run = (await browser.PostAsync($"{setup}/test", "Test")).Headers.Location!.ToString().Split('#')[0];
        Assert.Contains("Every step works", await OverAsync(browser, run), StringComparison.Ordinal);
        // Its own page makes the next one beside it.
        await browser.PostAsync("/providers/contoso", "Certificate");
        var detail = await browser.SeeAsync("/providers/contoso");
        Assert.Contains("The next one: it takes over once it was accepted", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", detail + pem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_is_set_up_with_its_key_file_and_sends()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var key = RSA.Create(2048);
        var application = installation.Simulator.State.Directory.FindApplication(Seed.ClientId.ToString())!;
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=key", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        installation.Simulator.State.Directory.Add(application with { Certificates = [certificate.ExportCertificatePem()] });
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Audiences = ["https://mail.google.com/"] };
        using var browser = await Browser.OwnerAsync(installation);
        var setup = await BeginAsync(browser, "google");
        using (await browser.FormAsync($"{setup}/register", new() { ["way"] = "service-account" }, $"{setup}/register?handler=Way")) { }
        var fields = new Dictionary<string, string>
        {
            ["name"] = Installation.ProviderName, ["address"] = "localhost", ["port"] = $"{installation.Simulator.SmtpPort}", ["tokenUrl"] = $"{installation.Simulator.HttpUrl}{Seed.TenantId}/oauth2/v2.0/token",
        };
        using (var wrong = await browser.FormAsync($"{setup}/details", new(fields) { ["serviceAccountKey"] = "{ \"type\": \"authorized_user\" }" }))
            Assert.Contains("This is a key of the kind \"authorized_user\"", WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        fields["serviceAccountKey"] = JsonSerializer.Serialize(new { type = "service_account", client_email = Seed.ClientId, private_key_id = "k1", private_key = key.ExportPkcs8PrivateKeyPem() });
        using (var made = await browser.FormAsync($"{setup}/details", fields))
            Assert.True(made.StatusCode == HttpStatusCode.Redirect, await made.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("Nobody has to sign in", await browser.SeeAsync($"{setup}/connect"), StringComparison.Ordinal);
        // Google itself cannot be reached from a test: the step that looks at it may fail, the sign-in may not.
        Assert.Contains($"signed in as {Installation.Mailbox}", await OverAsync(browser, (await browser.PostAsync($"{setup}/test", "Test")).Headers.Location!.ToString().Split('#')[0]), StringComparison.Ordinal);
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        Assert.DoesNotContain("PRIVATE KEY", await browser.SeeAsync("/providers/contoso/edit") + await DatabaseTextAsync(installation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_other_way_to_sign_in_works_from_the_providers_own_page()
    {
        await using var installation = await Installation.StartAsync(connect: false, simulatorOptions: new() { Identity = new IdentitySettings { DeviceIntervalSeconds = 1 } });
        using var browser = await Browser.OwnerAsync(installation);

        await installation.AddProviderAsync("pasted", with: new() { ["redirectUri"] = Seed.DeafRedirectUri }, connect: false);
        Assert.Contains("Nobody answers at the redirect URI", await browser.SeeAsync("/providers/pasted"), StringComparison.Ordinal);
        var authorize = (await browser.FormAsync("/providers/pasted", new() { ["stay"] = "true" }, "/providers/pasted?handler=Connect")).Headers.Location!;
        var landed = installation.Simulator.Consent(authorize.AbsoluteUri, Installation.Mailbox);
        using (var wrong = await browser.FormAsync("/providers/pasted", new() { ["address"] = "https://example.org/?code=x" }, "/providers/pasted?handler=Address"))
            Assert.Contains("holds no state", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (var pasted = await browser.FormAsync("/providers/pasted", new() { ["address"] = landed.AbsoluteUri }, "/providers/pasted?handler=Address"))
            Assert.Equal(HttpStatusCode.Redirect, pasted.StatusCode);
        Assert.Contains($"Connected: {Installation.Mailbox} signed in.", await browser.SeeAsync("/providers/pasted"), StringComparison.Ordinal);

        await installation.AddProviderAsync("device", with: new() { ["grant"] = "deviceCode" }, connect: false);
        await browser.PostAsync("/providers/device", "Device");
        var code = Code().Match(await browser.SeeAsync("/providers/device")).Groups[1].Value;
        using (var elsewhere = new HttpClient { BaseAddress = installation.Simulator.HttpUrl })
        using (var typed = await elsewhere.PostAsync("control/device", new StringContent($$"""{"userCode":"{{code}}","account":"{{Installation.Mailbox}}"}""", System.Text.Encoding.UTF8, "application/json"), Cancellation))
            typed.EnsureSuccessStatusCode();
        await installation.ProviderIsAsync("ready", "device");
        using (var polled = await browser.Http.GetAsync("/providers/device?handler=Device", Cancellation))
            Assert.Equal("/providers/device", Assert.Single(polled.Headers.GetValues("HX-Redirect")));

        await installation.AddProviderAsync("token", connect: false);
        using (var blank = await browser.FormAsync("/providers/token", new() { ["refreshToken"] = "two words" }, "/providers/token?handler=Token"))
            Assert.Contains("There is a blank or line break in the token", await blank.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (await browser.FormAsync("/providers/token", new() { ["refreshToken"] = "1.SomethingElse" }, "/providers/token?handler=Token")) { }
        Assert.Equal("ready", (await installation.ProviderAsync("token")).Text("state"));
        var failed = await OverAsync(browser, (await browser.PostAsync("/providers/token", "Test")).Headers.Location!.ToString().Split('#')[0]);
        Assert.Contains("Connect again", failed, StringComparison.Ordinal);
        Assert.Contains("skipped: Token did not succeed", failed, StringComparison.Ordinal);
    }

    [GeneratedRegex("href=\"([^\"]*handler=Certificate[^\"]*)\"")]
    private static partial Regex Download();

    [GeneratedRegex("id=\"user-code\"[^>]*>([^<]+)<")]
    private static partial Regex Code();
}
