using System.Net;
using System.Net.Sockets;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A port for a server that cannot pick one itself. It lies below those that the kernel gives to outgoing connections,
/// so that none of them takes it before the server does.</summary>
internal static class FreePort
{
    public static int Take()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var port = Random.Shared.Next(20000, 32000);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
        throw new InvalidOperationException("No free port from 20000 to 32000.");
    }
}
