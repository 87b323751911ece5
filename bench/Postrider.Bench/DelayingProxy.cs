using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Postrider.Bench;

/// <summary>A long way to the provider: each byte arrives half a round trip later, in both directions, at full bandwidth. netem needs rights
/// that a container seldom has.</summary>
internal sealed class DelayingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private readonly int port;
    private readonly TimeSpan oneWay;

    public DelayingProxy(int port, TimeSpan roundTrip)
    {
        (this.port, oneWay) = (port, roundTrip / 2);
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptSocketAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The bench is done with it.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        using (near)
        {
            await Task.Delay(oneWay * 2, stop.Token); // The handshake's round trip.
            await far.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAll(OneWayAsync(near, far), OneWayAsync(far, near));
        }
    }

    private async Task OneWayAsync(Socket from, Socket to)
    {
        var travelling = Channel.CreateUnbounded<(long Due, byte[] Bytes)>();
        var arriving = ArriveAsync(travelling.Reader, to);
        var buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var read)
                travelling.Writer.TryWrite((Environment.TickCount64 + (long)oneWay.TotalMilliseconds, buffer[..read]));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // A side has gone: what is on its way still arrives.
        }
        travelling.Writer.Complete();
        await arriving;
    }

    private async Task ArriveAsync(ChannelReader<(long Due, byte[] Bytes)> travelling, Socket to)
    {
        try
        {
            await foreach (var (due, bytes) in travelling.ReadAllAsync(stop.Token))
            {
                if (due - Environment.TickCount64 is > 0 and var wait)
                    await Task.Delay((int)wait, stop.Token);
                await to.SendAsync(bytes, stop.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Nobody is there any more.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }
}
