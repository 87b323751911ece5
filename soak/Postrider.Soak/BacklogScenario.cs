using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postrider.Bench;
using Postrider.Client;
using Postrider.EndToEnd.Clusters;
using Postrider.EndToEnd.Running;
using Postrider.Mail;
using Postrider.Mail.Queue;
using Postrider.Simulator;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Soak;

/// <summary>A million messages wait, written by statements while the gateway stands still: what that costs, beside a queue of some thousands.</summary>
internal static class BacklogScenario
{
    /// <summary>So many are sent until all is compiled, and so many in each stretch that is measured.</summary>
    private const int UntilWarm = 10_000, Stretch = 10_000, Stretches = 3;

    /// <summary>What the long queue is held against; the last thousand are not measured, as lanes run dry then.</summary>
    private const int Few = UntilWarm + Stretch * Stretches + 1000;

    private const int Claims = 500, ClaimedAtOnce = 20, Looks = 50;

    private static readonly SimulatorOptions Forgetful = new() { RawBytesKept = 0 };

    /// <summary>A gateway, and the way into its database while it stands still.</summary>
    private sealed record Place(SimulatorApp Simulator, Func<GatewayProcess> Gateway, Func<Task> StartAsync, Func<Task<DbConnection>> OpenAsync, StorageOptions Storage);

    public static async Task<Result> OnSqliteAsync(Soak soak)
    {
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: Forgetful);
        var data = installation.Gateway.DataDirectory;
        return await RunAsync("T12", "SQLite", soak, new Place(installation.Simulator, () => installation.Process, installation.RestartAsync,
            () => Backlog.OpenAsync(data), StorageOptions.ForFile(Path.Combine(data, "postrider.db"))));
    }

    public static async Task<Result> OnPostgresAsync(Soak soak)
    {
        var server = await PostgresServer.StartAsync();
        try
        {
            await using var cluster = await Cluster.StartAsync(1, Forgetful, server: server);
            return await RunAsync("T12 on PostgreSQL", "PostgreSQL", soak, new Place(cluster.Simulator, () => cluster.First, () => cluster.RestartAsync(cluster.First),
                () => Backlog.OpenServerAsync(cluster.ConnectionString), new StorageOptions { ConnectionString = cluster.ConnectionString }));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<Result> RunAsync(string number, string engine, Soak soak, Place place)
    {
        // The short queue before the long one and behind it, as the machine's own speed changes; and once more than is told of, so that the
        // provider, which is in this process, is warm too.
        var before = new List<double>();
        for (var round = 0; round < 2; round++)
        {
            await FillAsync(place, Few);
            await place.StartAsync();
            before = await DrainAsync(place, Stretches);
            await GatewayProcess.EventuallyAsync(async () => (await place.Gateway().Api.Queue.GetAsync()).Waiting == 0 ? place : null, "the short queue is empty", TimeSpan.FromMinutes(2));
        }
        var waiting = Math.Max(soak.Waiting, Few);
        var filling = Stopwatch.StartNew();
        await FillAsync(place, waiting);
        Console.WriteLine($"{waiting:N0} messages written in {filling.Elapsed.TotalSeconds:N0} s");
        var claims = await ClaimsAsync(place);
        var clock = Stopwatch.StartNew();
        await place.StartAsync();
        var (start, memory) = (clock.Elapsed.TotalSeconds, Memory());
        var (page, figures) = (await PageAsync(place.Gateway()), await FiguresAsync(place.Gateway()));
        memory = Math.Max(memory, Memory());
        var many = Middle(await DrainAsync(place, 2 * Stretches, () => memory = Math.Max(memory, Memory())));
        await ShortenAsync(place);
        await place.StartAsync();
        var few = Middle([.. before, .. await DrainAsync(place, Stretches)]);
        var (claim, shown, told) = (Soak.Percentile(claims, 0.99), Soak.Percentile(page, 0.99), Soak.Percentile(figures, 0.99));
        return new Result(number, $"{waiting:N0} messages wait ({engine})", "start ≤ 10 s; claim p99 ≤ 20 ms; RSS ≤ 512 MB; queue page ≤ 500 ms; drain ≥ 90 % of a short queue's rate",
            string.Create(CultureInfo.InvariantCulture, $"started in {start:0.0} s; claims of {ClaimedAtOnce} p50 {Soak.Percentile(claims, 0.5):0.0}, p99 {claim:0.0} ms; {memory:N0} MB at most; queue page p50 {Soak.Percentile(page, 0.5):N0}, p99 {shown:N0} ms (first {page[0]:N0}), its figures by the API p50 {Soak.Percentile(figures, 0.5):N0}, p99 {told:N0} ms; drained at {many:N0} messages/s, {Few:N0} at {few:N0} ({many / few * 100:0} %)"),
            start <= 10 && claim <= 20 && memory <= 512 && shown <= 500 && told <= 500 && many >= 0.9 * few);

        double Memory() => ProcessTree.ResidentMegabytes(place.Gateway().ProcessId);
    }

    /// <summary>Stops the gateway with so many messages waiting for a provider that is paused.</summary>
    private static async Task FillAsync(Place place, int count)
    {
        var gateway = place.Gateway();
        await gateway.Api.Providers.PauseAsync(Installation.ProviderName, CancellationToken.None);
        await gateway.Api.Messages.SendAsync(new SendMessage { From = Installation.Mailbox, To = ["someone@example.org"], Subject = "Backlog", Text = new string('x', 1500) });
        await WhileStoppedAsync(place, connection => Backlog.CopyAsync(connection, count - 1));
    }

    /// <summary>Stops the gateway and leaves the first few of those that wait.</summary>
    private static async Task ShortenAsync(Place place)
    {
        await place.Gateway().Api.Providers.PauseAsync(Installation.ProviderName, CancellationToken.None);
        await WhileStoppedAsync(place, connection => Backlog.KeepAsync(connection, Few));
    }

    private static async Task WhileStoppedAsync(Place place, Func<DbConnection, Task> change)
    {
        var gateway = place.Gateway();
        if (await gateway.StopAsync() is var exitCode and not 0)
            throw new InvalidOperationException($"The gateway ended with {exitCode}:\n{gateway.Output}");
        await using var connection = await place.OpenAsync();
        await change(connection);
        // The gigabytes that were written at once lie in the machine's memory; of mail that came over hours the disk would have had them by now.
        using var sync = Process.Start("sync");
        await sync.WaitForExitAsync();
    }

    /// <summary>Claims as the gateway makes them, with nothing beside.</summary>
    private static async Task<List<double>> ClaimsAsync(Place place)
    {
        await using var database = await Database.OpenAsync(place.Storage, TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
        var queue = new MessageQueue(database, new SuppressionList(database, database.Clock), database.Clock, Options.Create(new MailOptions()));
        var provider = (await database.ReadAsync(session => session.QueryAsync<string>("select id from providers"))).Single();
        var took = new List<double>();
        for (var claim = 0; claim < Claims; claim++)
        {
            var asked = Stopwatch.GetTimestamp();
            var claimed = await queue.ClaimAsync(provider, ClaimedAtOnce, CancellationToken.None);
            took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            if (claimed.Count != ClaimedAtOnce)
                throw new InvalidOperationException($"{claimed.Count} of {ClaimedAtOnce} could be claimed.");
            await queue.ReleaseAsync(claimed);
        }
        return took;
    }

    private static Task<List<double>> FiguresAsync(GatewayProcess gateway) => TimedAsync(() => gateway.Api.Queue.GetAsync());

    private static async Task<List<double>> PageAsync(GatewayProcess gateway)
    {
        using var browser = new Browser(gateway.HttpUrl);
        await browser.SetUpAsync((await gateway.Api.Console.LinkAsync(null, CancellationToken.None)).Url);
        return await TimedAsync(() => browser.SeeAsync("/queue"));
    }

    private static async Task<List<double>> TimedAsync(Func<Task> look)
    {
        var took = new List<double>();
        for (var one = 0; one < Looks; one++)
        {
            var asked = Stopwatch.GetTimestamp();
            await look();
            took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
        return took;
    }

    private static double Middle(IEnumerable<double> rates) => Soak.Percentile([.. rates], 0.5);

    /// <returns>Messages a second, of each stretch.</returns>
    private static async Task<List<double>> DrainAsync(Place place, int stretches, Action? look = null)
    {
        var (arrivals, rates) = (place.Simulator.State.Messages, new List<double>());
        var until = arrivals.Count + UntilWarm;
        await place.Gateway().Api.Providers.ResumeAsync(Installation.ProviderName, CancellationToken.None);
        await arrivals.ArrivedAsync(until).WaitAsync(TimeSpan.FromMinutes(5));
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var (before, clock) = (arrivals.Count, Stopwatch.StartNew());
            await arrivals.ArrivedAsync(until += Stretch).WaitAsync(TimeSpan.FromMinutes(5));
            rates.Add((arrivals.Count - before) / clock.Elapsed.TotalSeconds);
            look?.Invoke();
        }
        return rates;
    }
}
