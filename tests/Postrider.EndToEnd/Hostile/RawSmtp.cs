using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>An SMTP connection that sends exactly the octets it is told to, as no mail library would. Text stands for octets (Latin-1).</summary>
public sealed class RawSmtp : IAsyncDisposable
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[4096];
    private int start, end;
    private Stream stream;

    /// <summary>How long it waits for each octet.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    private RawSmtp(Socket socket, Stream stream) => (this.socket, this.stream) = (socket, stream);

    /// <param name="from">The address of this machine to come from.</param>
    /// <param name="greeting">False: the greeting is left to the test to read.</param>
    public static async Task<RawSmtp> ConnectAsync(IPEndPoint door, string from = "127.0.0.1", bool greeting = true)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(door);
        var smtp = new RawSmtp(socket, new NetworkStream(socket));
        if (greeting)
            Assert.StartsWith("220 gateway.example ESMTP", await smtp.ReplyAsync(), StringComparison.Ordinal);
        return smtp;
    }

    /// <summary>Connects and says EHLO.</summary>
    public static async Task<RawSmtp> GreetedAsync(IPEndPoint door, string from = "127.0.0.1")
    {
        var smtp = await ConnectAsync(door, from);
        await smtp.SayAsync("EHLO test.example");
        return smtp;
    }

    public Task SendAsync(string octets) => SendAsync(Encoding.Latin1.GetBytes(octets));

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await stream.WriteAsync(octets).AsTask().WaitAsync(Patience);

    /// <summary>Sends a line and reads the reply to it.</summary>
    public async Task<string> SayAsync(string line)
    {
        await SendAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        return await ReplyAsync();
    }

    /// <summary>Says MAIL and RCPT and all of DATA in turn, and gives the reply to the final dot, or the first refusal before it.</summary>
    /// <param name="content">As it goes over the wire, without the terminator.</param>
    public async Task<string> HandInAsync(string content, string from = "app@example.org", string to = "someone@example.org", string parameters = "")
    {
        foreach (var line in new[] { $"MAIL FROM:<{from}>{parameters}", $"RCPT TO:<{to}>", "DATA" })
            if (await SayAsync(line) is var reply && reply[0] is not ('2' or '3'))
                return reply;
        await SendAsync(Encoding.UTF8.GetBytes(content + "\r\n.\r\n"));
        return await ReplyAsync();
    }

    /// <summary>The next reply with all its lines, parted by LF; empty when the server closed the connection.</summary>
    public async Task<string> ReplyAsync()
    {
        var lines = new List<string>();
        while (await LineAsync() is { } line)
        {
            lines.Add(line);
            if (line.Length < 4 || line[3] != '-')
                break;
        }
        return string.Join('\n', lines);
    }

    /// <summary>All replies until the server closes the connection.</summary>
    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var replies = new List<string>();
        while (await ReplyAsync() is { Length: > 0 } reply)
            replies.Add(reply);
        return replies;
    }

    public async Task StartTlsAsync()
    {
        var tls = new SslStream(stream, false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("gateway.example").WaitAsync(Patience);
        stream = tls;
    }

    /// <summary>Says that nothing more will be sent, and still reads.</summary>
    public void CloseSending() => socket.Shutdown(SocketShutdown.Send);

    private async Task<string?> LineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (start == end)
            {
                try
                {
                    (start, end) = (0, await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience));
                }
                catch (IOException)
                {
                    return null;   // reset: what it had not read is thrown away with the connection
                }
                if (end == 0)
                    return null;
            }
            var octet = (char)buffer[start++];
            if (octet == '\n')
                return line.ToString(0, line.Length - 1);
            line.Append(octet);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The other side went first.
        }
        socket.Dispose();
    }
}
