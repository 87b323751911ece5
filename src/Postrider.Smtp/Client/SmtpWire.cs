using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Postrider.Smtp;

/// <summary>One connection as bytes out and replies in, every wait with its limit. Whatever breaks it is told once, as a
/// <see cref="SmtpConnectionException"/> with the stage; after that, and after a cancellation, it is closed.</summary>
internal sealed class SmtpWire : IDisposable
{
    private readonly SmtpEndpoint endpoint;
    private readonly SmtpClientOptions options;
    private readonly Socket? socket;

    // One timer for the life of the connection: moving it costs far less than a new one for every wait.
    private readonly CancellationTokenSource deadline;
    private CancellationToken caller;
    private SmtpStage stage;
    private TimeSpan limit;
    private bool linked;

    private Stream stream;
    private PipeReader pipe;
    private SmtpReplyReader replies;

    /// <param name="socket">The socket below <paramref name="stream"/>, when there is one, to see whether the peer has spoken or gone.</param>
    public SmtpWire(Stream stream, Socket? socket, SmtpEndpoint endpoint, SmtpClientOptions options)
    {
        (this.stream, this.socket, this.endpoint, this.options) = (stream, socket, endpoint, options);
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        (pipe, replies) = Over(stream);
    }

    public bool IsOpen { get; private set; } = true;

    public IPEndPoint? Remote => socket?.RemoteEndPoint as IPEndPoint;

    public IPEndPoint? Local => socket?.LocalEndPoint as IPEndPoint;

    public SslProtocols? TlsProtocol => (stream as SslStream)?.SslProtocol;

    /// <summary>Empty in clear text.</summary>
    public IReadOnlyList<ShownCertificate> Chain { get; private set; } = [];

    public bool HasBufferedBytes => replies.HasBufferedBytes;

    /// <summary>Bytes or an end of the stream wait in the socket although nothing was asked.</summary>
    public bool HasNews
    {
        get
        {
            try
            {
                return socket is not null && socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>For the length of one operation, the caller's cancellation ends every wait.</summary>
    public Operation Begin(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        caller = cancellation;
        linked = true;
        return new Operation(this, cancellation.CanBeCanceled
            ? cancellation.UnsafeRegister(static wire => ((SmtpWire)wire!).CancelWaits(), this) : default);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, SmtpStage next, TimeSpan within)
    {
        try
        {
            Await(next, within);
            await stream.WriteAsync(bytes, deadline.Token);
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    public ValueTask<SmtpReply> ReadReplyAsync(SmtpStage next, TimeSpan within)
    {
        try
        {
            stage = next;
            if (IsOpen && replies.TryRead() is { } reply)
                return new ValueTask<SmtpReply>(Seen(reply));
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            return ValueTask.FromException<SmtpReply>(explained);
        }
        return WaitForReplyAsync(next, within);
    }

    public async ValueTask SecureAsync()
    {
        try
        {
            Await(SmtpStage.Tls, options.Timeouts.Tls);
            // RFC 3207 section 4.2 and the injection attacks on it: what came in clear text must not be read as if it came through TLS.
            if (HasBufferedBytes)
                throw new SmtpConnectionException(SmtpStage.Tls, SmtpFault.InjectedBytes,
                    $"{endpoint} sent bytes in clear text behind its answer to STARTTLS. Somebody between us and the server may have put them there; the connection was closed.");
            (stream, Chain) = await SmtpTls.AuthenticateAsync(stream, endpoint, options, deadline.Token);
            await pipe.CompleteAsync();
            (pipe, replies) = Over(stream);
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>From now on we wait for this, and so long; a wait that is under way counts from here too.</summary>
    public void Await(SmtpStage next, TimeSpan within)
    {
        stage = next;
        if (!IsOpen)
            throw new SmtpConnectionException(next, SmtpFault.Closed, $"The session with {endpoint} is closed.");
        limit = within;
        deadline.CancelAfter(within);
        options.Entering?.Invoke(next);
    }

    /// <summary>The time of the caller's own work (a database, a disk) is not the server's delay.</summary>
    public void Disarm()
    {
        if (IsOpen)
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Close()
    {
        if (!IsOpen)
            return;
        IsOpen = false;
        stream.Dispose();
        socket?.Dispose();
    }

    public void Dispose()
    {
        Close();
        pipe.Complete();
        deadline.Dispose();
    }

    private static (PipeReader, SmtpReplyReader) Over(Stream stream)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        return (pipe, new SmtpReplyReader(pipe));
    }

    private async ValueTask<SmtpReply> WaitForReplyAsync(SmtpStage next, TimeSpan within)
    {
        try
        {
            Await(next, within);
            return Seen(await replies.ReadAsync(deadline.Token) ?? throw new EndOfStreamException());
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            throw explained;
        }
    }

    private SmtpReply Seen(SmtpReply reply)
    {
        // RFC 5321 section 3.8: 421 announces that the server closes the channel, whatever was asked.
        if (reply.Code == 421)
            Close();
        return reply;
    }

    private void CancelWaits()
    {
        if (linked)
            deadline.Cancel();
    }

    private Exception? Explain(Exception e)
    {
        var explained = Explanation(e);
        if (explained is not null)
            Close();
        return explained;
    }

    private Exception? Explanation(Exception e) => e switch
    {
        SmtpConnectionException known => known,
        OperationCanceledException when caller.IsCancellationRequested => new OperationCanceledException("The SMTP session was cancelled.", e, caller),
        OperationCanceledException => new SmtpConnectionException(stage, SmtpFault.TimedOut,
            string.Create(CultureInfo.InvariantCulture, $"{endpoint} did not answer {Asked()} within {limit.TotalSeconds:0.#} s."), e),
        SmtpProtocolException => new SmtpConnectionException(stage, SmtpFault.NotSmtp, $"{endpoint} does not speak SMTP as expected after {Asked()}. {e.Message}", e),
        EndOfStreamException => new SmtpConnectionException(stage, SmtpFault.Closed, $"{endpoint} closed the connection instead of answering {Asked()}.", e),
        IOException or SocketException or ObjectDisposedException or AuthenticationException =>
            new SmtpConnectionException(stage, SmtpFault.Closed, $"The connection to {endpoint} was lost at {Asked()}: {(e.InnerException ?? e).Message}", e),
        _ => null,
    };

    private string Asked() => stage switch
    {
        SmtpStage.Tls => "the TLS handshake",
        SmtpStage.Greeting => "the new connection",
        SmtpStage.Content => "the message content",
        SmtpStage.FinalReply => "the end of the message",
        SmtpStage.Idle => "between messages",
        _ => stage.ToString().ToUpperInvariant(),
    };

    /// <summary>Ends the caller's hold on the timer.</summary>
    public readonly struct Operation(SmtpWire wire, CancellationTokenRegistration registration) : IDisposable
    {
        public void Dispose()
        {
            registration.Dispose();
            wire.linked = false;
            wire.caller = default;
            wire.Disarm();
        }
    }
}
