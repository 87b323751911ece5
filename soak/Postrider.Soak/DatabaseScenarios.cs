using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Postrider.Client;
using Postrider.EndToEnd.Clusters;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.Mail;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Soak;

/// <summary>PostgreSQL is restarted, or kept from clearing away.</summary>
internal static class DatabaseScenarios
{
    private const int Restarts = 20;

    public static async Task<Result> RestartsAsync(Soak soak)
    {
        var server = await PostgresServer.StartAsync();
        try
        {
            await using var cluster = await Cluster.StartAsync(1, server: server);
            var load = new SubmissionLoad(cluster.First.Smtp, soak.Seed);
            using var enough = new CancellationTokenSource();
            var running = load.RunAsync(10, int.MaxValue, enough.Token, TimeSpan.FromMilliseconds(100));
            var (process, back, restarts) = (cluster.First.ProcessId, new List<double>(), 0);
            for (; restarts < Restarts && !soak.IsOver; restarts++)
            {
                await soak.PauseAsync(1000, 3000);
                await server.DownAsync(restarts % 2 == 0 ? "fast" : "immediate");
                await soak.PauseAsync(500, 2500);
                await server.UpAsync();
                var up = Stopwatch.GetTimestamp();
                await GatewayProcess.EventuallyAsync(async () => await TakesAsync(cluster.First) ? cluster : null, "mail is taken again");
                back.Add(Stopwatch.GetElapsedTime(up).TotalSeconds);
            }
            await enough.CancelAsync();
            await running;
            await cluster.ReleaseSuspectsAsync();
            var arrivals = new Arrivals(cluster.Simulator, load);
            var (copies, uncertain) = (load.Accepted.Sum(id => Math.Max(0, arrivals.Duplicated.GetValueOrDefault(id) - 1)), await cluster.CountAsync("attempts where outcome = 'uncertain'"));
            var alive = Process.GetProcessById(process) is { HasExited: false };
            return new Result("T09", "PostgreSQL restarted, fast and immediate in turn, under load", "451 while it is down; mail taken again within 5 s; 0 lost; the process stays",
                string.Create(CultureInfo.InvariantCulture, $"{restarts} restarts, {load.Accepted.Count:N0} accepted, {arrivals.Lost.Count} lost, {copies} copies of {uncertain} told as uncertain, {load.Refusals.Count(code => code == 451):N0} refused with 451 and {load.Refusals.Count(code => code != 451)} otherwise, taken again after at most {back.Max():0.0} s"),
                arrivals.Lost.Count == 0 && copies <= uncertain && load.Refusals.All(code => code == 451) && back.Max() <= 5 && alive);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<bool> TakesAsync(GatewayProcess node)
    {
        try
        {
            await Cluster.SendAsync(node);
            return true;
        }
        catch (PostriderException)
        {
            return false;
        }
    }

    public static async Task<Result> SnapshotAsync(Soak soak)
    {
        var server = await PostgresServer.StartAsync();
        try
        {
            await using var cluster = await Cluster.StartAsync(1, server: server,
                settings: new Dictionary<string, string> { ["POSTRIDER__Alerts__TransactionAge"] = "00:00:30", ["POSTRIDER__Alerts__LookEvery"] = "00:00:05" });
            var load = new SubmissionLoad(cluster.First.Smtp, soak.Seed);
            using var enough = new CancellationTokenSource();
            var running = load.RunAsync(30, int.MaxValue, enough.Token, TimeSpan.FromMilliseconds(80));
            // Claims of the same rows, by a worker beside the node's own.
            await using var database = await Database.OpenAsync(new StorageOptions { ConnectionString = cluster.ConnectionString }, TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
            var queue = new MessageQueue(database, new SuppressionList(database, database.Clock), database.Clock, Options.Create(new MailOptions()));
            var provider = (await database.ReadAsync(session => session.QueryAsync<string>("select id from providers"))).Single();
            var began = Stopwatch.GetTimestamp();
            await ClaimsAsync(TimeSpan.FromSeconds(10));
            var before = await ClaimsAsync(soak.Length / 5);
            await using var somebody = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=False;Application Name=nightly-report");
            await somebody.OpenAsync();
            await using var transaction = await somebody.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            await using (var look = new NpgsqlCommand("select count(*) from queue", somebody, transaction))
                await look.ExecuteScalarAsync();
            var held = Stopwatch.StartNew();
            await ClaimsAsync(soak.Left * 3 / 4);
            var last = await ClaimsAsync(soak.Left);
            var rate = load.Accepted.Count / Stopwatch.GetElapsedTime(began).TotalSeconds;
            var alert = (await cluster.First.Http.GetStringAsync("/api/v1/alerts")) is var told && told.Contains("database.transaction", StringComparison.Ordinal)
                        && told.Contains($"Process {somebody.ProcessID} (nightly-report", StringComparison.Ordinal);
            await enough.CancelAsync();
            await running;
            await transaction.RollbackAsync();
            return new Result("T11", "an old snapshot is held on PostgreSQL under load", "claim p99 ≤ 50 ms; an alert with its process and program",
                string.Create(CultureInfo.InvariantCulture, $"{rate:N0} messages/s; claims beside the node's own before it p50 {Soak.Percentile(before, 0.5):0.0}, p99 {Soak.Percentile(before, 0.99):0.0} ms, and when it had been held for {held.Elapsed.TotalMinutes:0.0} minutes p50 {Soak.Percentile(last, 0.5):0.0}, p99 {Soak.Percentile(last, 0.99):0.0} ms; alert {(alert ? "raised" : "missing")}"),
                Soak.Percentile(last, 0.99) <= 50 && alert);

            async Task<List<double>> ClaimsAsync(TimeSpan during)
            {
                var (took, clock) = (new List<double>(), Stopwatch.StartNew());
                while (clock.Elapsed < during)
                {
                    await Task.Delay(50);
                    var asked = Stopwatch.GetTimestamp();
                    var claimed = await queue.ClaimAsync(provider, 1, CancellationToken.None);
                    took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                    if (claimed.Count > 0)
                        await queue.ReleaseAsync(claimed);
                }
                return took;
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
