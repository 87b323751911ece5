using System.Net.Sockets;
using System.Text;
using MimeKit;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A gateway without a provider, a certificate for the servers of others, and a last stop for the mail that they pass on.</summary>
public abstract class ForeignServerTests : IAsyncLifetime
{
    private readonly ServerDirectory directory = new();
    private readonly SignedMail signed = new();

    private protected TestAuthority Authority { get; private set; } = null!;
    private protected SmtpSink Sink { get; private set; } = null!;
    private protected Installation Installation { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = new TestAuthority(directory);
        Sink = await SmtpSink.StartAsync();
        Installation = await Installation.StartAsync(connect: false, settings: new Dictionary<string, string> { ["POSTRIDER__Mail__ReadReportsEvery"] = "00:00:00.300" });
    }

    /// <summary>Hands a message in as it is, over HTTP.</summary>
    /// <param name="provider">The one that sends it; none: as the gateway chooses.</param>
    private protected async Task HandInAsync(byte[] message, string? provider = null)
    {
        using var content = new ByteArrayContent(message) { Headers = { { "Content-Type", "message/rfc822" } } };
        using var accepted = await Installation.Gateway.Http.PostAsync(
            new Uri($"api/v1/messages?from={Installation.Mailbox}&to=someone@example.org{(provider is null ? "" : "&provider=" + provider)}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Hands in three messages for one provider, and waits until they have come out at the other end.</summary>
    private protected async Task PassesAsync(string name, bool eightBit)
    {
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
    private protected static async Task<IReadOnlySet<string>> OfferedAsync(int port)
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

    public virtual async ValueTask DisposeAsync()
    {
        await Installation.DisposeAsync();
        await Sink.DisposeAsync();
        directory.Dispose();
        signed.Dispose();
        GC.SuppressFinalize(this);
    }
}
