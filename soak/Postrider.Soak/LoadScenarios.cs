using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Postrider.Bench;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.Soak;

/// <summary>More mail than there is room for, mail for a long time, and a long queue beside a single mail.</summary>
internal static class LoadScenarios
{
    /// <summary>As many connections as one address may have, nearly.</summary>
    private const int Clients = 450;

    private static readonly SimulatorOptions Forgetful = new() { RawBytesKept = 0 };
    private const string Small = "From: App <noreply@contoso.example>\r\nTo: someone@example.org\r\nSubject: load\r\n\r\n";
    private static readonly string TenKilobytes = Small + string.Concat(Enumerable.Repeat("A line of seventy-two letters that looks like the text of a usual mail\r\n", 140));

    /// <summary>What is handed in comes at its own time, however long the answers take.</summary>
    public static async Task<Result> OverloadAsync(Soak soak)
    {
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: Forgetful);
        var capacity = await CapacityAsync(installation);
        var (rate, waits, refused, broken, unserved) = (3 * capacity, new ConcurrentBag<double>(), new ConcurrentBag<int>(), 0, 0);
        var free = new ConcurrentBag<SubmissionDialogue?>(Enumerable.Repeat<SubmissionDialogue?>(null, Clients));
        var (memory, sent, clock, under) = (0.0, 0L, Stopwatch.StartNew(), new ConcurrentDictionary<Task, bool>());
        while (!soak.IsOver)
        {
            await Task.Delay(5);
            memory = Math.Max(memory, ProcessTree.ResidentMegabytes(installation.Process.ProcessId));
            for (; sent < clock.Elapsed.TotalSeconds * rate; sent++)
                if (free.TryTake(out var dialogue))
                {
                    var one = OneAsync(dialogue);
                    under[one] = true;
                    _ = one.ContinueWith(done => under.TryRemove(done, out _), TaskScheduler.Default);
                }
                else
                    unserved++;
        }
        await Task.WhenAll(under.Keys);
        foreach (var dialogue in free)
            dialogue?.Dispose();
        var after = Stopwatch.StartNew();
        await GatewayProcess.EventuallyAsync(async () => await QuickAsync(installation) ? installation : null, "a single mail is taken at once again");
        var (p99, took) = (Soak.Percentile(waits, 0.99), waits.Count / clock.Elapsed.TotalSeconds);
        return new Result("T43", "three times as much mail as it can take, over as many connections as one address may have (SQLite, 10 KiB)", "accept p99 ≤ 2 s; what is refused is refused with 421, 452 or 429, nothing hangs; ≤ 600 MB; well again within 30 s",
            string.Create(CultureInfo.InvariantCulture, $"taken alone {capacity:N0}/s; offered {rate:N0}/s, taken {took:N0}/s; accept p50 {Soak.Percentile(waits, 0.5):N0}, p99 {p99:N0} ms; {unserved:N0} found no free connection, {refused.Count:N0} refused, {broken} connections lost; {memory:N0} MB at most; a single mail within {after.Elapsed.TotalSeconds:0.0} s"),
            took < 0.9 * rate && p99 <= 2000 && refused.All(code => code is 421 or 452) && broken == 0 && memory <= 600 && after.Elapsed < TimeSpan.FromSeconds(30));

        async Task OneAsync(SubmissionDialogue? dialogue)
        {
            var asked = Stopwatch.GetTimestamp();
            try
            {
                dialogue ??= await SubmissionDialogue.OpenAsync(installation.Gateway.Smtp, CancellationToken.None);
                await dialogue.BeginAsync(Installation.Mailbox, "someone@example.org", CancellationToken.None);
                await dialogue.FinishAsync(TenKilobytes, CancellationToken.None);
                waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
            catch (SmtpRefusedException no)
            {
                refused.Add(no.Code);
                dialogue?.Dispose();
                dialogue = null;
            }
            catch (IOException)
            {
                Interlocked.Increment(ref broken);
                dialogue?.Dispose();
                dialogue = null;
            }
            free.Add(dialogue);
        }
    }

    /// <summary>Messages a second that as many sessions hand in, each the next when the last one is taken: it can take no more.</summary>
    private static async Task<double> CapacityAsync(Installation installation)
    {
        var (count, clock) = (0, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var dialogue = await SubmissionDialogue.OpenAsync(installation.Gateway.Smtp, CancellationToken.None);
            while (clock.Elapsed < TimeSpan.FromSeconds(10))
            {
                await dialogue.BeginAsync(Installation.Mailbox, "someone@example.org", CancellationToken.None);
                await dialogue.FinishAsync(TenKilobytes, CancellationToken.None);
                Interlocked.Increment(ref count);
            }
        }));
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task<bool> QuickAsync(Installation installation)
    {
        var asked = Stopwatch.GetTimestamp();
        using var dialogue = await SubmissionDialogue.OpenAsync(installation.Gateway.Smtp, CancellationToken.None);
        await dialogue.BeginAsync(Installation.Mailbox, "someone@example.org", CancellationToken.None);
        await dialogue.FinishAsync(TenKilobytes, CancellationToken.None);
        return Stopwatch.GetElapsedTime(asked) < TimeSpan.FromMilliseconds(250);
    }

    public static async Task<Result> EnduranceAsync(Soak soak)
    {
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: Forgetful);
        var (process, data) = (installation.Process.ProcessId, installation.Gateway.DataDirectory);
        var load = new SubmissionLoad(installation.Gateway.Smtp, soak.Seed);
        using var enough = new CancellationTokenSource();
        var running = load.RunAsync(10, int.MaxValue, enough.Token, TimeSpan.FromMilliseconds(100));
        var (samples, wal) = (new List<(double Hours, double Megabytes, double Handles)>(), 0L);
        while (!soak.IsOver)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            samples.Add((soak.Took.TotalHours, ProcessTree.ResidentMegabytes(process), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length));
            wal = Math.Max(wal, new FileInfo(Path.Combine(data, "postrider.db-wal")) is { Exists: true } file ? file.Length : 0);
        }
        await enough.CancelAsync();
        await running;
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, CancellationToken.None);
        // The first half is the program's warming up.
        var settled = samples.Skip(samples.Count / 2).ToList();
        var (memory, handles) = (Slope(settled, sample => sample.Megabytes), Slope(settled, sample => sample.Handles));
        var (lost, megabytes) = (new Arrivals(installation.Simulator, load).Lost.Count, wal / 1e6);
        return new Result("T44", "100 messages a second for the run's time (SQLite)", "RSS ≤ 1 MB more an hour (asked of 8 hours), handles flat, WAL ≤ 64 MB",
            string.Create(CultureInfo.InvariantCulture, $"{load.Accepted.Count:N0} accepted, {lost} lost; RSS {settled[0].Megabytes:N0} → {settled[^1].Megabytes:N0} MB over the second half of {soak.Took.TotalMinutes:0} minutes (slope {memory:+0.0;-0.0} MB/h), handles {settled[0].Handles:N0} → {settled[^1].Handles:N0} ({handles:+0;-0}/h), WAL at most {megabytes:0.0} MB"),
            lost == 0 && memory <= 1 && settled[^1].Handles <= settled[0].Handles + 10 && megabytes <= 64);
    }

    private static double Slope(IReadOnlyList<(double Hours, double Megabytes, double Handles)> samples, Func<(double Hours, double Megabytes, double Handles), double> of)
    {
        var (x, y) = (samples.Average(sample => sample.Hours), samples.Average(of));
        return samples.Sum(sample => (sample.Hours - x) * (of(sample) - y)) / samples.Sum(sample => (sample.Hours - x) * (sample.Hours - x));
    }

    public static async Task<Result> FairnessAsync(Soak soak)
    {
        const int Queue = 100_000, PerMinute = 60;
        await using var installation = await Installation.StartAsync(connect: false, alone: true, simulatorOptions: Forgetful);
        await installation.AddProviderAsync(with: Soak.Limits(messagesPerMinute: PerMinute), connect: false);
        var load = new SubmissionLoad(installation.Gateway.Smtp, soak.Seed);
        await load.RunAsync(20, Queue, CancellationToken.None);
        await installation.ConnectAsync();
        var arrivals = installation.Simulator.State.Messages;
        await arrivals.ArrivedAsync(20);
        var waits = new List<double>();
        for (var one = 0; one < 10; one++)
        {
            await soak.PauseAsync(500, 3000);
            var asked = Stopwatch.GetTimestamp();
            await installation.SendAsync($"single-{one}@example.com");
            await GatewayProcess.EventuallyAsync(() => Task.FromResult(arrivals.Read(Math.Max(0, arrivals.Count - 50)).Any(message => message.To.Contains($"single-{one}@example.com")) ? arrivals : null), "the single mail has left", TimeSpan.FromMinutes(2));
            waits.Add(Stopwatch.GetElapsedTime(asked).TotalSeconds);
        }
        return new Result("T46", $"one program queues {Queue:N0} messages at a provider with {PerMinute} a minute, another sends one", "it leaves within 5 s and its place in the minute (1 s)",
            string.Create(CultureInfo.InvariantCulture, $"ten single mails behind {load.Accepted.Count:N0}: {waits.Min():0.0} to {waits.Max():0.0} s"), waits.Max() <= 6);
    }
}
