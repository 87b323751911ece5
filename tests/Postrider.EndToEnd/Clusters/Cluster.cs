using System.Text.Json.Nodes;
using Npgsql;
using Postrider.Client;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using Postrider.Tests.Postgres;

namespace Postrider.EndToEnd.Clusters;

/// <summary>Several gateways on one PostgreSQL, each with a data directory of its own, and a simulated provider that they share.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly string root;
    private readonly string database;
    private readonly Dictionary<string, string> settings;
    private readonly List<GatewayProcess> nodes = [];

    private Cluster(string root, string database, SimulatorApp simulator, Dictionary<string, string> settings) =>
        (this.root, this.database, Simulator, this.settings) = (root, database, simulator, settings);

    public SimulatorApp Simulator { get; }
    public IReadOnlyList<GatewayProcess> Nodes => nodes;
    public GatewayProcess First => nodes[0];
    public string ConnectionString => database;

    /// <summary>Short leases, so that a test need not wait long for a node that is gone.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(6);

    /// <param name="with">Members of the provider, such as its limits.</param>
    /// <param name="server">The server; the one that all tests share when left out.</param>
    /// <param name="executable">Of another version.</param>
    public static async Task<Cluster> StartAsync(int size, SimulatorOptions? simulator = null, JsonObject? with = null, PostgresServer? server = null,
        IReadOnlyDictionary<string, string>? settings = null, bool connect = true, string? executable = null)
    {
        var pretended = await SimulatorApp.StartAsync(simulator ?? new SimulatorOptions());
        var all = Installation.Settings(pretended);
        all["POSTRIDER__Mail__Lease"] = Lease.ToString();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        var cluster = new Cluster(Directory.CreateTempSubdirectory("postrider-cluster-").FullName,
            await (server ?? await PostgresServer.SharedAsync()).NewDatabaseAsync(), pretended, all);
        try
        {
            for (var number = 0; number < size; number++)
                await cluster.AddNodeAsync(executable: executable);
            if (connect)
                await cluster.ConnectAsync(with);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <param name="through">The connection string to use instead, such as one that leads through a tap.</param>
    public async Task<GatewayProcess> AddNodeAsync(Func<string, string>? through = null, IReadOnlyDictionary<string, string>? more = null, string? executable = null)
    {
        var environment = new Dictionary<string, string>(settings);
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
            environment[name] = value;
        var node = await GatewayProcess.StartAsync(Path.Combine(root, $"node{nodes.Count + 1}"), environment,
            ["--database", through is null ? database : through(database)], smtp: Chance.FreeDoor(), adminKey: nodes.Count > 0 ? First.AdminKey : null, executable: executable);
        nodes.Add(node);
        return node;
    }

    /// <summary>Ends a node, with kill -9 unless it is to stop cleanly, and starts one on its data directory and its SMTP door.</summary>
    public async Task<GatewayProcess> RestartAsync(GatewayProcess node, bool cleanly = false)
    {
        if (cleanly && await node.StopAsync() is var exitCode and not 0)
            throw new InvalidOperationException($"The node ended with {exitCode}:\n{node.Output}");
        await node.DisposeAsync();
        return nodes[nodes.IndexOf(node)] = await GatewayProcess.StartAsync(node.DataDirectory, settings, ["--database", database], smtp: node.Smtp.ToString(), adminKey: node.AdminKey);
    }

    /// <summary>Waits until only what is held is left, releases what is held because nodes died of it three times, and waits for the rest.</summary>
    /// <returns>How many were held.</returns>
    public async Task<long> ReleaseSuspectsAsync()
    {
        await GatewayProcess.EventuallyAsync(async () => await CountAsync("queue where held_at is null") == 0 ? this : null, "what is not held has left", TimeSpan.FromMinutes(2));
        var held = await CountAsync("queue");
        await First.Api.Messages.ReleaseAllAsync(new MessageFilter { State = "held" });
        await QueueIsEmptyAsync();
        return held;
    }

    private async Task ConnectAsync(JsonObject? with)
    {
        var provider = new JsonObject
        {
            ["name"] = Installation.ProviderName, ["displayName"] = "Contoso", ["type"] = "microsoft",
            ["address"] = "localhost", ["port"] = Simulator.SmtpPort, ["security"] = "startTls",
            ["userName"] = Installation.Mailbox, ["tenant"] = Seed.TenantId.ToString(), ["authority"] = Simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
            ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret,
            ["redirectUri"] = $"http://localhost:{First.HttpUrl.Port}/oauth/callback",
            ["limits"] = new JsonObject { ["connections"] = 0, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        };
        foreach (var (member, value) in with ?? [])
            provider[member] = value?.DeepClone();
        await First.Api.Providers.AddAsync(provider, CancellationToken.None);
        var started = await First.Api.Providers.AuthorizeAsync(Installation.ProviderName, CancellationToken.None);
        using var browser = new HttpClient();
        (await browser.GetAsync(Simulator.Consent(started["authorizeUrl"]!.GetValue<string>(), Installation.Mailbox))).EnsureSuccessStatusCode();
        foreach (var node in nodes)
            await KnowsAsync(node);
    }

    /// <summary>Waits until a node has heard of the provider and its consent.</summary>
    public static Task KnowsAsync(GatewayProcess node) => GatewayProcess.EventuallyAsync(async () =>
        (await node.Api.Providers.ListAsync(CancellationToken.None)).Items.FirstOrDefault(provider => provider.Text("state") == "ready"), "the node knows the provider");

    public async Task<long> CountAsync(string what)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"select count(*) from {what}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public Task QueueIsEmptyAsync(TimeSpan? within = null) => GatewayProcess.EventuallyAsync(
        async () => await CountAsync("queue") == 0 ? this : null, "the queue is empty", within ?? TimeSpan.FromSeconds(60));

    public static Task<MessageAccepted> SendAsync(GatewayProcess node, string to = "someone@example.org", string? key = null) =>
        node.Api.Messages.SendAsync(new SendMessage { From = Installation.Mailbox, To = [to], Subject = "Hello", Text = "Hello" }, key, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        await Simulator.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }
}
