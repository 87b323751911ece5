using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Postrider.Bench;
using Postrider.EndToEnd.Crashes;
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
        var (sockets, greetings) = (new ConcurrentBag<Socket>(), new ConcurrentBag<double>());
        await Parallel.ForEachAsync(Enumerable.Range(0, Many), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, _) =>
        {
            var asked = Stopwatch.GetTimestamp();
            var socket = await ConnectAsync(door, number / PerAddress);
            if (await LineAsync(socket) is ['2', '2', '0', ..])
                greetings.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            sockets.Add(socket);
        });
        var refused = 0;
        for (var one = 0; one < TooMany; one++)
        {
            using var socket = await ConnectAsync(door, 100);
            refused += await LineAsync(socket) is ['4', '2', '1', ..] ? 1 : 0;
        }
        var growth = ProcessTree.ResidentMegabytes(process) - before;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(sockets.Select(EndAsync)).WaitAsync(Patience + TimeSpan.FromSeconds(30));
        return new Result("T33", $"{Many:N0} connections that say nothing, and {TooMany} beyond the limit", "≤ 100 MB more; 220 within 100 ms; 421 beyond the limit; all closed when their time is over",
            string.Create(CultureInfo.InvariantCulture, $"{growth:+0;-0} MB; {greetings.Count:N0} greeted, p99 after {Soak.Percentile(greetings, 0.99):0.0} ms, the last after {greetings.Max():0} ms; {refused} of {TooMany} told 421; all closed {clock.Elapsed.TotalSeconds:0} s later (time-out {Patience.TotalSeconds:0} s)"),
            growth <= 100 && greetings.Count == Many && Soak.Percentile(greetings, 0.99) <= 100 && refused == TooMany);
    }

    public static async Task<Result> SlowAsync(Soak soak)
    {
        const int Many = 2_000;
        await using var installation = await StartAsync(Many + 100);
        var door = installation.Gateway.Smtp;
        var alone = await OthersAsync(TimeSpan.FromSeconds(20));
        var slow = new ConcurrentBag<Task<double>>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Many), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, cancellation) =>
        {
            var socket = await ConnectAsync(door, number / PerAddress);
            _ = await LineAsync(socket);
            if (number % 2 == 0)
                foreach (var line in new[] { "EHLO slow.example", $"MAIL FROM:<{Installation.Mailbox}>", "RCPT TO:<someone@example.org>", "DATA" })
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellation);
                    while (await LineAsync(socket) is [_, _, _, '-', ..])
                    {
                        // The last line of a reply has a blank there.
                    }
                }
            slow.Add(DripAsync(socket));
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
    private static async Task<Socket> ConnectAsync(IPEndPoint door, int address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(address + 1)]), 0));
        await socket.ConnectAsync(door);
        return socket;
    }

    private static async Task<string> LineAsync(Socket socket)
    {
        var (line, octet) = (new StringBuilder(), new byte[1]);
        while (await socket.ReceiveAsync(octet) == 1 && octet[0] != '\n')
            line.Append((char)octet[0]);
        return line.ToString();
    }

    /// <returns>Seconds until the server ended it.</returns>
    private static async Task<double> DripAsync(Socket socket)
    {
        var clock = Stopwatch.StartNew();
        var ended = EndAsync(socket);
        while (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(10))) != ended)
            try
            {
                await socket.SendAsync("x"u8.ToArray());
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                break;
            }
        await ended;
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task EndAsync(Socket socket)
    {
        try
        {
            var last = new byte[256];
            while (await socket.ReceiveAsync(last) > 0)
            {
                // What it says before it ends the connection.
            }
        }
        catch (SocketException)
        {
            // Ended as well.
        }
        socket.Dispose();
    }
}
