using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Postrider.Bench;

/// <summary>The least that a sender can do: stored bytes, MAIL, RCPT and BDAT in one write, nothing kept. It shows what the stand-in can take,
/// and how long the stand-in itself needs for a mail.</summary>
internal sealed class RawSender(int port, string caFile, string token) : IDisposable
{
    private static readonly byte[] Message = Encoding.ASCII.GetBytes("From: Bench <noreply@contoso.example>\r\nTo: someone@example.org\r\nSubject: Bench\r\n\r\n" + Load.Lines(Settings.MessageBytes));
    private static readonly byte[] Transaction = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"MAIL FROM:<noreply@contoso.example>\r\nRCPT TO:<someone@example.org>\r\nBDAT {Message.Length} LAST\r\n")), .. Message];

    private readonly byte[] buffer = new byte[16384];
    private Stream stream = Stream.Null;

    public async Task OpenAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("localhost", port);
        stream = new NetworkStream(socket, ownsSocket: true);
        await ExpectAsync("220");
        await SayAsync("EHLO bench.example\r\n", "250");
        await SayAsync("STARTTLS\r\n", "220");
        var tls = new SslStream(stream, false, (_, shown, _, _) => MailKitLoop.IsOf(caFile, shown));
        await tls.AuthenticateAsClientAsync("localhost");
        stream = tls;
        await SayAsync("EHLO bench.example\r\n", "250");
        var words = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user=noreply@contoso.example\u0001auth=Bearer {token}\u0001\u0001"));
        await SayAsync($"AUTH XOAUTH2 {words}\r\n", "235");
    }

    public async Task SendAsync()
    {
        await stream.WriteAsync(Transaction);
        await ExpectAsync("250", 3);
    }

    public static async Task SendAsync(int port, string caFile, string token, int sessions, int total)
    {
        var left = total;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => Task.Run(async () =>
        {
            using var sender = new RawSender(port, caFile, token);
            await sender.OpenAsync();
            while (Interlocked.Decrement(ref left) >= 0)
                await sender.SendAsync();
        })));
    }

    private async Task SayAsync(string line, string code)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line));
        await ExpectAsync(code);
    }

    /// <summary>Reads so many replies; only the last line of each has a blank after its code.</summary>
    private async Task ExpectAsync(string code, int replies = 1)
    {
        var text = "";
        while (true)
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
                throw new IOException("The stand-in closed the connection: " + text);
            text += Encoding.ASCII.GetString(buffer, 0, read);
            if (text[^1] == '\n' && text.Split('\n').Count(line => line.Length > 3 && line[3] == ' ') == replies)
                break;
        }
        if (!text.TrimEnd().Split('\n')[^1].StartsWith(code, StringComparison.Ordinal))
            throw new IOException($"Expected {code}, got: {text}");
    }

    public void Dispose() => stream.Dispose();
}
