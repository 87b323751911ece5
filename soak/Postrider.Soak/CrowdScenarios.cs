using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Postrider.Bench;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Hostile;
using Postrider.EndToEnd.Running;

namespace Postrider.Soak;

/// <summary>More connections than anybody needs: such as say nothing, and such as say it as slowly as they can.</summary>
internal static class CrowdScenarios
{
    private const int PerAddress = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<Result> IdleAsync(Soak soak)
    {
        const int Many = 10_000, TooMany = 50;
        await using var installation = await StartAsync(Many);
        var (process, door) = (installation.Process.ProcessId, installation.Gateway.Smtp);
        await Task.Delay(TimeSpan.FromSeconds(20));
        var before = ProcessTree.ResidentMegabytes(process);
        var (connections, greetings) = (new ConcurrentBag<RawSmtp>(), new ConcurrentBag<double>());
        await Parallel.ForEachAsync(Enumerable.Range(0, Many), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
        {
            var asked = Stopwatch.GetTimestamp();
            var smtp = await ConnectAsync(door, number / PerAddress);
            if (await smtp.ReplyAsync() is ['2', '2', '0', ..])
                greetings.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            connections.Add(smtp);
        });
        var refused = 0;
        for (var one = 0; one < TooMany; one++)
        {
            await using var smtp = await ConnectAsync(door, 100);
            refused += await smtp.ReplyAsync() is ['4', '2', '1', ..] ? 1 : 0;
        }
        var growth = ProcessTree.ResidentMegabytes(process) - before;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(connections.Select(smtp => smtp.RestAsync())).WaitAsync(Patience + TimeSpan.FromSeconds(30));
        var closed = clock.Elapsed.TotalSeconds;
        foreach (var smtp in connections)
            await smtp.DisposeAsync();
        return new Result("T33", $"{Many:N0} connections that say nothing, and {TooMany} beyond the limit", "≤ 100 MB more; 220 within 100 ms; 421 beyond the limit; all closed when their time is over",
            string.Create(CultureInfo.InvariantCulture, $"{growth:+0;-0} MB; {greetings.Count:N0} greeted, p99 after {Soak.Percentile(greetings, 0.99):0.0} ms, the last after {greetings.Max():0} ms; {refused} of {TooMany} told 421; all closed {closed:0} s later (time-out {Patience.TotalSeconds:0} s)"),
            growth <= 100 && greetings.Count == Many && Soak.Percentile(greetings, 0.99) <= 100 && refused == TooMany);
    }

    public static async Task<Result> SlowAsync(Soak soak)
    {
        const int Many = 2_000;
        await using var installation = await StartAsync(Many + 100);
        var door = installation.Gateway.Smtp;
        var alone = await OthersAsync(TimeSpan.FromSeconds(20));
        var slow = new ConcurrentBag<Task<double>>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Many), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
        {
            var smtp = await ConnectAsync(door, number / PerAddress);
            await smtp.ReplyAsync();
            if (number % 2 == 0)
                foreach (var line in new[] { "EHLO slow.example", $"MAIL FROM:<{Installation.Mailbox}>", "RCPT TO:<someone@example.org>", "DATA" })
                    await smtp.SayAsync(line);
            slow.Add(DripAsync(smtp));
        });
        var beside = await OthersAsync(TimeSpan.FromSeconds(20));
        var cut = await Task.WhenAll(slow).WaitAsync(Patience * 2);
        var (before, during) = (Soak.Percentile(alone, 0.99), Soak.Percentile(beside, 0.99));
        return new Result("T34", $"{Many:N0} clients that send an octet in ten seconds, half of them commands and half a message", "all cut when their time is over (60 s, 500 octets a second); others' p99 at most twice what it was",
            string.Create(CultureInfo.InvariantCulture, $"{cut.Length:N0} cut after {cut.Min():0} to {cut.Max():0} s; a message beside them p99 {during:0.0} ms, before {before:0.0} ms"),
            cut.Max() <= Patience.TotalSeconds + 15 && during <= Math.Max(2 * before, 10));

        async Task<List<double>> OthersAsync(TimeSpan during)
        {
            var (took, clock) = (new List<double>(), Stopwatch.StartNew());
            using var dialogue = await SubmissionDialogue.OpenAsync(door, CancellationToken.None);
            while (clock.Elapsed < during)
            {
                var asked = Stopwatch.GetTimestamp();
                await dialogue.BeginAsync(Installation.Mailbox, "someone@example.org", CancellationToken.None);
                await dialogue.FinishAsync($"From: {Installation.Mailbox}\r\nSubject: beside\r\n\r\nHello\r\n", CancellationToken.None);
                took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                await Task.Delay(20);
            }
            return took;
        }
    }

    private static Task<Installation> StartAsync(int connections) => Installation.StartAsync(alone: true, settings: new Dictionary<string, string>
    {
        ["POSTRIDER__Submission__MaxConnections"] = connections.ToString(CultureInfo.InvariantCulture),
        ["POSTRIDER__Submission__MaxConnectionsPerAddress"] = PerAddress.ToString(CultureInfo.InvariantCulture),
        ["POSTRIDER__Submission__CommandTimeout"] = Patience.ToString(), ["POSTRIDER__Submission__DataTimeout"] = Patience.ToString(),
    });

    /// <summary>From one of several addresses of this machine.</summary>
    private static async Task<RawSmtp> ConnectAsync(IPEndPoint door, int address)
    {
        var smtp = await RawSmtp.ConnectAsync(door, $"127.0.1.{address + 1}", greeting: false);
        smtp.Patience = Patience * 2;
        return smtp;
    }

    /// <returns>Seconds until the server ended it.</returns>
    private static async Task<double> DripAsync(RawSmtp smtp)
    {
        var clock = Stopwatch.StartNew();
        var ended = smtp.RestAsync();
        while (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(10))) != ended)
            try
            {
                await smtp.SendAsync("x");
            }
            catch (IOException)
            {
                break;
            }
        await ended;
        await smtp.DisposeAsync();
        return clock.Elapsed.TotalSeconds;
    }
}
