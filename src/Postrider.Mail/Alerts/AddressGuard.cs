using System.Net;
using System.Net.Sockets;

namespace Postrider.Mail.Alerts;

/// <summary>The address that a name leads to may not be talked to.</summary>
internal sealed class AddressRefusedException(string message) : IOException(message);

/// <summary>Keeps requests to addresses that people enter out of places where they do harm: a receiver named in the interface must not
/// reach the metadata service of a cloud, or what stands in the internal network, unless the installation allows it. The name is resolved
/// here and the connection goes to the very address that was judged, so that it cannot change in between.</summary>
internal static class AddressGuard
{
    private static readonly IPNetwork[] Never =
        [.. new[] { "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/3", "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::/32" }.Select(IPNetwork.Parse)];
    private static readonly IPNetwork[] Private =
        [.. new[] { "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10" }.Select(IPNetwork.Parse)];

    // Forms of IPv6 that carry an IPv4 address: 6to4, NAT64, and the deprecated compatible form.
    private static readonly (IPNetwork Network, int Offset)[] Carriers =
        [(IPNetwork.Parse("2002::/16"), 2), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("::/96"), 12)];

    /// <returns>What is wrong with the address, and what to write instead; null when it may be used.</returns>
    public static string? Check(Uri url)
    {
        if (url.UserInfo.Length > 0)
            return "Leave the user name out of the address; receivers check the signature instead.";
        if (url.Scheme == Uri.UriSchemeHttps)
            return null;
        return url.Scheme == Uri.UriSchemeHttp && url.IsLoopback ? null : "Write an address that begins with https://; http is accepted for this machine (localhost, 127.0.0.1) only.";
    }

    /// <returns>Why the address may not be talked to; null when it may.</returns>
    public static string? Check(IPAddress address, bool allowPrivate)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address))
            return null;
        foreach (var (network, offset) in Carriers)
            if (address.AddressFamily == AddressFamily.InterNetworkV6 && network.Contains(address))
                return Check(new IPAddress(address.GetAddressBytes().AsSpan(offset, 4)), allowPrivate) is null && !IPAddress.IsLoopback(new IPAddress(address.GetAddressBytes().AsSpan(offset, 4)))
                    ? null : $"{address} carries an address that may not be used.";
        if (Never.Any(network => network.Contains(address)))
            return $"{address} is an address that nothing may be sent to (link-local, metadata or multicast).";
        return !allowPrivate && Private.Any(network => network.Contains(address))
            ? $"{address} is in a private network. If the receiver is meant to stand there, set {AlertOptions.Section}:AllowPrivateNetworks to true." : null;
    }

    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, bool allowPrivate, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation);
        // An outbound proxy (HTTPS_PROXY) is the installation's own choice, and it judges where it goes.
        var viaProxy = !string.Equals(host, context.InitialRequestMessage.RequestUri!.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);
        Exception? last = null;
        foreach (var address in addresses)
        {
            if (!viaProxy && Check(address, allowPrivate) is { } why)
            {
                last = new AddressRefusedException(why);
                continue;
            }
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException wrong)
            {
                socket.Dispose();
                last = wrong;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
