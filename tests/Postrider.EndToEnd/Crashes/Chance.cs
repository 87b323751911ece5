using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postrider.EndToEnd.Crashes;

/// <summary>The chance of a run, printed so that it can be had again: <c>POSTRIDER_TEST_SEED=NUMBER</c>.</summary>
internal static class Chance
{
    public static int NewSeed() => int.TryParse(Environment.GetEnvironmentVariable("POSTRIDER_TEST_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Random.Shared.Next(1, 1_000_000);

    /// <summary>A free port below those that the system gives to outgoing connections: while the gateway is down, none of them must take it.</summary>
    public static string FreeDoor()
    {
        for (var port = Random.Shared.Next(20_000, 30_000); ; port++)
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return $"127.0.0.1:{port}";
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
    }
}
