using System.Net;
using System.Net.Sockets;

namespace Postrider.Smtp;

/// <summary>From a name to a connected socket: every address is tried in the resolver's order, each with a time-out of its own.</summary>
internal static class SmtpDialer
{
    public static async Task<Socket> DialAsync(SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation)
    {
        options.Entering?.Invoke(SmtpStage.Resolve);
        var addresses = await ResolveAsync(endpoint, options, cancellation);
        options.Entering?.Invoke(SmtpStage.Connect);
        var failures = new List<string>();
        Exception? last = null;
        var timedOut = false;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = new CancellationTokenSource(options.Timeouts.Connect, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), either.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                cancellation.ThrowIfCancellationRequested();
                timedOut = e is OperationCanceledException;
                failures.Add(timedOut ? $"{address}: no answer within {options.Timeouts.Connect.TotalSeconds:0} s" : $"{address}: {e.Message}");
                last = e;
            }
        }
        throw new SmtpConnectionException(SmtpStage.Connect, timedOut ? SmtpFault.TimedOut : SmtpFault.Unreachable,
            $"No connection to {endpoint}: {string.Join("; ", failures)}.", last);
    }

    private static async Task<IPAddress[]> ResolveAsync(SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        if (IPAddress.TryParse(endpoint.Host, out var literal))
            addresses = [literal];
        else
        {
            using var limit = new CancellationTokenSource(options.Timeouts.Resolve, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                addresses = await Dns.GetHostAddressesAsync(endpoint.Host, either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new SmtpConnectionException(SmtpStage.Resolve, SmtpFault.TimedOut, $"The name {endpoint.Host} was not resolved within {options.Timeouts.Resolve.TotalSeconds:0} s.");
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                throw new SmtpConnectionException(SmtpStage.Resolve, SmtpFault.NotResolved, $"The name {endpoint.Host} has no address: {e.Message}.", e);
            }
        }
        if (addresses.Length == 0)
            throw new SmtpConnectionException(SmtpStage.Resolve, SmtpFault.NotResolved, $"The name {endpoint.Host} has no address.");
        if (options.IsAddressAllowed is not { } allowed)
            return addresses;
        var usable = Array.FindAll(addresses, address => allowed(address));
        return usable.Length > 0 ? usable
            : throw new SmtpConnectionException(SmtpStage.Resolve, SmtpFault.NotResolved, $"The name {endpoint.Host} leads only to addresses that may not be connected to.");
    }
}
