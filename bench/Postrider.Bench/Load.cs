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
    public async Task SendAsync(int sessions, int total, bool keepOpen)
    {
        var left = total;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(async _ =>
        {
            Socket? socket = null;
            while (Interlocked.Decrement(ref left) >= 0)
            {
                socket ??= await OpenAsync();
                await socket.SendAsync(Envelope);
                await ExpectAsync(socket, "354", 3);
                await socket.SendAsync(message);
                await ExpectAsync(socket, "250", 1);
                if (keepOpen)
                    continue;
                await socket.SendAsync("QUIT\r\n"u8.ToArray());
                socket.Dispose();
                socket = null;
            }
            socket?.Dispose();
        }));
    }

    /// <summary>One mail after the other on one session, with a rest between them.</summary>
    /// <param name="arrived">Ends when so many have arrived at the provider.</param>
    /// <returns>Milliseconds from the last byte's leaving to the arrival.</returns>
    public async Task<List<double>> OneByOneAsync(int total, Func<int, Task> arrived)
    {
        using var socket = await OpenAsync();
        var took = new List<double>(total);
        for (var sent = 1; sent <= total; sent++)
        {
            await socket.SendAsync(Envelope);
            await ExpectAsync(socket, "354", 3);
            var clock = Stopwatch.StartNew();
            var arrival = arrived(sent);
            await socket.SendAsync(message);
            await arrival.WaitAsync(TimeSpan.FromSeconds(30));
            took.Add(clock.Elapsed.TotalMilliseconds);
            await ExpectAsync(socket, "250", 1);
            await Task.Delay(10);
        }
        return took;
    }

    private async Task<Socket> OpenAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(door);
        await ExpectAsync(socket, "220", 1);
        await socket.SendAsync("HELO bench.example\r\n"u8.ToArray());
        await ExpectAsync(socket, "250", 1);
        return socket;
    }

    private static async Task ExpectAsync(Socket socket, string code, int lines)
    {
        var buffer = new byte[4096];
        var text = "";
        while (text.Count(letter => letter == '\n') < lines)
        {
            var read = await socket.ReceiveAsync(buffer);
            if (read == 0)
                throw new IOException("The server closed the connection: " + text);
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }
        if (!text.TrimEnd().Split('\n')[^1].StartsWith(code, StringComparison.Ordinal))
            throw new IOException($"Expected {code}, got: {text}");
    }

    internal static string Lines(int bytes) => string.Concat(Enumerable.Repeat("A line of seventy-two letters that looks like the text of a usual mail\r\n", bytes / 72));
}
