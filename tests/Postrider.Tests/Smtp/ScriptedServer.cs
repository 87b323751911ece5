using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

/// <summary>A server that follows a dialogue, on a real socket, for one connection. Lines of a script:
/// <c>S: text</c> sends a line; <c>C: pattern</c> expects one (<c>*</c> at the end for any rest); <c>raw: text</c> sends escaped bytes with no line end;
/// <c>data</c> takes content up to the final dot; <c>bdat</c> takes one BDAT command with its octets; <c>tls</c> shakes hands;
/// <c>close</c>, <c>reset</c> end the connection; <c>hang</c> says nothing until the client has gone.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? certificate;
    private readonly SslProtocols protocols;
    private readonly CancellationTokenSource stop = new(TimeSpan.FromSeconds(30));
    private readonly StringBuilder transcript = new();
    private readonly bool dripping;

    private ScriptedServer(string script, X509Certificate2? certificate, SslProtocols protocols, bool dripping)
    {
        (this.certificate, this.protocols, this.dripping) = (certificate, protocols, dripping);
        listener.Start();
        Finished = Task.Run(() => PlayAsync(script.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)));
    }

    /// <summary>Ends when the script has been played; fails when the client said something else.</summary>
    public Task Finished { get; }

    /// <summary>Every command line that came.</summary>
    public string Transcript { get { lock (transcript) return transcript.ToString(); } }

    /// <summary>The contents that came by DATA (still with their dots, without the last) or BDAT.</summary>
    public List<string> Contents { get; } = [];

    /// <summary>Everything that came before TLS.</summary>
    public StringBuilder ClearText { get; } = new();

    public static ScriptedServer Play(string script, X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None, bool dripping = false) =>
        new(script, certificate, protocols, dripping);

    public SmtpEndpoint Endpoint(SmtpSecurity security = SmtpSecurity.None) => new("localhost", ((IPEndPoint)listener.LocalEndpoint).Port, security);

    public async Task<SmtpClientSession> ConnectAsync(SmtpSecurity security = SmtpSecurity.None, SmtpClientOptions? options = null) =>
        await SmtpClientSession.ConnectAsync(Endpoint(security), options ?? Options(), TestContext.Current.CancellationToken);

    public static SmtpClientOptions Options(SmtpTimeouts? timeouts = null) =>
        new() { LocalName = "client.example", AdditionalRoots = TestCertificates.Roots, Timeouts = timeouts ?? new() };

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        try
        {
            await Finished;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or AuthenticationException or ObjectDisposedException)
        {
        }
        stop.Dispose();
    }

    private async Task PlayAsync(IEnumerable<string> script)
    {
        using var socket = await listener.AcceptSocketAsync(stop.Token);
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket);
        var reader = new ByteReader(stream, ClearText);
        var pending = new MemoryStream();
        foreach (var line in script)
        {
            var (verb, rest) = line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 ? (line[..space], line[(space + 1)..]) : (line, "");
            if (verb is not ("S:" or "raw:"))
                await FlushAsync(stream, pending);
            switch (verb)
            {
                case "S:": pending.Write(Encoding.UTF8.GetBytes(rest + "\r\n")); break;
                case "raw:": pending.Write(Encoding.Latin1.GetBytes(System.Text.RegularExpressions.Regex.Unescape(rest))); break;
                case "C:":
                    var said = await reader.LineAsync(stop.Token);
                    Note(said);
                    Assert.True(rest.EndsWith('*') ? said.StartsWith(rest[..^1], StringComparison.Ordinal) : said == rest, $"expected '{rest}', the client said '{said}'");
                    break;
                case "data": Contents.Add(await reader.ThroughAsync("\r\n.\r\n", stop.Token)); break;
                case "dot": Contents.Add(await reader.ThroughAsync(".\r\n", stop.Token)); break;
                case "bdat":
                    var command = await reader.LineAsync(stop.Token);
                    Note(command);
                    Assert.StartsWith("BDAT ", command);
                    Contents.Add(await reader.CountAsync(int.Parse(command.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), stop.Token));
                    break;
                case "tls":
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocols }, stop.Token);
                    stream = tls;
                    reader = new ByteReader(stream, null);
                    break;
                case "reset": socket.LingerState = new LingerOption(true, 0); socket.Close(); return;
                case "close": await stream.DisposeAsync(); return;
                case "hang": while (await reader.ByteAsync(stop.Token) is not null) { } return;
                default: throw new InvalidOperationException($"The script says '{line}'.");
            }
        }
        await FlushAsync(stream, pending);
        await stream.DisposeAsync();
    }

    private void Note(string line)
    {
        lock (transcript)
            transcript.Append(line).Append('\n');
    }

    private async Task FlushAsync(Stream stream, MemoryStream pending)
    {
        if (pending.Length == 0)
            return;
        var bytes = pending.ToArray();
        pending.SetLength(0);
        if (!dripping)
            await stream.WriteAsync(bytes, stop.Token);
        else
            foreach (var b in bytes)
                await stream.WriteAsync(new[] { b }, stop.Token);
    }

    private sealed class ByteReader(Stream stream, StringBuilder? record)
    {
        private readonly byte[] buffer = new byte[64 * 1024];
        private int start, end;

        public async ValueTask<byte?> ByteAsync(CancellationToken cancellation)
        {
            if (start == end)
            {
                (start, end) = (0, await stream.ReadAsync(buffer, cancellation));
                if (end == 0)
                    return null;
                record?.Append(Encoding.Latin1.GetString(buffer, 0, end));
            }
            return buffer[start++];
        }

        public async Task<string> LineAsync(CancellationToken cancellation)
        {
            var line = await ThroughAsync("\r\n", cancellation);
            return line[..^2];
        }

        public async Task<string> ThroughAsync(string mark, CancellationToken cancellation)
        {
            var text = new StringBuilder();
            while (true)
            {
                text.Append((char)(await ByteAsync(cancellation) ?? throw new EndOfStreamException($"The client left after '{text}'.")));
                if (text.Length >= mark.Length && text[^1] == mark[^1] && text.ToString(text.Length - mark.Length, mark.Length) == mark)
                    return text.ToString();
            }
        }

        public async Task<string> CountAsync(int count, CancellationToken cancellation)
        {
            var text = new StringBuilder(count);
            while (text.Length < count)
                text.Append((char)(await ByteAsync(cancellation) ?? throw new EndOfStreamException("The client left within a chunk.")));
            return text.ToString();
        }
    }
}
