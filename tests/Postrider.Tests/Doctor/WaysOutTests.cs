using System.Net;
using System.Net.Sockets;
using Postrider.Mail.Doctor;

namespace Postrider.Tests.Doctor;

/// <summary>A server with addresses of one kind, seen from a machine that has a way out with the other kind only.</summary>
public sealed class WaysOutTests
{
    [Theory]
    [InlineData("2001:db8::25 2001:db8::26", SocketError.NetworkUnreachable, "IPv6 addresses only", "ip -6 route get 2001:db8::25")]
    [InlineData("2001:db8::25", SocketError.AddressFamilyNotSupported, "no way out over IPv6", "has an IPv4 address")]
    [InlineData("192.0.2.25", SocketError.NetworkUnreachable, "IPv4 addresses only", "NAT64")]
    [InlineData("192.0.2.25 192.0.2.26", SocketError.HostUnreachable, "no way out over IPv4", "ip route get 192.0.2.25")]
    public void It_is_named(string addresses, SocketError error, string cause, string remedy)
    {
        var told = ServerSteps.NoWayOut("smtp.example.org", Parse(addresses), error);
        Assert.Contains(cause, told!.Value.Cause, StringComparison.Ordinal);
        Assert.StartsWith("smtp.example.org", told.Value.Cause, StringComparison.Ordinal);
        Assert.Contains(remedy, told.Value.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.25 2001:db8::25", SocketError.NetworkUnreachable)]
    [InlineData("192.0.2.25", SocketError.ConnectionRefused)]
    [InlineData("192.0.2.25", SocketError.TimedOut)]
    [InlineData("192.0.2.25", null)]
    public void Anything_else_is_not_called_that(string addresses, SocketError? error) => Assert.Null(ServerSteps.NoWayOut("smtp.example.org", Parse(addresses), error));

    private static IPAddress[] Parse(string addresses) => [.. addresses.Split(' ').Select(IPAddress.Parse)];
}
