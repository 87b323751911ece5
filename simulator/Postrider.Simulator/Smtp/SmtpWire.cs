using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Postrider.Simulator;

/// <summary>The bytes of one connection. Replies are collected and sent when the input runs dry,
/// so a client that pipelines gets one packet back.</summary>
internal sealed class SmtpWire : IAsyncDisposable
{
    private const int Smallest = 32 * 1024;

    // A line of AUTH may have 12288 octets (RFC 4954 §4); nothing else comes near.
    private const int LongestLine = 16 * 1024;

    private readonly Socket _socket;
    private readonly byte[] _discard = new byte[1];
    private Stream _stream;
    private byte[] _input = new byte[Smallest];
    private int _start;
    private int _end;
    private byte[] _output = new byte[1024];
    private int _used;

    public SmtpWire(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Such as <c>TLSv1.3</c>; null in the clear.</summary>
    public string? TlsVersion { get; private set; }

    public string RemoteAddress => (_socket.RemoteEndPoint as System.Net.IPEndPoint)?.Address.ToString() ?? "unknown";

    public void Reply(string text)
    {
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range);
            var room = Encoding.UTF8.GetMaxByteCount(line.Length) + 2;
            if (_output.Length - _used < room)
                Array.Resize(ref _output, Math.Max(_output.Length * 2, _used + room));
            _used += Encoding.UTF8.GetBytes(line, _output.AsSpan(_used));
            _output[_used++] = (byte)'\r';
            _output[_used++] = (byte)'\n';
        }
    }

    /// <summary>The next line without its CRLF; null when the client has gone or the line has no end.</summary>
    public ValueTask<string?> ReadLineAsync(CancellationToken ct)
    {
        var length = Buffered.IndexOf("\r\n"u8);
        return length < 0 ? WaitForLineAsync(ct) : new ValueTask<string?>(TakeLine(length));
    }

    /// <summary>Message text up to the lone dot, unstuffed. Null: the client has gone. Longer than <paramref name="limit"/>: an empty array and <c>tooBig</c>.</summary>
    public async ValueTask<(byte[]? Body, bool TooBig)> ReadDataAsync(long limit, CancellationToken ct)
    {
        var tooBig = false;
        var searched = 0;
        while (true)
        {
            if (!tooBig && Buffered.StartsWith(".\r\n"u8))
            {
                _start += 3;
                return ([], false);
            }
            // Only CRLF.CRLF ends the data (RFC 5321 §4.1.1.4); anything looser allows smuggling.
            var found = Buffered[searched..].IndexOf("\r\n.\r\n"u8);
            if (found >= 0)
            {
                var length = searched + found + 2;
                tooBig |= length > limit;
                var body = tooBig ? [] : Unstuff(Buffered[..length]);
                _start += length + 3;
                return (body, tooBig);
            }
            // The end may be cut in two: its first four bytes are looked at again.
            searched = Math.Max(0, Buffered.Length - 4);
            if (Buffered.Length > limit + 1024)
            {
                tooBig = true;
                _start += searched;
                searched = 0;
            }
            if (!await FillAsync(ct))
                return (null, tooBig);
        }
    }

    /// <summary>Exactly so many bytes; false when the client has gone. With no <paramref name="into"/> they are thrown away.</summary>
    public async ValueTask<bool> ReadExactlyAsync(long count, Memory<byte> into, CancellationToken ct)
    {
        var keep = !into.IsEmpty;
        while (count > 0)
        {
            if (_start == _end)
            {
                await FlushAsync(ct);
                if (keep && count >= Smallest)
                {
                    var direct = await _stream.ReadAsync(into[..(int)count], ct);
                    if (direct == 0)
                        return false;
                    into = into[direct..];
                    count -= direct;
                    continue;
                }
                if (!await FillAsync(ct))
                    return false;
            }
            var here = (int)Math.Min(count, _end - _start);
            if (keep)
            {
                Buffered[..here].CopyTo(into.Span);
                into = into[here..];
            }
            _start += here;
            count -= here;
        }
        return true;
    }

    public async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_used == 0)
            return;
        await _stream.WriteAsync(_output.AsMemory(0, _used), ct);
        _used = 0;
    }

    public async Task<bool> StartTlsAsync(SslStreamCertificateContext certificate, CancellationToken ct)
    {
        await FlushAsync(ct);
        // What was read in the clear is forgotten: it must not be run inside TLS (RFC 3207 §6; reference 8.4).
        _start = _end = 0;
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }, ct);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
        TlsVersion = tls.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";
        return true;
    }

    /// <summary>Waits for a byte from the client without using it.</summary>
    public async Task WaitForInputAsync(CancellationToken ct)
    {
        await FlushAsync(ct);
        _ = await _stream.ReadAsync(_discard, ct);
    }

    /// <summary>Breaks the connection so that the client sees a reset.</summary>
    public void Abort()
    {
        _used = 0;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private Span<byte> Buffered => _input.AsSpan(_start, _end - _start);

    private static byte[] Unstuff(ReadOnlySpan<byte> stuffed)
    {
        if (stuffed[0] != '.' && stuffed.IndexOf("\r\n."u8) < 0)
            return stuffed.ToArray();
        var body = new byte[stuffed.Length];
        var length = 0;
        if (stuffed[0] == '.')
            stuffed = stuffed[1..];
        while (stuffed.IndexOf("\r\n."u8) is >= 0 and var at)
        {
            stuffed[..(at + 2)].CopyTo(body.AsSpan(length));
            length += at + 2;
            stuffed = stuffed[(at + 3)..];
        }
        stuffed.CopyTo(body.AsSpan(length));
        return body[..(length + stuffed.Length)];
    }

    private string TakeLine(int length)
    {
        var line = Encoding.UTF8.GetString(Buffered[..length]);
        _start += length + 2;
        return line;
    }

    private async ValueTask<string?> WaitForLineAsync(CancellationToken ct)
    {
        while (true)
        {
            if (Buffered.Length > LongestLine)
            {
                Reply(Replies.LineTooLong);
                await FlushAsync(ct);
                return null;
            }
            if (!await FillAsync(ct))
                return null;
            if (Buffered.IndexOf("\r\n"u8) is >= 0 and var length)
                return TakeLine(length);
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        await FlushAsync(ct);
        if (_start == _end)
        {
            _start = _end = 0;
            if (_input.Length > 1 << 20)
                _input = new byte[Smallest];
        }
        else if (_end == _input.Length)
        {
            var waiting = _end - _start;
            if (waiting > _input.Length / 2)
                Array.Resize(ref _input, _input.Length * 2);
            _input.AsSpan(_start, waiting).CopyTo(_input);
            (_start, _end) = (0, waiting);
        }
        var read = await _stream.ReadAsync(_input.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }
}
