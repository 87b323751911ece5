using System.Diagnostics;
using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>What a long queue and a long history change: throughput, start, memory, the list of messages.</summary>
internal static class BacklogScenario
{
    public static async Task RunAsync(Bench bench)
    {
        var (many, runs) = (bench.Settings.Many, bench.Settings.Runs);
        await using (var empty = await bench.GatewayAsync(connected: true))
            for (var i = 0; i < runs; i++)
                await EndToEndAsync(bench, "queue empty", empty, many);

        var data = bench.NewDataDirectory();
        await using (var gateway = await Gateway.StartAsync(data, bench.Simulator.CaFile))
        {
            await gateway.AddProviderAsync("other", Seed.Alerts);
            await bench.HandInAsync(gateway.Smtp, 1, keepOpen: true, arrives: false);
        }
        var clock = Stopwatch.StartNew();
        await using (var connection = await Backlog.OpenAsync(data))
            await Backlog.CopyAsync(connection, bench.Settings.Backlog);
        // What we have written is not the gateway's to flush.
        using (var sync = Process.Start("sync"))
            await sync.WaitForExitAsync();
        Console.WriteLine($"  {bench.Settings.Backlog:N0} messages copied in {clock.Elapsed.TotalSeconds:N0} s");

        await using (var gateway = await Gateway.StartAsync(data, bench.Simulator.CaFile))
        {
            bench.Figures.Add("start", "to ready, all waiting", gateway.StartTime.TotalSeconds, "s");
            await gateway.AddProviderAsync("bench", Seed.NoReply);
            await gateway.ConnectProviderAsync("bench", Seed.NoReply, bench.Simulator, bench.Simulator.SmtpPort);
            await Scenarios.RestAsync(bench, gateway, "all waiting");
            bench.Simulator.State.Smtp = bench.Simulator.State.Smtp with { CheckSender = false, CheckFromHeader = false };
            await bench.WarmAsync(gateway.Smtp, Bench.UntilWarm, arrives: true);
            for (var i = 0; i < runs; i++)
                await EndToEndAsync(bench, "all waiting elsewhere", gateway, many);
            await bench.TryAsync("backlog", "all waiting here", async () =>
            {
                var before = bench.Simulator.State.Messages.Count;
                await gateway.ConnectProviderAsync("other", Seed.Alerts, bench.Simulator, bench.Simulator.SmtpPort);
                await bench.ArrivedAsync(before + 500);
                before = bench.Simulator.State.Messages.Count;
                await bench.MeasureAsync("backlog", "draining, all waiting here", many, gateway.Pid, () => bench.ArrivedAsync(before + many));
            });
        }
        await bench.TryAsync("sent-page", Bench.Ours, () => SentPageAsync(bench, data));
    }

    private static Task EndToEndAsync(Bench bench, string who, Gateway gateway, int many) =>
        bench.MeasureAsync("backlog", who, many, gateway.Pid, () => bench.HandInAsync(gateway.Smtp, many, keepOpen: true, arrives: true));

    private static async Task SentPageAsync(Bench bench, string data)
    {
        await Backlog.AgeAsync(data);
        await using var gateway = await Gateway.StartAsync(data, bench.Simulator.CaFile);
        bench.Figures.Add("start", "to ready, after a long time of sending", gateway.StartTime.TotalSeconds, "s");
        await gateway.Api.Providers.PauseAsync("other", CancellationToken.None);
        var (recent, old) = (Day(-1), Day(-25));
        string[] filters =
        [
            "", "state=sent", "state=failed", "state=queued", "state=cancelled", "state=held", "provider=other", "provider=bench",
            "from=sender7@contoso.example", "from=rare@contoso.example", "from=nobody@contoso.example",
            "to=person77@example.org", "to=rare@example.org", "to=nobody@example.org",
            $"since={recent}", $"until={old}", $"since={old}&until={Day(-24)}",
            "q=Bench", "q=Bench%20777", "q=nosuchword",
            "state=failed&from=sender7@contoso.example", "state=failed&provider=other&to=person77@example.org", $"state=failed&until={old}",
            "state=queued&provider=other", "state=sent&from=rare@contoso.example&q=Bench", $"provider=other&to=person77@example.org&since={recent}",
            "state=failed&q=nosuchword", "provider=bench&state=failed&q=nosuchword",
        ];
        // Everyone is measured warm; what the first to ask has to wait for is said apart.
        var cold = new List<double>();
        foreach (var filter in filters)
            await AskAsync(filter, cold);
        bench.Figures.Add("sent-page", "asked for the first time, max", cold.Max(), "ms");
        var all = new List<double>();
        foreach (var filter in filters)
        {
            var took = new List<double>();
            // Slow beyond doubt: no need to say it so often.
            for (var i = 0; i < (bench.Settings.Quick ? 4 : 40) && took.All(one => one < 2000); i++)
                await AskAsync(filter, took);
            all.AddRange(took);
            var name = filter.Length == 0 ? "no filter" : Uri.UnescapeDataString(filter);
            bench.Figures.Add("sent-page", name, Scenarios.Percentile(took, 0.99), "ms p99");
        }
        bench.Figures.Add("sent-page", "all filters, p50", Scenarios.Percentile(all, 0.5), "ms");
        bench.Figures.Add("sent-page", "all filters, p99", Scenarios.Percentile(all, 0.99), "ms");
        bench.Figures.Add("sent-page", "all filters, max", all.Max(), "ms");

        // The first page and the two behind it.
        async Task AskAsync(string filter, List<double> took)
        {
            string? cursor = null;
            for (var page = 0; page < 3 && (page == 0 || cursor is not null); page++)
            {
                var clock = Stopwatch.StartNew();
                var answer = await gateway.Client.GetStringAsync(new Uri($"api/v1/messages?{filter}{(cursor is null ? "" : "&cursor=" + cursor)}", UriKind.Relative));
                took.Add(clock.Elapsed.TotalMilliseconds);
                cursor = JsonNode.Parse(answer)!["nextCursor"]?.GetValue<string>();
            }
        }
    }

    private static string Day(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
