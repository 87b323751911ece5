using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.EndToEnd.Transport;

/// <summary>A wire that somebody listens to: passes every byte on and keeps a copy.</summary>
internal sealed class Tap : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<MemoryStream> sent = new(), answered = new();
    private readonly int target;
    private int connections, open;

    public Tap(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Whoever says this is cut off, as by a network that lets others through.</summary>
    public string? CutsOff { get; init; }

    /// <summary>Connections so far, and those that are open now.</summary>
    public int Connections => Volatile.Read(ref connections);
    public int Open => Volatile.Read(ref open);

    /// <summary>What the client sent, connection by connection, each byte a character.</summary>
    public IReadOnlyList<string> Sent => Texts(sent);

    public IReadOnlyList<string> Answered => Texts(answered);

    private static List<string> Texts(IEnumerable<MemoryStream> streams) => [.. streams.Select(stream =>
    {
        lock (stream)
            return Encoding.Latin1.GetString(stream.ToArray());
    })];

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                Interlocked.Increment(ref connections);
                Interlocked.Increment(ref open);
                _ = PassOnAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task PassOnAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            await Task.WhenAny(CopyAsync(client, server, sent), CopyAsync(server, client, answered));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            // As when a cable is pulled.
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref open);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, ConcurrentQueue<MemoryStream> kept)
    {
        var copy = new MemoryStream();
        kept.Enqueue(copy);
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is var count and > 0)
            {
                lock (copy)
                    copy.Write(buffer, 0, count);
                if (CutsOff is { } name && Encoding.Latin1.GetString(buffer, 0, count).Contains(name, StringComparison.Ordinal))
                    return;
                await to.SendAsync(buffer.AsMemory(0, count), stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other side has gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        stop.Dispose();
    }
}
