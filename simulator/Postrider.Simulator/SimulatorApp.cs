using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Postrider.Simulator;

/// <summary>A pretend identity platform and a pretend SMTP provider, for tests and the demo.
/// It behaves as Microsoft's documentation says and breaks on demand. Never expose it: everyone may do everything.</summary>
public sealed class SimulatorApp : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly SmtpServer _smtp;
    private readonly TestCertificates _certificates;
    private readonly string? _temporaryDirectory;

    private SimulatorApp(SimulatorState state, WebApplication web, SmtpServer smtp, TestCertificates certificates, string? temporary)
    {
        State = state;
        _web = web;
        _smtp = smtp;
        _certificates = certificates;
        _temporaryDirectory = temporary;
        HttpUrl = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Such as <c>http://127.0.0.1:40123/</c>. The authority of a provider is this address.</summary>
    public Uri HttpUrl { get; }

    /// <summary>SMTP with STARTTLS.</summary>
    public int SmtpPort => _smtp.StartTlsEndPoint.Port;

    /// <summary>SMTP with implicit TLS.</summary>
    public int SmtpsPort => _smtp.ImplicitTlsEndPoint.Port;

    /// <summary>PEM file with the authority that signed the certificate for <c>localhost</c>, <c>127.0.0.1</c> and <c>::1</c>.</summary>
    public string CaFile => _certificates.CaFile;

    public SimulatorState State { get; }

    internal EndPoint SmtpEndPoint => _smtp.StartTlsEndPoint;

    internal EndPoint SmtpsEndPoint => _smtp.ImplicitTlsEndPoint;

    /// <summary>Opens every door. When it returns, all of them answer.</summary>
    public static async Task<SimulatorApp> StartAsync(SimulatorOptions options, CancellationToken ct = default)
    {
        var temporary = options.CertificateDirectory is null ? Directory.CreateTempSubdirectory("simulator-").FullName : null;
        var certificates = new TestCertificates(options.CertificateDirectory ?? temporary!);
        var state = new SimulatorState(options);
        var smtp = new SmtpServer(state, certificates);
        var web = BuildWeb(options, state);
        try
        {
            smtp.Start(options.Smtp, options.Smtps);
            await web.StartAsync(ct);
            return new SimulatorApp(state, web, smtp, certificates, temporary);
        }
        catch
        {
            await smtp.DisposeAsync();
            await web.DisposeAsync();
            certificates.Dispose();
            throw;
        }
    }

    /// <summary>Does what a person does in the browser: opens the authorize address, picks the account, accepts or cancels.
    /// Returns where the browser is sent. For <c>form_post</c> the fields are in the query of the returned address.</summary>
    public Uri Consent(string authorizeUrl, string account, bool accept = true) =>
        new ConsentWalk(State).Walk(authorizeUrl, account, accept) switch
        {
            ConsentResult.Redirected(var answer) => new Uri(answer.AddressWith(answer.Fields)),
            ConsentResult.Stopped(var error) => throw new InvalidOperationException(error.Describe()),
            _ => throw new InvalidOperationException("The walk had no end."),
        };

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(new CancellationToken(canceled: true));
        await _web.DisposeAsync();
        await _smtp.DisposeAsync();
        State.Tokens.Dispose();
        _certificates.Dispose();
        if (_temporaryDirectory is not null)
            Directory.Delete(_temporaryDirectory, recursive: true);
    }

    private static WebApplication BuildWeb(SimulatorOptions options, SimulatorState state)
    {
        // The empty builder reads no environment and no files, so a simulator inside another program keeps to itself.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Http);
        });
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
        var web = builder.Build();
        web.Use(PageSecurity.Apply);
        web.UseRouting();
        IndexPage.Map(web);
        AuthorizeEndpoint.Map(web, state);
        TokenEndpoint.Map(web, state);
        DeviceFlow.Map(web, state);
        AdminConsentEndpoint.Map(web, state);
        DiscoveryEndpoint.Map(web, state);
        IntrospectionEndpoint.Map(web, state);
        GraphEndpoint.Map(web, state);
        MailboxPages.Map(web, state);
        ControlEndpoints.Map(web, state);
        return web;
    }
}
