using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Measures this tree on this machine: the gateway in a process of its own, durable as always, the simulator as the provider
/// over STARTTLS and XOAUTH2, and MailKit against the same simulator in the same run. Everything shares the machine's cores, so read the figures as ratios.</summary>
internal static class Program
{
    private const int MessageBytes = 4096, Sessions = 20;

    private static async Task Main(string[] args)
    {
        var total = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 20_000;
        var root = Directory.CreateTempSubdirectory("postrider-bench-").FullName;
        await using var simulator = await SimulatorApp.StartAsync(new SimulatorOptions { RawBytesKept = 0 });
        using var gateway = await StartAsync(Path.Combine(root, "data"), simulator.CaFile, args is [_, var database, ..] ? ["--database", database] : []);
        try
        {
            Console.WriteLine($"{total:N0} messages of {MessageBytes} octets, {Sessions} sessions, {Environment.ProcessorCount} cores\n");
            Console.WriteLine($"{"what",-48}{"messages/s",12}{"CPU µs each",14}{"resident MB",14}");
            var load = new Load(gateway.Smtp, MessageBytes);
            await load.SendAsync(Sessions, 500, keepOpen: true);

            await MeasureAsync("accept alone, sessions kept open", total, gateway, () => load.SendAsync(Sessions, total, keepOpen: true));
            await AddProviderAsync(gateway, simulator, connect: true);
            await MeasureAsync("drain what was accepted", total, gateway, () => ArrivedAsync(simulator, total));
            var before = simulator.State.Messages.Count;
            await MeasureAsync("end to end, sessions kept open", total, gateway, async () =>
            {
                await load.SendAsync(Sessions, total, keepOpen: true);
                await ArrivedAsync(simulator, before + total);
            });
            var token = await MailKitLoop.TokenAsync(simulator);
            await MeasureAsync("MailKit alone, sessions kept open, nothing kept", total, null, () => MailKitLoop.SendAsync(simulator, token, Sessions, total, MessageBytes));
            before = simulator.State.Messages.Count;
            await MeasureAsync("end to end, one connection a message", total / 2, gateway, async () =>
            {
                await load.SendAsync(Sessions, total / 2, keepOpen: false);
                await ArrivedAsync(simulator, before + total / 2);
            });
        }
        finally
        {
            gateway.Process.Kill();
            await gateway.Process.WaitForExitAsync();
            Directory.Delete(root, recursive: true);
        }
    }

    private static Task ArrivedAsync(SimulatorApp simulator, long atLeast) => simulator.State.Messages.ArrivedAsync((int)atLeast, CancellationToken.None);

    private static async Task MeasureAsync(string what, int total, Gateway? gateway, Func<Task> work)
    {
        gateway?.Process.Refresh();
        var (cpu, clock) = (gateway?.Process.TotalProcessorTime, Stopwatch.StartNew());
        await work();
        var elapsed = clock.Elapsed;
        gateway?.Process.Refresh();
        var used = gateway?.Process.TotalProcessorTime - cpu;
        Console.WriteLine($"{what,-48}{total / elapsed.TotalSeconds,12:N0}{used?.TotalMicroseconds / total,14:N0}{gateway?.Process.WorkingSet64 / 1048576,14:N0}");
    }

    private sealed record Gateway(Process Process, IPEndPoint Smtp, Uri Http, PostriderClient Api) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }

    private static async Task<Gateway> StartAsync(string data, string caFile, string[] more)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "postrider"), ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", .. more])
        {
            RedirectStandardOutput = true, Environment = { ["SSL_CERT_FILE"] = caFile, ["POSTRIDER__Logging__LogLevel__Default"] = "Warning" },
        };
        var process = Process.Start(start)!;
        var ready = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The gateway did not start.");
        var doors = ready.Split(' ').Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var api = PostriderClient.For(new HttpClient(), new Uri(doors["http"]), (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"))).Trim());
        var gateway = new Gateway(process, IPEndPoint.Parse(doors["smtp"]), new Uri(doors["http"]), api);
        await AddProviderAsync(gateway, null, connect: false);
        return gateway;
    }

    /// <summary>First a provider that waits for consent, so that mail is accepted and held; then its consent.</summary>
    private static async Task AddProviderAsync(Gateway gateway, SimulatorApp? simulator, bool connect)
    {
        if (!connect)
        {
            await gateway.Api.Providers.AddAsync(new JsonObject
            {
                ["name"] = "bench", ["type"] = "microsoft", ["userName"] = "noreply@contoso.example", ["tenant"] = Seed.TenantId.ToString(),
                ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["redirectUri"] = $"http://localhost:{gateway.Http.Port}/oauth/callback",
                ["limits"] = new JsonObject { ["connections"] = 0, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
            }, CancellationToken.None);
            return;
        }
        await gateway.Api.Providers.ChangeAsync("bench", new JsonObject
        {
            ["address"] = "localhost", ["port"] = simulator!.SmtpPort, ["authority"] = simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
        }, CancellationToken.None);
        var started = await gateway.Api.Providers.AuthorizeAsync("bench", CancellationToken.None);
        using var browser = new HttpClient();
        (await browser.GetAsync(simulator.Consent(started["authorizeUrl"]!.GetValue<string>(), "noreply@contoso.example"))).EnsureSuccessStatusCode();
    }
}
