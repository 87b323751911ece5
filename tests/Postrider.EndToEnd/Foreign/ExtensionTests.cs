using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Servers of others with and without each extension of SMTP: what was accepted arrives octet for octet, and signatures hold.</summary>
public sealed class ExtensionTests : ForeignServerTests
{
    [Fact]
    public async Task Postfix_with_and_without_each_extension()
    {
        string[] missing = ["", "chunking", "pipelining", "chunking,pipelining", "size", "dsn", "smtputf8", "enhancedstatuscodes", "8bitmime", "8bitmime,chunking",
            "chunking,pipelining,8bitmime,smtputf8,size,dsn,enhancedstatuscodes,etrn,vrfy"];
        await using var postfix = await PostfixSmartHost.StartAsync(Authority, "plain", Sink.Port, missing);
        for (var at = 0; at < missing.Length; at++)
        {
            var offered = await OfferedAsync(postfix.Ports[at]);
            Assert.All(missing[at].Split(',', StringSplitOptions.RemoveEmptyEntries), keyword => Assert.DoesNotContain(keyword, offered));
            await AddAndPassAsync($"postfix{at}", postfix.Ports[at], eightBit: offered.Contains("8bitmime"));
        }
    }

    [Fact]
    public async Task Exim_with_and_without_pipelining_and_chunking()
    {
        await using var exim = await EximSmartHost.StartAsync(Authority, Sink.Port);
        Assert.Contains("chunking", await OfferedAsync(exim.Port));
        Assert.DoesNotContain("chunking", await OfferedAsync(exim.PlainPort));
        await AddAndPassAsync("exim", exim.Port, eightBit: true);
        await AddAndPassAsync("exim-plain", exim.PlainPort, eightBit: true);
    }

    private async Task AddAndPassAsync(string name, int port, bool eightBit)
    {
        await Installation.Gateway.Api.Providers.AddAsync(new JsonObject
        {
            ["name"] = name, ["type"] = "password", ["address"] = "localhost", ["port"] = port, ["security"] = "startTls",
            ["userName"] = DovecotPasswords.User, ["password"] = DovecotPasswords.Password, ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0 },
        }, TestContext.Current.CancellationToken);
        await PassesAsync(name, eightBit);
    }
}
