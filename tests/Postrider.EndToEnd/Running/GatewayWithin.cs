using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Server;

namespace Postrider.EndToEnd.Running;

/// <summary>The real gateway, in the process of the tests: the same doors, the same files, and a start that costs little once one has started.
/// What kills it, measures it, or needs an environment of its own takes a <see cref="GatewayProcess"/>.</summary>
public sealed class GatewayWithin : RunningGateway
{
    /// <summary>What is under way when a test is over is not waited for.</summary>
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(2);

    private const string EnvironmentPrefix = "POSTRIDER__";

    private static readonly Dictionary<string, string> Options = new()
    {
        ["--database"] = "Database", ["--smtps"] = "Smtps", ["--smtp-certificate"] = "Submission:Certificate", ["--smtp-certificate-key"] = "Submission:CertificateKey",
    };

    private GatewayApp? app;

    private GatewayWithin(GatewayApp app, ConcurrentQueue<string> output, string dataDirectory)
        : base(output, dataDirectory, app.HttpUrl, IPEndPoint.Parse(app.SmtpAddress), app.SmtpsAddress is { } smtps ? IPEndPoint.Parse(smtps) : null, null) => this.app = app;

    /// <param name="settings">As environment variables, <c>POSTRIDER__Mail__Lifetime</c>.</param>
    /// <param name="arguments">Options of <c>postrider serve</c> and their values.</param>
    public static async Task<GatewayWithin> StartAsync(string dataDirectory, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string>? arguments = null, string smtp = "127.0.0.1:0")
    {
        var output = new ConcurrentQueue<string>();
        var app = await GatewayApp.CreateAsync(new GatewayArguments { Data = dataDirectory, Http = "127.0.0.1:0", Smtp = smtp, Settings = Named(settings, arguments ?? []) }, services =>
        {
            services.RemoveAll<ILoggerProvider>().AddSingleton<ILoggerProvider>(new Said(output));
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeToStop);
        }, CancellationToken.None);
        try
        {
            await app.StartAsync(CancellationToken.None);
            return new GatewayWithin(app, output, dataDirectory);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public override async Task<int> StopAsync()
    {
        await EndAsync();
        return 0;
    }

    private protected override async Task EndAsync()
    {
        if (Interlocked.Exchange(ref app, null) is { } running)
            await running.DisposeAsync();
    }

    private static Dictionary<string, string?> Named(IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> arguments)
    {
        var named = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
            if (name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
                named[name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal)] = value;
            else if (name != Trust.Variable || value != Trust.AuthorityFile)
                throw new ArgumentException($"{name} is for a process of its own: start the gateway in one.", nameof(settings));
        foreach (var option in arguments.Chunk(2))
            named[Options[option[0]]] = option[1];
        return named;
    }

    /// <summary>The log, a line an event, as it would stand on standard error.</summary>
    private sealed class Said(ConcurrentQueue<string> output) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Category(categoryName, output);

        public void Dispose()
        {
        }

        private sealed class Category(string name, ConcurrentQueue<string> output) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                output.Enqueue($"{logLevel}: {name}[{eventId.Id}] {formatter(state, exception)} {exception}");
        }
    }
}
