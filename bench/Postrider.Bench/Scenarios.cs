using Postrider.Tests.Postgres;

namespace Postrider.Bench;

/// <summary>The scenarios whose work a peer does too.</summary>
internal static class Scenarios
{
    public static async Task RawAsync(Bench bench)
    {
        var token = await MailKitLoop.TokenAsync(bench.Simulator);
        await bench.MeasureAsync("raw", "stand-in alone, raw sessions", bench.Settings.Many, null,
            () => RawSender.SendAsync(bench.Simulator.SmtpPort, bench.Simulator.CaFile, token, Settings.Sessions, bench.Settings.Many));
    }

    public static Task EndToEndAsync(Bench bench) => InAndOutAsync(bench, "end-to-end", keepOpen: true);

    public static Task PerConnectionAsync(Bench bench) => InAndOutAsync(bench, "per-connection", keepOpen: false);

    private static async Task InAndOutAsync(Bench bench, string scenario, bool keepOpen)
    {
        var (many, few) = (bench.Settings.Many / (keepOpen ? 1 : 2), bench.Settings.Few);
        await using (var gateway = await bench.GatewayAsync(connected: true))
            await bench.MeasureAsync(scenario, Bench.Ours, many, gateway.Pid, () => bench.HandInAsync(gateway.Smtp, many, keepOpen, arrives: true));
        await bench.TryAsync(scenario, "Postfix", () => PeerAsync("Postfix", few, Postfix.StartAsync(bench.Simulator)));
        await bench.TryAsync(scenario, "Postfix, connections reused", () => PeerAsync("Postfix, connections reused", few, Postfix.StartAsync(bench.Simulator, reuse: true)));
        // With a connection a message it leaves some for a later look at its queue, forced or not, and a run does not come to its end.
        if (keepOpen)
            await bench.TryAsync(scenario, "Exim", async () => await PeerAsync("Exim", few / 2, Exim.StartAsync(bench.Simulator, await MailKitLoop.TokenAsync(bench.Simulator))));

        async Task PeerAsync<T>(string who, int messages, Task<T> starting) where T : MailServer
        {
            await using var peer = await starting;
            await bench.WarmAsync(peer.Smtp, 100, arrives: true);
            await bench.MeasureAsync(scenario, who, messages, peer.Pid, () => bench.HandInAsync(peer.Smtp, messages, keepOpen, arrives: true));
        }
    }

    /// <summary>The two engines in turn, a few seconds each: the machine's own speed changes within minutes. PostgreSQL as Debian's package
    /// brings it, on the same disk; it has had another database's mail before, as once it has run for a while it writes over the files of its
    /// log, and a new one makes each of them first. Another build of the gateway takes its turns too, where one is given.</summary>
    public static async Task EnginesAsync(Bench bench)
    {
        const int Turns = 8;
        var messages = bench.Settings.Many;
        var server = await PostgresServer.StartAsync();
        var gateways = new List<(string Who, Gateway Gateway, int? Server)>();
        try
        {
            await using (var first = await bench.GatewayAsync(connected: true, await server.NewDatabaseAsync()))
                await bench.HandInAsync(first.Smtp, messages, keepOpen: true, arrives: true);
            await server.RunAsync("checkpoint");
            string?[] programs = bench.Settings.Other is { } other ? [null, other] : [null];
            foreach (var program in programs)
            {
                var who = program is null ? Bench.Ours : "the other build";
                gateways.Add(($"{who} on SQLite", await bench.GatewayAsync(connected: true, program: program), null));
                gateways.Add(($"{who} on PostgreSQL", await bench.GatewayAsync(connected: true, await server.NewDatabaseAsync(), program), server.ProcessId));
            }
            bench.Simulator.State.Messages.Clear();
            for (var turn = 0; turn < Turns; turn++)
                foreach (var (who, gateway, behind) in turn % 2 == 0 ? gateways : gateways.AsEnumerable().Reverse())
                {
                    await bench.MeasureAsync("engines", who, messages / Turns, gateway.Pid,
                        () => bench.HandInAsync(gateway.Smtp, messages / Turns, keepOpen: true, arrives: true), behind);
                    bench.Simulator.State.Messages.Clear();
                }
        }
        finally
        {
            foreach (var (_, gateway, _) in gateways)
                await gateway.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    public static async Task AcceptAsync(Bench bench)
    {
        var (many, few) = (bench.Settings.Many, bench.Settings.Few);
        await using (var gateway = await bench.GatewayAsync(connected: false))
            await bench.MeasureAsync("accept", Bench.Ours, many, gateway.Pid, () => bench.HandInAsync(gateway.Smtp, many, keepOpen: true, arrives: false));
        await bench.TryAsync("accept", "Postfix", () => PeerAsync("Postfix", Postfix.StartAsync(bench.Simulator, hold: true)));
        await bench.TryAsync("accept", "Exim", async () => await PeerAsync("Exim", Exim.StartAsync(bench.Simulator, await MailKitLoop.TokenAsync(bench.Simulator), hold: true)));

        async Task PeerAsync<T>(string who, Task<T> starting) where T : MailServer
        {
            await using var peer = await starting;
            await bench.WarmAsync(peer.Smtp, 100, arrives: false);
            await bench.MeasureAsync("accept", who, few, peer.Pid, () => bench.HandInAsync(peer.Smtp, few, keepOpen: true, arrives: false));
        }
    }

    public static async Task DrainAsync(Bench bench) => await SendAsync(bench, "drain", bench.Simulator.SmtpPort, Settings.Sessions, bench.Settings.Many);

    public static async Task SlowNetworkAsync(Bench bench)
    {
        await using var proxy = new DelayingProxy(bench.Simulator.SmtpPort, TimeSpan.FromMilliseconds(50));
        await SendAsync(bench, "slow-network", proxy.Port, 3, bench.Settings.Quick ? 150 : 300);
    }

    private static async Task SendAsync(Bench bench, string scenario, int port, int lanes, int messages)
    {
        var token = await MailKitLoop.TokenAsync(bench.Simulator);
        await using (var gateway = await bench.GatewayAsync(connected: true))
        {
            // What has waited takes another way than what is fresh: it is warm when it was taken as often.
            await DrainAsync(gateway, Bench.UntilWarm, work => work());
            await gateway.ReachThroughAsync("bench", port, lanes);
            await DrainAsync(gateway, messages, work => bench.MeasureAsync(scenario, Bench.Ours, messages, gateway.Pid, work));
        }
        await MailKitLoop.SendAsync(bench.Simulator, bench.Simulator.SmtpPort, token, Settings.Sessions, Bench.UntilWarm, Settings.MessageBytes);
        await bench.MeasureAsync(scenario, "MailKit loop", messages, null, () => MailKitLoop.SendAsync(bench.Simulator, port, token, lanes, messages, Settings.MessageBytes));
        await bench.TryAsync(scenario, "Nodemailer, pooled", async () =>
        {
            await Nodemailer.InstallAsync();
            await bench.MeasureAsync(scenario, "Nodemailer, pooled", messages, null, () => Nodemailer.SendAsync(bench.Simulator, port, token, lanes, messages));
        });

        async Task DrainAsync(Gateway gateway, int filled, Func<Func<Task>, Task> run)
        {
            await gateway.Api.Providers.PauseAsync("bench", CancellationToken.None);
            await bench.HandInAsync(gateway.Smtp, filled, keepOpen: true, arrives: false);
            var before = bench.Simulator.State.Messages.Count;
            await run(async () =>
            {
                await gateway.Api.Providers.ResumeAsync("bench", CancellationToken.None);
                await bench.ArrivedAsync(before + filled);
            });
        }
    }

    public static async Task LatencyAsync(Bench bench)
    {
        var total = bench.Settings.Quick ? 100 : 400;
        var token = await MailKitLoop.TokenAsync(bench.Simulator);
        using var raw = new RawSender(bench.Simulator.SmtpPort, bench.Simulator.CaFile, token);
        await raw.OpenAsync();
        var alone = new List<double>();
        for (var i = 0; i < total; i++)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            await raw.SendAsync();
            alone.Add(clock.Elapsed.TotalMilliseconds);
            await Task.Delay(10);
        }
        await using var gateway = await bench.GatewayAsync(connected: true);
        var before = bench.Simulator.State.Messages.Count;
        var took = await new Load(gateway.Smtp, Settings.MessageBytes).OneByOneAsync(total, sent => bench.ArrivedAsync(before + sent));
        var provider = Percentile(alone, 0.5);
        bench.Figures.Add("latency", "provider's own time, p50", provider, "ms");
        bench.Figures.Add("latency", Bench.Ours + " above it, p50", Percentile(took, 0.5) - provider, "ms");
        bench.Figures.Add("latency", Bench.Ours + " above it, p99", Percentile(took, 0.99) - provider, "ms");
    }

    /// <summary>Its memory when it has rested for so long that it has given back what it needed before.</summary>
    internal static async Task RestAsync(Bench bench, Gateway gateway, string what)
    {
        await Task.Delay(TimeSpan.FromSeconds(20));
        bench.Figures.Add("memory", what, ProcessTree.ResidentMegabytes(gateway.Pid), "MB");
    }

    public static async Task MemoryAsync(Bench bench)
    {
        await using var gateway = await Gateway.StartAsync(bench.NewDataDirectory(), bench.Simulator.CaFile);
        await RestAsync(bench, gateway, "idle");
        await gateway.AddProviderAsync("bench", Bench.Mailbox);
        await gateway.ConnectProviderAsync("bench", Bench.Mailbox, bench.Simulator, bench.Simulator.SmtpPort);
        await bench.WarmAsync(gateway.Smtp, 500, arrives: true);
        await RestAsync(bench, gateway, "idle after 500 messages");
        var before = bench.Simulator.State.Messages.Count;
        var sending = new Load(gateway.Smtp, 25_000_000).SendAsync(20, 20, keepOpen: true);
        var arriving = bench.ArrivedAsync(before + 20);
        double peak = 0;
        while (!sending.IsCompleted || !arriving.IsCompleted)
        {
            peak = Math.Max(peak, ProcessTree.ResidentMegabytes(gateway.Pid));
            await Task.WhenAny(Task.WhenAll(sending, arriving), Task.Delay(20));
        }
        await sending;
        await arriving;
        bench.Figures.Add("memory", "20 clients with 25 MB each", peak, "MB");
    }

    public static double Percentile(List<double> values, double part)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Ceiling(part * sorted.Length) - 1];
    }
}
