using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.EndToEnd.Clusters;

/// <summary>The wire between a node and its database, which can be cut: silently, as when a switch dies, or just after a commit has left.</summary>
internal sealed class DatabaseTap : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly int target;
    private volatile TaskCompletionSource open = Opened();
    private int commitsToLose;
    private volatile string? only;

    public DatabaseTap(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>A connection string that leads through here.</summary>
    public string Through(string connection) =>
        connection.Replace($"Port={target}", $"Port={((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal);

    /// <summary>From now on no byte arrives, in either direction, and nobody is told.</summary>
    public void Cut() => open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend() => open.TrySetResult();

    /// <summary>The next commits reach the database, and their answers nobody.</summary>
    /// <param name="of">Words of a statement: other commits are left alone.</param>
    public void LoseAnswersToCommits(int count, string? of = null)
    {
        only = of;
        Interlocked.Exchange(ref commitsToLose, count);
    }

    public int CommitsToLose => Volatile.Read(ref commitsToLose);

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = PassOnAsync(await listener.AcceptSocketAsync(stop.Token));
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
        sockets.Add(client);
        var lost = new TaskCompletionSource();
        try
        {
            await open.Task.WaitAsync(stop.Token);
            await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            await Task.WhenAny(CopyAsync(client, server, lost, fromNode: true), CopyAsync(server, client, lost, fromNode: false));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            // As when a cable is pulled.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, TaskCompletionSource lost, bool fromNode)
    {
        var buffer = new byte[64 * 1024];
        var concerned = false;
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is var count and > 0)
            {
                await open.Task.WaitAsync(stop.Token);
                if (!fromNode && lost.Task.IsCompleted)
                    return;
                concerned |= only is { } words && buffer.AsSpan(0, count).IndexOf(Encoding.ASCII.GetBytes(words)) >= 0;
                if (fromNode && buffer.AsSpan(0, count).IndexOf("COMMIT"u8) >= 0)
                {
                    if ((concerned || only is null) && Interlocked.Decrement(ref commitsToLose) >= 0)
                        lost.TrySetResult();
                    concerned = false;
                }
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
        foreach (var socket in sockets)
            socket.Dispose();
        stop.Dispose();
    }
}
