using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;

namespace Postrider.Tests.Doctor;

/// <summary>What stands between us and an identity platform is named for what it is.</summary>
public sealed class PlatformProbeTests : IAsyncDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private WebApplication? platform;

    [Fact]
    public async Task A_platform_that_answers_is_fine_and_its_clock_is_compared()
    {
        var sight = await LookAsync(context => context.Response.WriteAsJsonAsync(new { issuer = "x" }));
        Assert.Null(sight.Cause);
        Assert.InRange(sight.Skew!.Value.TotalSeconds, -5, 5);
    }

    [Theory]
    [InlineData(7, "7 min ahead of")]
    [InlineData(-120, "2 h behind")]
    public async Task A_clock_that_is_wrong_is_told_with_what_it_does(int minutes, string words)
    {
        var url = await StartAsync(context => context.Response.WriteAsJsonAsync(new { issuer = "x" }));
        var sight = await LookAsync(url, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes)));
        Assert.Contains(words, sight.Cause, StringComparison.Ordinal);
        Assert.Contains("timedatectl", sight.Remedy, StringComparison.Ordinal);
        Assert.True(sight.Skew!.Value.Duration() > PlatformProbe.HarmfulSkew);
    }

    [Fact]
    public async Task A_web_page_in_its_place_is_a_captive_portal()
    {
        var sight = await LookAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<h1>Welcome to the hotel</h1>");
        });
        Assert.Contains("captive portal", sight.Cause, StringComparison.Ordinal);
        Assert.False(sight.Reached);
    }

    [Fact]
    public async Task A_redirect_to_elsewhere_is_a_captive_portal_and_is_not_followed()
    {
        var sight = await LookAsync(context =>
        {
            context.Response.Redirect("http://portal.hotel.example/login");
            return Task.CompletedTask;
        });
        Assert.Contains("portal.hotel.example", sight.Cause, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY", sight.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_wants_a_password_and_a_platform_in_trouble_are_told_apart()
    {
        Assert.Contains("proxy", (await LookAsync(Status(407))).Cause, StringComparison.Ordinal);
        var busy = await LookAsync(Status(503));
        Assert.True(busy.Reached);
        Assert.Contains("Nothing needs doing", busy.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_is_told_by_the_catalogue()
    {
        var sight = await LookAsync(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new { error = "invalid_tenant", error_description = "AADSTS90002: Tenant 'contoso.example' not found." });
        });
        Assert.Contains("tenant", sight.Cause, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nobody_at_the_port_is_the_network_and_not_the_sign_in()
    {
        var url = await StartAsync(Status(200));
        await platform!.DisposeAsync();
        platform = null;
        var sight = await LookAsync(url, clock);
        Assert.Contains("This is the network, and not the sign-in.", sight.Cause, StringComparison.Ordinal);
        Assert.False(sight.Reached);
    }

    [Fact]
    public async Task A_proxy_that_looks_into_TLS_is_named_by_its_certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Contoso Inspection CA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var url = await StartAsync(Status(200), certificate);
        var sight = await LookAsync(url, clock);
        Assert.Contains("CN=Contoso Inspection CA", sight.Detail, StringComparison.Ordinal);
        Assert.Contains("looks into TLS", sight.Cause, StringComparison.Ordinal);
        Assert.Contains("SSL_CERT_FILE", sight.Remedy, StringComparison.Ordinal);
    }

    private static RequestDelegate Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private async Task<PlatformSight> LookAsync(RequestDelegate answer) => await LookAsync(await StartAsync(answer), clock);

    private static async Task<PlatformSight> LookAsync(Uri url, TimeProvider time)
    {
        var services = new ServiceCollection().AddSingleton(time);
        services.AddAccounts(new AccountsOptions { KeyDirectory = Path.Combine(Path.GetTempPath(), "postrider-probe-keys") });
        await using var provider = services.BuildServiceProvider();
        return Assert.IsType<PlatformSight>(await new PlatformProbe(provider.GetRequiredService<IHttpClientFactory>(), time).LookAsync(new Provider
        {
            Id = "1", Name = "m365", Type = ProviderType.Microsoft, Authority = url.GetLeftPart(UriPartial.Authority), Tenant = "contoso.example",
        }, Stop));
    }

    private async Task<Uri> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        if (platform is not null)
            await platform.DisposeAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        platform = builder.Build();
        platform.Run(answer);
        await platform.StartAsync(Stop);
        return new UriBuilder(platform.Urls.Single()) { Host = "localhost" }.Uri;
    }

    public async ValueTask DisposeAsync()
    {
        if (platform is not null)
            await platform.DisposeAsync();
    }
}
