using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using MimeKit;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Servers of others with and without each extension of SMTP: what was accepted arrives octet for octet, and signatures hold.</summary>
public sealed class ExtensionTests : ForeignServerTests
{
    private readonly SignedMail signed = new();

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
            await PassesAsync($"postfix{at}", postfix.Ports[at], eightBit: offered.Contains("8bitmime"));
        }
    }

    [Fact]
    public async Task Exim_with_and_without_pipelining_and_chunking()
    {
        await using var exim = await EximSmartHost.StartAsync(Authority, Sink.Port);
        Assert.Contains("chunking", await OfferedAsync(exim.Port));
        Assert.DoesNotContain("chunking", await OfferedAsync(exim.PlainPort));
        await PassesAsync("exim", exim.Port, eightBit: true);
        await PassesAsync("exim-plain", exim.PlainPort, eightBit: true);
    }

    /// <summary>Hands in three messages for one server, and waits until they have come out at the other end.</summary>
    private async Task PassesAsync(string name, int port, bool eightBit)
    {
        await Installation.Gateway.Api.Providers.AddAsync(new JsonObject
        {
            ["name"] = name, ["type"] = "password", ["address"] = "localhost", ["port"] = port, ["security"] = "startTls",
            ["userName"] = DovecotPasswords.User, ["password"] = DovecotPasswords.Password, ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0 },
        }, TestContext.Current.CancellationToken);
        var (awkward, dkim, secure) = (AwkwardMail.Write($"{name} awkward"), signed.Dkim($"{name} dkim"), signed.SecureMime($"{name} smime"));
        foreach (var message in new[] { awkward, dkim, secure })
            await HandInAsync(message, name);
        foreach (var message in new[] { dkim, secure })
        {
            var above = await Sink.ArrivesAsync(message);
            AwkwardMail.AssertOnlyTrace(above);
            await signed.AssertValidAsync([.. Encoding.Latin1.GetBytes(above.ReplaceLineEndings("\r\n")), .. message]);
        }
        if (eightBit)
            AwkwardMail.AssertOnlyTrace(await Sink.ArrivesAsync(awkward));
        else
            await ArrivesInSevenBitsAsync(awkward);
    }

    /// <summary>A server without 8BITMIME gets another transfer encoding of the same text, and no octet above 127.</summary>
    private async Task ArrivesInSevenBitsAsync(byte[] original)
    {
        var given = await MimeMessage.LoadAsync(new MemoryStream(original));
        var arrived = await GatewayProcess.EventuallyAsync(() => Task.FromResult(
            Sink.Messages().FirstOrDefault(text => text.Contains($"Subject: {given.Subject}\n", StringComparison.Ordinal))), "the converted message arrives");
        Assert.DoesNotContain(arrived, letter => letter > 127);
        var read = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(arrived)));
        Assert.Equal(Text(given), Text(read));

        static string Text(MimeMessage message) => (message.TextBody ?? "").ReplaceLineEndings("\n").TrimEnd('\n');
    }

    /// <returns>The keywords of a server's EHLO, in small letters.</returns>
    private static async Task<IReadOnlySet<string>> OfferedAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", port);
        await using var stream = socket.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await reader.ReadLineAsync();
        await stream.WriteAsync("EHLO test.example\r\n"u8.ToArray());
        var keywords = new HashSet<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            keywords.Add(line[4..].Split(' ')[0].ToLowerInvariant());
            if (line[3] == ' ')
                break;
        }
        return keywords;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        signed.Dispose();
    }
}
