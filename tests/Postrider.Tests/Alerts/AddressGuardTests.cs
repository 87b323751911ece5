using System.Net;
using Postrider.Mail.Alerts;

namespace Postrider.Tests.Alerts;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("2606:2800:21f:cb07::1")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Public_addresses_and_this_machine_may_be_told(string address) => Assert.Null(AddressGuard.Check(IPAddress.Parse(address), false));

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("fd12::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("2002:0a00:0001::1")]
    public void The_internal_network_only_where_it_was_allowed(string address)
    {
        Assert.NotNull(AddressGuard.Check(IPAddress.Parse(address), false));
        Assert.Null(AddressGuard.Check(IPAddress.Parse(address), true));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b::7f00:1")]
    public void Metadata_services_and_the_like_never(string address)
    {
        Assert.NotNull(AddressGuard.Check(IPAddress.Parse(address), false));
        Assert.NotNull(AddressGuard.Check(IPAddress.Parse(address), true));
    }

    [Theory]
    [InlineData("https://hooks.contoso.example/x", true)]
    [InlineData("http://localhost:9000/x", true)]
    [InlineData("http://127.0.0.1:9000/x", true)]
    [InlineData("http://hooks.contoso.example/x", false)]
    [InlineData("ftp://hooks.contoso.example/x", false)]
    [InlineData("https://user:password@hooks.contoso.example/x", false)]
    public void Clear_text_goes_to_this_machine_alone(string url, bool allowed) => Assert.Equal(allowed, AddressGuard.Check(new Uri(url)) is null);
}
