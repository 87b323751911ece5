using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>This tree's gateway in a process of its own, durable as always.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly Process process;

    private Gateway(Process process, IPEndPoint smtp, Uri http, string key, TimeSpan startTime)
    {
        (this.process, Smtp, Http, StartTime) = (process, smtp, http, startTime);
        Client = new HttpClient { BaseAddress = http, DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
        Api = PostriderClient.For(new HttpClient(), http, key);
    }

    public IPEndPoint Smtp { get; }
    public Uri Http { get; }
    public HttpClient Client { get; }
    public PostriderClient Api { get; }

    /// <summary>From the process's start to the line that says that every door is open.</summary>
    public TimeSpan StartTime { get; }

    public int Pid => process.Id;

    private string RedirectUri => $"http://localhost:{Http.Port}/oauth/callback";

    /// <param name="database">A connection string; an SQLite file in <paramref name="data"/> without one.</param>
    /// <param name="program">Another build's; this tree's without it.</param>
    public static async Task<Gateway> StartAsync(string data, string caFile, string? database = null, string? program = null)
    {
        var start = new ProcessStartInfo(program ?? Path.Combine(AppContext.BaseDirectory, "postrider"),
            ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", .. database is null ? (string[])[] : ["--database", database]])
        {
            RedirectStandardOutput = true, Environment = { ["SSL_CERT_FILE"] = caFile, ["POSTRIDER__Logging__LogLevel__Default"] = "Warning" },
        };
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        var ready = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The gateway did not start.");
        var took = clock.Elapsed;
        var doors = ready.Split(' ').Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new Gateway(process, IPEndPoint.Parse(doors["smtp"]), new Uri(doors["http"]), (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"))).Trim(), took);
    }

    /// <summary>A provider that waits for consent: mail is accepted for it and held.</summary>
    public Task AddProviderAsync(string name, string mailbox) => Api.Providers.AddAsync(new JsonObject
    {
        ["name"] = name, ["type"] = "microsoft", ["userName"] = mailbox, ["tenant"] = Seed.TenantId.ToString(),
        ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["redirectUri"] = RedirectUri,
        ["limits"] = new JsonObject { ["connections"] = 0, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
    }, CancellationToken.None);

    /// <summary>Its consent: from now on it sends.</summary>
    public async Task ConnectProviderAsync(string name, string mailbox, SimulatorApp simulator, int port)
    {
        await Api.Providers.ChangeAsync(name, new JsonObject
        {
            // A gateway that was started again has another door.
            ["address"] = "localhost", ["port"] = port, ["redirectUri"] = RedirectUri, ["authority"] = simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
            ["limits"] = new JsonObject { ["connections"] = 0, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        }, CancellationToken.None);
        var started = await Api.Providers.AuthorizeAsync(name, CancellationToken.None);
        using var browser = new HttpClient();
        // The gateway listens by its address; the registered redirect URI says localhost.
        (await browser.GetAsync(simulator.Consent(started["authorizeUrl"]!.GetValue<string>(), mailbox))).EnsureSuccessStatusCode();
    }

    /// <summary>Another way to the same provider: through a proxy, or with so many connections at most.</summary>
    public Task ReachThroughAsync(string name, int port, int connections) => Api.Providers.ChangeAsync(name, new JsonObject
    {
        ["port"] = port,
        ["limits"] = new JsonObject { ["connections"] = connections, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Client.Dispose();
    }
}
