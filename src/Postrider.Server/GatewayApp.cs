using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Watch;
using Postrider.Mail;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.SingleSignOn;
using Postrider.Server.Hosting;
using Postrider.Server.Submission;
using Postrider.Storage;
using Scalar.AspNetCore;

namespace Postrider.Server;

/// <summary>The gateway as a whole: its rooms put together, its doors opened.</summary>
public sealed class GatewayApp : IAsyncDisposable
{
    /// <summary>What a stop waits for at the most: a final dot on its way may take ten minutes, an administrator does not.</summary>
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(85);

    /// <summary>As <c>EX_CONFIG</c> of sysexits.h: starting again is of no use.</summary>
    private const int AnotherKeyRing = 78;

    private readonly WebApplication app;
    private readonly DataDirectory data;
    private readonly Doors doors;

    private GatewayApp(WebApplication app, DataDirectory data, Doors doors) => (this.app, this.data, this.doors) = (app, data, doors);

    public Uri HttpUrl => new($"http://{doors.Address("http")}");
    public string SmtpAddress => doors.Address("smtp")!;

    /// <summary>Null without such a door.</summary>
    public string? SmtpsAddress => doors.Address("smtps");
    public IServiceProvider Services => app.Services;

    /// <summary>Runs until cancelled or told to stop by a signal.</summary>
    /// <returns>The exit code: 0 after a clean stop, 1 when it could not start or had to stop, 2 for what the settings say wrong, 78 for another key ring.</returns>
    public static async Task<int> RunAsync(GatewayArguments arguments, CancellationToken cancellation)
    {
        try
        {
            await using var gateway = await CreateAsync(arguments, null, cancellation);
            await gateway.StartAsync(cancellation);
            await System.Console.Out.WriteLineAsync(gateway.ReadyLine());
            await gateway.OfferSetupAsync(cancellation);
            await gateway.app.WaitForShutdownAsync(cancellation);
            return gateway.app.Services.GetRequiredService<StorageWatch>().HasFailed ? 1 : 0;
        }
        catch (KeyRingException problem)
        {
            await System.Console.Error.WriteLineAsync($"postrider: {problem.Message}");
            return AnotherKeyRing;
        }
        catch (Exception problem) when (problem is GatewayException or StorageException or OptionsValidationException or InvalidOperationException or IOException or System.Net.Sockets.SocketException)
        {
            await System.Console.Error.WriteLineAsync($"postrider: {Explain(problem, arguments)}");
            return problem is GatewayUsageException or OptionsValidationException ? 2 : 1;
        }
    }

    private static string Explain(Exception problem, GatewayArguments arguments) => problem is IOException or System.Net.Sockets.SocketException
        ? $"A door cannot be opened (--http {arguments.Http ?? GatewayArguments.DefaultHttp}, --smtp {arguments.Smtp ?? GatewayArguments.DefaultSmtp}): {problem.Message}"
        : problem.Message;

    /// <summary>Builds a gateway without opening its doors.</summary>
    /// <param name="replace">For tests: services that take the place of others, such as the clock.</param>
    public static async Task<GatewayApp> CreateAsync(GatewayArguments arguments, Action<IServiceCollection>? replace, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddJsonFile(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json"), optional: true).AddEnvironmentVariables("POSTRIDER__");
        builder.Configuration.AddInMemoryCollection(arguments.Settings).AddInMemoryCollection(FromCommandLine(arguments));
        var settings = builder.Configuration;
        var data = DataDirectory.Open(settings["Data"] ?? GatewayArguments.DefaultData);
        try
        {
            var doors = new Doors
            {
                Http = Doors.Parse("--http", settings["Http"] ?? GatewayArguments.DefaultHttp),
                Smtp = Doors.Parse("--smtp", settings["Smtp"] ?? GatewayArguments.DefaultSmtp),
                Smtps = settings["Smtps"] is { Length: > 0 } smtps ? Doors.Parse("--smtps", smtps) : null,
            };
            var recent = new RecentLog();
            AddServices(builder, data, doors, settings, recent);
            replace?.Invoke(builder.Services);
            using var logs = LoggerFactory.Create(logging => ConfigureLogging(logging, settings, recent));
            var database = await Database.OpenAsync(
                settings["Database"] is { Length: > 0 } connection ? Given(connection) : StorageOptions.ForFile(data.Database),
                builder.Services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))?.ImplementationInstance as TimeProvider ?? TimeProvider.System,
                logs.CreateLogger<Database>(), cancellation);
            builder.Services.AddSingleton(_ => database).AddSingleton(database.Clock);
            var app = builder.Build();
            Map(app);
            await app.Services.GetRequiredService<KeyRingCheck>().RunAsync(cancellation);
            return new GatewayApp(app, data, doors);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static void AddServices(WebApplicationBuilder builder, DataDirectory data, Doors doors, ConfigurationManager settings, RecentLog recent)
    {
        ConfigureLogging(builder.Logging, settings, recent);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            var mail = kestrel.ApplicationServices.GetRequiredService<IOptions<MailOptions>>().Value;
            // Base64 makes an attachment longer by a third, JSON adds its own.
            kestrel.Limits.MaxRequestBodySize = mail.MaxMessageBytes * 3 / 2 + 1024 * 1024;
            doors.Open(kestrel);
        });
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeToStop);
        services.AddSingleton(TimeProvider.System).AddSingleton(data).AddSingleton(doors);
        services.AddOptions<MailOptions>().Bind(settings.GetSection(MailOptions.Section))
            .PostConfigure(mail => (mail.SpoolDirectory, mail.NodeFile) = (mail.SpoolDirectory is { Length: > 0 } chosen ? chosen : data.Spool, data.Node)).ValidateOnStart();
        services.AddOptions<SubmissionOptions>().Bind(settings.GetSection(SubmissionOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SubmissionOptions>, ValidSubmissionOptions>();
        services.AddAccounts(new AccountsOptions
        {
            KeyDirectory = data.Keys,
            KeyRing = settings.GetSection(KeyRingOptions.Section).Get<KeyRingOptions>() ?? new(),
            PublicUrl = PublicUrl(settings["PublicUrl"]),
            // Two nodes may run on one machine; an embedded database has one process, and a name that lasts takes over what it held.
            Node = settings["Database"] is { Length: > 0 } connection && Given(connection).IsShared ? $"{Environment.MachineName} {Guid.NewGuid():N}" : Environment.MachineName,
        });
        services.AddMail();
        services.AddOptions<AlertOptions>().Bind(settings.GetSection(AlertOptions.Section)).ValidateOnStart();
        services.AddSingleton<SubmissionCertificate>().AddSingleton<AuthThrottle>().AddSingleton<SubmissionHandler>();
        services.AddSingleton<ApiKeys>().AddSingleton<ClientRules>().AddSingleton<MessageComposer>().AddSingleton<MessageViews>().AddSingleton<BulkActs>().AddSingleton<ProviderViews>().AddSingleton<StorageWatch>();
        services.AddHostedService<SharedState>().AddHostedService<QuietMemory>();
        services.AddKnownProxies(settings[KnownProxies.Setting]);
        services.AddMetricsDoor(settings);
        services.AddSingleton(recent).AddSingleton<Upkeep.Diagnostics>().AddSingleton<DiskSpace>().AddSingleton<DoorCertificates>().AddSingleton<InstallationDoctor>()
            .AddSingleton<IFindingSource>(all => all.GetRequiredService<DiskSpace>()).AddSingleton<IFindingSource>(all => all.GetRequiredService<DoorCertificates>());
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorization(access =>
        {
            foreach (var scope in ApiKeys.Scopes)
                access.AddPolicy(scope, policy => policy.RequireClaim("scope", scope));
        });
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = made => Problems.Complete(made.ProblemDetails));
        services.AddExceptionHandler<UnreadableRequests>().AddExceptionHandler<WithoutDatabase>();
        services.AddConsole(Oidc(settings));
        services.AddOpenApi("v1", OpenApiDocument.Describe);
    }

    private static void Map(WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseConsoleHeaders();
        app.UseLanguages();
        app.UseExceptionHandler();
        app.UseStatusCodePages(ConsoleErrors.StatusAsync);
        app.UseRouting();
        LateEndpoints.Use(app, ConsoleHeaders.IsPage, pages => pages.MapRazorPages());
        LateEndpoints.Use(app, asked => !ConsoleHeaders.IsPage(asked), MapApi);
        // For what has been made only now; it leaves alone what was found before.
        app.UseRouting();
        // Before the sign-in: what comes back from a provider ends there.
        app.UseAuditTrail();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapMetrics();
        app.MapConsoleAssets();
        app.MapOAuthCallback();
        app.MapReconnect();
    }

    private static void MapApi(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json");
        routes.MapScalarApiReference("/scalar", scalar => scalar.WithTitle("Postrider"));
        var api = routes.MapGroup("/api/v1");
        foreach (var status in new[] { StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound })
            api.ProducesProblem(status);
        api.MapProviders().RequireAuthorization(ApiKeys.Admin);
        api.MapMessages();
        api.MapQueue();
        api.MapRoute();
        api.MapConsoleLinks();
        api.MapAudit();
        api.MapAccess();
        api.MapAlerts();
        api.MapWebhooks();
        api.MapReports();
        api.MapSuppressions();
        api.MapSecrets();
        api.MapFailures();
        api.MapDoctor();
    }

    /// <summary>Makes what a first start needs, and opens the doors.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await app.Services.GetRequiredService<ApiKeys>().EnsureFirstAsync(data.AdminKey, cancellation);
        await app.Services.GetRequiredService<ClientDirectory>().LoadAsync(cancellation);
        await app.Services.GetRequiredService<SuppressionList>().LoadAsync(cancellation);
        app.Services.GetRequiredService<StorageWatch>().Start();
        // A certificate that cannot be read is told now, and not to the first client.
        if (app.Services.GetRequiredService<SubmissionCertificate>() is { IsConfigured: true } certificate)
            _ = certificate.Current;
        await app.StartAsync(cancellation);
        // A door on port 0 has its port only now.
        if (app.Configuration["PublicUrl"] is not { Length: > 0 })
            app.Services.GetRequiredService<AccountsOptions>().PublicUrl = new Uri($"http://localhost:{HttpUrl.Port}");
        var nodes = app.Services.GetRequiredService<Nodes>();
        nodes.Address = doors.Address("http")!;
        await nodes.BeatAsync(cancellation);
        await File.WriteAllTextAsync(data.Url, HttpUrl.GetLeftPart(UriPartial.Authority) + "\n", cancellation);
    }

    /// <summary>Until there is an owner, every start prints a link that makes one.</summary>
    private async Task OfferSetupAsync(CancellationToken cancellation)
    {
        var links = Services.GetRequiredService<OneTimeLinks>();
        if (!await links.NeedsFirstOwnerAsync(cancellation))
            return;
        var (url, _) = await links.MakeAsync(null, cancellation);
        await System.Console.Out.WriteLineAsync($"Set up the console in a browser (the link works once, for {OneTimeLinks.Lifetime.TotalMinutes:0} minutes): {url}");
    }

    private string ReadyLine() => $"ready http={HttpUrl.GetLeftPart(UriPartial.Authority)} smtp={SmtpAddress}"
        + (SmtpsAddress is { } smtps ? $" smtps={smtps}" : "") + $" data={data.Path}";

    private static Dictionary<string, string?> FromCommandLine(GatewayArguments arguments)
    {
        var given = new Dictionary<string, string?>
        {
            ["Data"] = arguments.Data, ["Http"] = arguments.Http, ["Smtp"] = arguments.Smtp, ["Smtps"] = arguments.Smtps, ["Database"] = arguments.Database,
            [$"{SubmissionOptions.Section}:Certificate"] = arguments.SmtpCertificate, [$"{SubmissionOptions.Section}:CertificateKey"] = arguments.SmtpCertificateKey,
        };
        return given.Where(entry => entry.Value is not null).ToDictionary();
    }

    private static StorageOptions Given(string connection)
    {
        try
        {
            _ = Dialect.For(connection);
            return new StorageOptions { ConnectionString = connection };
        }
        catch (StorageException wrong)
        {
            throw new GatewayUsageException($"--database: {wrong.Message}", wrong);
        }
    }

    private static Uri PublicUrl(string? configured) => configured is not { Length: > 0 } ? new Uri("http://localhost")
        : Uri.TryCreate(configured, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") ? url
        : throw new GatewayUsageException($"PublicUrl is \"{configured}\". Write the address at which browsers reach the gateway, such as https://mail.example.org.");

    private static OidcOptions Oidc(ConfigurationManager settings)
    {
        var oidc = settings.GetSection(OidcOptions.Section).Get<OidcOptions>() ?? new();
        return oidc.Validate().FirstOrDefault() is { } wrong ? throw new GatewayUsageException(wrong) : oidc;
    }

    private static void ConfigureLogging(ILoggingBuilder logging, ConfigurationManager settings, RecentLog recent)
    {
        logging.ClearProviders();
        logging.AddProvider(recent);
        logging.AddConfiguration(settings.GetSection("Logging"));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // A sign-in that is missing is an answer and no event.
        logging.AddFilter(typeof(ConsoleAuthentication).FullName, LogLevel.Warning);
        // It warns at every start of a key ring that is not locked, and traces what does not open: we say the first in docs/operations.md
        // and the second with its remedy.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Critical);
        // The first line of standard output is "ready"; the log goes to standard error.
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        data.Dispose();
    }

    private sealed class ValidSubmissionOptions : IValidateOptions<SubmissionOptions>
    {
        public ValidateOptionsResult Validate(string? name, SubmissionOptions options) =>
            options.Validate().ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
