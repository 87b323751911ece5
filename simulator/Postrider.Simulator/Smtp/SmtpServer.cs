using System.Net;
using System.Net.Sockets;

namespace Postrider.Simulator;

/// <summary>Accepts SMTP connections on both ports. Sockets rather than Kestrel: STARTTLS in the middle of a connection,
/// resets on demand and TLS faults need the socket itself.</summary>
internal sealed class SmtpServer(SimulatorState state, TestCertificates certificates) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];

    public IPEndPoint StartTlsEndPoint => (IPEndPoint)_listeners[0].LocalEndPoint!;

    public IPEndPoint ImplicitTlsEndPoint => (IPEndPoint)_listeners[1].LocalEndPoint!;

    public void Start(IPEndPoint startTls, IPEndPoint implicitTls)
    {
        foreach (var (endPoint, implicitly) in new[] { (startTls, false), (implicitTls, true) })
        {
            var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            listener.Bind(endPoint);
            listener.Listen(512);
            _accepting.Add(AcceptAsync(listener, implicitly));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_accepting);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener, bool implicitTls)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token);
                state.Counters.Connection();
                _ = ServeAsync(socket, implicitTls);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that gave up while waiting is no reason to stop listening.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket, bool implicitTls)
    {
        var stop = _stop.Token;
        var wire = new SmtpWire(socket);
        var session = new SmtpSession(wire, state, certificates);
        try
        {
            await session.RunAsync(implicitTls, stop);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The client went away, or we did.
        }
        finally
        {
            session.Leave();
            try
            {
                await wire.DisposeAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Closing what is already broken.
            }
        }
    }
}
