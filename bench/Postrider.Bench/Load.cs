using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.Bench;

/// <summary>Clients that hand in mail as fast as they are let: MAIL, RCPT and DATA in one write, then the message, then the next.</summary>
internal sealed class Load(IPEndPoint door, int messageBytes)
{
    private static readonly byte[] Envelope = "MAIL FROM:<noreply@contoso.example>\r\nRCPT TO:<someone@example.org>\r\nDATA\r\n"u8.ToArray();

    private readonly byte[] message = Encoding.ASCII.GetBytes(
        "From: Bench <noreply@contoso.example>\r\nTo: someone@example.org\r\nSubject: Bench\r\n\r\n" + Lines(messageBytes) + ".\r\n");

    /// <param name="keepOpen">False: a new connection for each message, as devices do.</param>
    public Task SendAsync(int sessions, int total, bool keepOpen)
    {
        var left = total;
        // Threads that wait: the least processor time for a client, which the servers that are measured then have.
        return Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => Task.Factory.StartNew(() =>
        {
            Socket? socket = null;
            var buffer = new byte[4096];
            while (Interlocked.Decrement(ref left) >= 0)
            {
                socket ??= Open(buffer);
                socket.Send(Envelope);
                Expect(socket, "354"u8, 3, buffer);
                socket.Send(message);
                Expect(socket, "250"u8, 1, buffer);
                if (keepOpen)
                    continue;
                socket.Send("QUIT\r\n"u8);
                socket.Dispose();
                socket = null;
            }
            socket?.Dispose();
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>One mail after the other on one session, with a rest between them.</summary>
    /// <param name="arrived">Ends when so many have arrived at the provider.</param>
    /// <returns>Milliseconds from the last byte's leaving to the arrival.</returns>
    public async Task<List<double>> OneByOneAsync(int total, Func<int, Task> arrived)
    {
        var buffer = new byte[4096];
        using var socket = Open(buffer);
        var took = new List<double>(total);
        for (var sent = 1; sent <= total; sent++)
        {
            socket.Send(Envelope);
            Expect(socket, "354"u8, 3, buffer);
            var clock = Stopwatch.StartNew();
            var arrival = arrived(sent);
            socket.Send(message);
            await arrival.WaitAsync(TimeSpan.FromSeconds(30));
            took.Add(clock.Elapsed.TotalMilliseconds);
            Expect(socket, "250"u8, 1, buffer);
            await Task.Delay(10);
        }
        return took;
    }

    private Socket Open(byte[] buffer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(door);
        Expect(socket, "220"u8, 1, buffer);
        socket.Send("HELO bench.example\r\n"u8);
        Expect(socket, "250"u8, 1, buffer);
        return socket;
    }

    /// <param name="lines">Replies to wait for; the last of them counts.</param>
    private static void Expect(Socket socket, ReadOnlySpan<byte> code, int lines, byte[] buffer)
    {
        var read = 0;
        while (buffer.AsSpan(0, read).Count((byte)'\n') < lines)
        {
            var more = socket.Receive(buffer.AsSpan(read));
            if (more == 0)
                throw new IOException("The server closed the connection: " + Encoding.ASCII.GetString(buffer, 0, read));
            read += more;
        }
        var text = buffer.AsSpan(0, read).TrimEnd("\r\n"u8);
        if (!text[(text.LastIndexOf((byte)'\n') + 1)..].StartsWith(code))
            throw new IOException($"Expected {Encoding.ASCII.GetString(code)}, got: {Encoding.ASCII.GetString(text)}");
    }

    internal static string Lines(int bytes) => string.Concat(Enumerable.Repeat("A line of seventy-two letters that looks like the text of a usual mail\r\n", bytes / 72));
}
