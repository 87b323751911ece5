using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Postrider.Client;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Many providers with tokens: start, memory, and how their renewals leave.</summary>
internal static class ProvidersScenario
{
    private const string Scenario = "providers";

    /// <summary>Of an access token while they are in use: renewals come after three quarters of it.</summary>
    private const int Life = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(Bench bench)
    {
        var (many, used, data) = (bench.Settings.Providers, bench.Settings.Providers / 10, bench.NewDataDirectory());
        var refreshToken = await GrantAsync(bench.Simulator);
        var clock = Stopwatch.StartNew();
        await using (var gateway = await Gateway.StartAsync(data, bench.Simulator.CaFile))
            await Parallel.ForEachAsync(Enumerable.Range(0, many), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => await AddAsync(gateway, bench.Simulator, number, refreshToken));
        bench.Figures.Add(Scenario, $"{many:N0} added over HTTP", many / clock.Elapsed.TotalSeconds, "providers/s");
        // As after ten days of being switched off: all are due at once.
        Execute(data, "update tokens set issued_at = (unixepoch() - 864000) * 1000, expires_at = (unixepoch() - 860400) * 1000");

        var identity = bench.Simulator.State.Identity;
        var full = await Gateway.StartAsync(data, bench.Simulator.CaFile);
        try
        {
            bench.Figures.Add(Scenario, "start to ready", full.StartTime.TotalSeconds, "s");
            bench.Figures.Add(Scenario, "resident after the start", ProcessTree.ResidentMegabytes(full.Pid), "MB");
            var began = Refreshes(bench);
            var cpu = ProcessTree.Cpu(full.Pid);
            clock.Restart();
            await SpreadAsync(bench, "all due at once", began, many, full.Pid);
            bench.Figures.Add(Scenario, "all due at once, renewed", many / clock.Elapsed.TotalSeconds, "renewals/s", (ProcessTree.Cpu(full.Pid) - cpu).TotalMicroseconds / many);
            bench.Figures.Add(Scenario, "resident after that", ProcessTree.ResidentMegabytes(full.Pid), "MB");

            // A tenth sends: their tokens are renewed ahead, whether or not more mail comes.
            bench.Simulator.State.Identity = identity with { AccessTokenSeconds = Life };
            Execute(data, $"update tokens set expires_at = (unixepoch() - 60) * 1000 where provider_id in (select id from providers order by name limit {used})");
            await full.DisposeAsync();
            full = await Gateway.StartAsync(data, bench.Simulator.CaFile);
            var before = bench.Simulator.State.Messages.Count;
            foreach (var batch in Names(used).Chunk(20))
                await Task.WhenAll(batch.Select(name => full.Api.Messages.SendAsync(new SendMessage { From = Bench.Mailbox, To = ["someone@example.org"], Subject = "Bench", Text = "Bench", Provider = name })));
            await bench.ArrivedAsync(before + used);
            var ends = Ends(data, used);
            began = Refreshes(bench);
            await SpreadAsync(bench, "in use, ahead of their end", began, used, full.Pid);
            var late = Issued(data, used).Count(token => token.Value > ends[token.Key]);
            bench.Figures.Add(Scenario, "in use, renewed too late", late, "tokens");
            bench.Figures.Add(Scenario, "resident, a tenth sending", ProcessTree.ResidentMegabytes(full.Pid), "MB");
        }
        finally
        {
            bench.Simulator.State.Identity = identity;
            await full.DisposeAsync();
        }
    }

    /// <summary>Counts the renewals of each second until all have come.</summary>
    private static async Task SpreadAsync(Bench bench, string what, long before, int expected, int pid)
    {
        var (seconds, last, peak) = (new List<double>(), before, 0.0);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var clock = Stopwatch.StartNew();
        while (last < before + expected && await timer.WaitForNextTickAsync())
        {
            var now = Refreshes(bench);
            if (now > before)
                seconds.Add(now - last);
            last = now;
            peak = Math.Max(peak, ProcessTree.ResidentMegabytes(pid));
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{last - before} of {expected} renewals after {Patience.TotalMinutes:0} minutes");
        }
        bench.Figures.Add(Scenario, $"{what}, p50", Scenarios.Percentile(seconds, 0.5), "renewals in a second");
        bench.Figures.Add(Scenario, $"{what}, most", seconds.Max(), "renewals in a second");
        bench.Figures.Add(Scenario, $"{what}, most memory", peak, "MB");
    }

    private static long Refreshes(Bench bench) => bench.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token");

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(Name);

    private static string Name(int number) => $"provider{number:00000}";

    private static async Task AddAsync(Gateway gateway, SimulatorApp simulator, int number, string refreshToken) => await gateway.Api.Providers.AddAsync(new JsonObject
    {
        ["name"] = Name(number), ["type"] = "microsoft", ["userName"] = Bench.Mailbox, ["tenant"] = Seed.TenantId.ToString(),
        ["address"] = "localhost", ["port"] = simulator.SmtpPort, ["authority"] = simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
        ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["refreshToken"] = refreshToken,
    }, CancellationToken.None);

    /// <summary>One grant for all: the stand-in leaves a refresh token valid when it hands out the next, as Microsoft does.</summary>
    private static async Task<string> GrantAsync(SimulatorApp simulator)
    {
        const string Redirect = "http://localhost:1/oauth/callback", Scope = "https://outlook.office.com/SMTP.Send offline_access";
        var platform = $"{simulator.HttpUrl.GetLeftPart(UriPartial.Authority)}/{Seed.TenantId}/oauth2/v2.0";
        var landed = simulator.Consent($"{platform}/authorize?client_id={Seed.ClientId}&response_type=code&redirect_uri={Uri.EscapeDataString(Redirect)}&scope={Uri.EscapeDataString(Scope)}&state=bench", Bench.Mailbox);
        var code = landed.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=', 2)).First(pair => pair[0] == "code")[1];
        using var client = new HttpClient();
        using var answer = await client.PostAsync(platform + "/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["client_id"] = Seed.ClientId.ToString(), ["client_secret"] = Seed.ClientSecret,
            ["code"] = Uri.UnescapeDataString(code), ["redirect_uri"] = Redirect, ["scope"] = Scope,
        }));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["refresh_token"]!.GetValue<string>();
    }

    private static Dictionary<string, long> Ends(string data, int count) => Times(data, "expires_at", count);

    private static Dictionary<string, long> Issued(string data, int count) => Times(data, "issued_at", count);

    private static Dictionary<string, long> Times(string data, string column, int count)
    {
        using var connection = Open(data);
        using var command = connection.CreateCommand();
        command.CommandText = $"select provider_id, {column} from tokens where provider_id in (select id from providers order by name limit {count})";
        using var reader = command.ExecuteReader();
        var times = new Dictionary<string, long>();
        while (reader.Read())
            times[reader.GetString(0)] = reader.GetInt64(1);
        return times;
    }

    private static void Execute(string data, string sql)
    {
        using var connection = Open(data);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string data)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(data, "postrider.db")};Pooling=False;Default Timeout=10");
        connection.Open();
        return connection;
    }
}
