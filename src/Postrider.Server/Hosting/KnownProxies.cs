using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Postrider.Server.Hosting;

/// <summary>Reverse proxies whose word counts: the setting <c>KnownProxies</c> names their addresses and networks. From them the client's address
/// and whether it came over https are taken (X-Forwarded-For, X-Forwarded-Proto); what anybody else writes there is passed over.</summary>
internal static class KnownProxies
{
    public const string Setting = "KnownProxies";

    public static void AddKnownProxies(this IServiceCollection services, string? configured)
    {
        var networks = Read(configured);
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = networks.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
            // Each hop that is known is believed, and the first that is not ends it.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks)
                options.KnownIPNetworks.Add(network);
        });
    }

    /// <exception cref="GatewayUsageException">An entry is no address.</exception>
    internal static IReadOnlyList<IPNetwork> Read(string? configured) =>
        [.. (configured ?? "").Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries).SelectMany(entry => Parse(entry) is { } network ? Both(network)
            : throw new GatewayUsageException($"{Setting} holds \"{entry}\". Write addresses or networks of your reverse proxies, such as \"127.0.0.1 10.20.0.0/16\"."))];

    private static IPNetwork? Parse(string entry) => IPNetwork.TryParse(entry, out var network) && network.PrefixLength > 0 ? network
        : IPAddress.TryParse(entry, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : null;

    /// <summary>A socket for both families shows addresses of version 4 as mapped ones.</summary>
    private static IEnumerable<IPNetwork> Both(IPNetwork network) => network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        ? [network, new IPNetwork(network.BaseAddress.MapToIPv6(), network.PrefixLength + 96)] : [network];
}
