using System.Text.Json.Nodes;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Running;

/// <summary>A gateway and a simulated provider that know each other: the usual beginning of a test.</summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly string root;

    private Installation(SimulatorApp simulator, RunningGateway gateway, string root) => (Simulator, Gateway, this.root) = (simulator, gateway, root);

    public const string Mailbox = "noreply@contoso.example";
    public const string ProviderName = "contoso";

    public SimulatorApp Simulator { get; }
    public RunningGateway Gateway { get; private set; }

    /// <summary>The gateway, where it was started in a process of its own.</summary>
    public GatewayProcess Process => (GatewayProcess)Gateway;

    /// <summary>Short pauses, so that a test need not wait like an administrator.</summary>
    public static Dictionary<string, string> Settings(SimulatorApp simulator) => new()
    {
        ["SSL_CERT_FILE"] = simulator.CaFile,
        ["POSTRIDER__Mail__HostName"] = "gateway.example",
        ["POSTRIDER__Mail__RetryDelays__0"] = "00:00:00.500",
        ["POSTRIDER__Mail__RetryDelays__1"] = "00:00:01",
    };

    /// <param name="connect">Also add a provider for <see cref="Mailbox"/> and give consent at the simulator.</param>
    /// <param name="alone">The gateway has a process of its own: it is killed or measured, or its environment matters.</param>
    /// <param name="wrap">As in <see cref="GatewayProcess.StartAsync"/>; implies <paramref name="alone"/>.</param>
    /// <param name="smtp">The SMTP door, the same after a restart; port 0 takes another each time.</param>
    /// <param name="data">The gateway's data directory; none: one that goes with the installation.</param>
    public static async Task<Installation> StartAsync(bool connect = true, bool alone = false, SimulatorOptions? simulatorOptions = null,
        IReadOnlyDictionary<string, string>? settings = null, IReadOnlyList<string>? arguments = null,
        IReadOnlyList<string>? wrap = null, string smtp = "127.0.0.1:0", string? data = null)
    {
        var root = Directory.CreateTempSubdirectory("postrider-test-").FullName;
        data ??= Path.Combine(root, "data");
        var simulator = await SimulatorApp.StartAsync((simulatorOptions ?? new SimulatorOptions()) with { CertificateDirectory = Trust.Folder });
        var all = Settings(simulator);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        async Task<RunningGateway> StartGatewayAsync(IReadOnlyList<string>? under) => alone || wrap is not null
            ? await GatewayProcess.StartAsync(data, all, arguments, under, smtp)
            : await GatewayWithin.StartAsync(data, all, arguments, smtp);
        var installation = new Installation(simulator, await StartGatewayAsync(wrap), root) { again = () => StartGatewayAsync(null) };
        try
        {
            if (connect)
                await installation.AddProviderAsync();
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    private Func<Task<RunningGateway>> again = null!;

    /// <summary>A Microsoft provider whose identity platform and server are the simulator's, with no limits unless given.</summary>
    public async Task AddProviderAsync(string name = ProviderName, string mailbox = Mailbox, JsonObject? with = null, bool connect = true)
    {
        var provider = new JsonObject
        {
            ["name"] = name, ["displayName"] = "Contoso", ["type"] = "microsoft",
            ["address"] = "localhost", ["port"] = Simulator.SmtpPort, ["security"] = "startTls",
            ["userName"] = mailbox, ["tenant"] = Seed.TenantId.ToString(), ["authority"] = Simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
            ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret,
            ["redirectUri"] = $"http://localhost:{Gateway.HttpUrl.Port}/oauth/callback",
            ["limits"] = new JsonObject { ["connections"] = 0, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        };
        foreach (var (member, value) in with ?? [])
            provider[member] = value?.DeepClone();
        await Gateway.Api.Providers.AddAsync(provider, CancellationToken.None);
        if (connect)
            await ConnectAsync(name, mailbox);
    }

    /// <summary>Consents at the simulator and lets the browser come back.</summary>
    public async Task ConnectAsync(string name = ProviderName, string mailbox = Mailbox)
    {
        var started = await Gateway.Api.Providers.AuthorizeAsync(name, CancellationToken.None);
        var landed = Simulator.Consent(started["authorizeUrl"]!.GetValue<string>(), mailbox);
        using var browser = new HttpClient();
        (await browser.GetAsync(landed)).EnsureSuccessStatusCode();
    }

    /// <summary>Starts the gateway again on what the last one left.</summary>
    public async Task RestartAsync()
    {
        await Gateway.DisposeAsync();
        Gateway = await again();
    }

    public async Task<JsonObject> ProviderAsync(string name = ProviderName) => await Gateway.Api.Providers.GetAsync(name, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Simulator.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }
}
