using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Postrider.Smtp;

/// <summary>One session with a provider: connect, sign in once, send many messages. A refused command is a value and the session
/// goes on; a lost connection is a <see cref="SmtpConnectionException"/> (or the state of a <see cref="SendResult"/>) and the session is over.
/// One operation at a time. A cancelled operation closes the session, because its reply could arrive later.</summary>
public sealed class SmtpClientSession : IAsyncDisposable
{
    // After a pause a server or firewall may have gone without a word; then the envelope is asked first,
    // so that a message to a dead connection is "lost, safe to repeat" and not "perhaps sent".
    private static readonly TimeSpan TrustedIdle = TimeSpan.FromSeconds(10);
    private const int KeptBuffer = 128 * 1024;

    private readonly SmtpWire wire;
    private readonly SmtpClientOptions options;
    private readonly TimeProvider time;
    private ArrayBufferWriter<byte> output = new(2048);
    private long lastAnswer;
    private bool needsReset;
    private int busy;

    private SmtpClientSession(SmtpWire wire, SmtpEndpoint endpoint, SmtpClientOptions options)
    {
        (this.wire, Endpoint, this.options, time) = (wire, endpoint, options, options.TimeProvider);
        Touch();
    }

    public SmtpEndpoint Endpoint { get; }

    /// <summary>From the last EHLO: the one inside TLS where there is TLS.</summary>
    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    public SmtpReply Greeting { get; private set; } = new(220, null, "");

    public IPEndPoint? RemoteAddress { get; private set; }

    /// <summary>Null in clear text.</summary>
    public SslProtocols? TlsProtocol { get; private set; }

    /// <summary>Null in clear text.</summary>
    public CertificateSummary? RemoteCertificate => RemoteChain is [var own, ..] ? own.Certificate : null;

    /// <summary>The server's own certificate first; empty in clear text.</summary>
    public IReadOnlyList<ShownCertificate> RemoteChain { get; private set; } = [];

    /// <summary>The mechanism that signed us in; null before.</summary>
    public string? AuthenticationMechanism { get; private set; }

    /// <summary>Another operation may be tried. A connection that died silently still looks usable until it is tried.</summary>
    public bool IsUsable => wire.IsOpen;

    /// <summary>When the server last answered.</summary>
    public DateTimeOffset LastUsed { get; private set; }

    /// <summary>Messages that the server accepted in this session.</summary>
    public int MessagesSent { get; private set; }

    /// <summary>Connects, secures and greets. Clear text is used only where <see cref="SmtpSecurity.None"/> asks for it.</summary>
    /// <exception cref="SmtpConnectionException">With the stage, the fault and, when the server refused, its reply.</exception>
    public static async Task<SmtpClientSession> ConnectAsync(SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        var socket = await SmtpDialer.DialAsync(endpoint, options, cancellation);
        return await OpenAsync(new SmtpWire(new NetworkStream(socket, ownsSocket: true), socket, endpoint, options), endpoint, options, cancellation);
    }

    /// <summary>The same over a stream that is connected already.</summary>
    internal static Task<SmtpClientSession> OverStreamAsync(Stream stream, SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation) =>
        OpenAsync(new SmtpWire(stream, null, endpoint, options), endpoint, options, cancellation);

    private static async Task<SmtpClientSession> OpenAsync(SmtpWire wire, SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation)
    {
        var session = new SmtpClientSession(wire, endpoint, options) { RemoteAddress = wire.Remote };
        try
        {
            using (wire.Begin(cancellation))
                await session.GreetAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signs in once for the session (RFC 4954) with a mechanism of the last EHLO. The answer is the server's, or our own
    /// (<see cref="SmtpReply.IsLocal"/>): 504 5.7.4 when nothing usable is offered, 538 5.7.11 when the secret would cross a network in clear text.</summary>
    public async Task<SmtpReply> AuthenticateAsync(SmtpCredential credential, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(credential);
        if (AuthenticationMechanism is not null)
            return SmtpReply.Local(503, "5.5.1", "This session is signed in already.");
        if (!ClientMechanism.IsClean(credential))
            return SmtpReply.Local(501, "5.5.2", "The user name or secret is empty or contains a control character.");
        if (TlsProtocol is null && RemoteAddress is { } remote && !IPAddress.IsLoopback(remote.Address))
            return SmtpReply.Local(538, "5.7.11", "Credentials are sent in clear text to loopback addresses only; use STARTTLS or TLS.");
        if (ClientMechanism.Choose(credential, Capabilities, Endpoint) is not { } mechanism)
            return SmtpReply.Local(504, "5.7.4", credential is SmtpCredential.OAuth
                ? $"The server offers neither XOAUTH2 nor OAUTHBEARER (it offers: {Offered()})."
                : $"The server offers neither PLAIN nor LOGIN (it offers: {Offered()}).");
        using var exclusive = Enter();
        using var operation = wire.Begin(cancellation);
        var reply = await ExchangeAsync(mechanism);
        if (reply.IsPositive)
            AuthenticationMechanism = mechanism.Name;
        return reply;
    }

    /// <summary>Sends one message to many recipients (RFC 5321 section 3.3). Whatever the server says is a value.</summary>
    /// <param name="beforeFinalDot">Asked exactly once, just before the write that commits the message, and not at all if it never comes to that.
    /// False: nothing more is written and the session is closed. The place to mark the attempt and to check the lease.</param>
    /// <param name="cancellation">Before the commit it throws; after it, the outcome is <see cref="SendState.Uncertain"/>:
    /// a shutdown that wants no duplicates lets this run to its end.</param>
    public async Task<SendResult> SendAsync(Envelope envelope, MessageContent content, Func<CancellationToken, ValueTask<bool>> beforeFinalDot, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(beforeFinalDot);
        using var exclusive = Enter();
        using var operation = wire.Begin(cancellation);
        var transaction = new SmtpTransaction(wire, Capabilities, options.Timeouts, envelope, content, beforeFinalDot, output);
        var result = transaction.RefuseLocally() ?? await transaction.RunAsync(needsReset, IsFresh(), cancellation);
        if (result.Refusal == SendRefusal.None)
            needsReset = transaction.LeavesTransactionOpen;
        if (result.State == SendState.Completed)
            MessagesSent++;
        if (output.Capacity > KeptBuffer)
            output = new ArrayBufferWriter<byte>(2048);
        Touch();
        return result;
    }

    /// <summary>In octets.</summary>
    public const int LargestInTrain = SmtpTransaction.OneWriteContent;

    /// <summary>Whether small messages may leave one behind the other, without a wait for the answers between them.</summary>
    public bool TakesTrains => IsUsable && Capabilities.Pipelining && !needsReset && !wire.HasBufferedBytes && IsFresh();

    /// <summary>Sends several messages in one write and reads the answers to all of them: one round trip for the lot (RFC 2920, RFC 3030).
    /// By DATA, for want of CHUNKING, it is one for each, and one more.
    /// Only while <see cref="TakesTrains"/>, and for messages that lie in memory and are at most <see cref="LargestInTrain"/> octets.</summary>
    /// <param name="beforeFinalDots">Asked once, just before the write that commits them all; by DATA, before the final dot of each. False: nothing more
    /// is written and the session is closed.</param>
    /// <returns>An outcome for each message, in their order.</returns>
    public async Task<IReadOnlyList<SendResult>> SendTrainAsync(IReadOnlyList<(Envelope Envelope, MessageContent Content)> train,
        Func<CancellationToken, ValueTask<bool>> beforeFinalDots, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(beforeFinalDots);
        using var exclusive = Enter();
        using var operation = wire.Begin(cancellation);
        var results = await new SmtpTrain(wire, Capabilities, options.Timeouts, output).RunAsync(train, beforeFinalDots, cancellation);
        needsReset = results.Any(result => result.Refusal == SendRefusal.None && result.State != SendState.Completed);
        MessagesSent += results.Count(result => result.State == SendState.Completed);
        if (output.Capacity > KeptBuffer)
            output = new ArrayBufferWriter<byte>(2048);
        Touch();
        return results;
    }

    /// <summary>Asks whether the server takes mail from an address, and takes the question back: MAIL, then RSET. Nothing is sent.</summary>
    /// <returns>The reply to MAIL, or our own when the address must not reach the wire.</returns>
    public async Task<SmtpReply> TrySenderAsync(string from, CancellationToken cancellation)
    {
        if (!SmtpAddress.TryParse(from, out var address, out var why))
            return SmtpReply.Local(553, "5.1.7", why);
        if (address.NeedsSmtpUtf8 && !Capabilities.SmtpUtf8)
            return SmtpReply.Local(553, "5.6.7", "The server does not offer SMTPUTF8, which this address needs.");
        using var exclusive = Enter();
        using var operation = wire.Begin(cancellation);
        var reply = await AskAsync(address.NeedsSmtpUtf8 ? $"MAIL FROM:<{address.Text}> SMTPUTF8" : $"MAIL FROM:<{address.AsciiText}>", SmtpStage.Mail);
        needsReset = reply.IsPositive && !(await AskAsync("RSET", SmtpStage.Idle)).IsPositive;
        return reply;
    }

    /// <summary>Forgets a transaction that was begun. Not needed between messages: <see cref="SendAsync"/> does it where it must.</summary>
    public async Task<SmtpReply> ResetAsync(CancellationToken cancellation)
    {
        var reply = await CommandAsync("RSET", cancellation);
        needsReset &= !reply.IsPositive;
        return reply;
    }

    /// <summary>Asks whether the server is still there.</summary>
    public Task<SmtpReply> NoopAsync(CancellationToken cancellation) => CommandAsync("NOOP", cancellation);

    /// <summary>Says goodbye within a few seconds and closes. Never throws for what the server does or fails to do.</summary>
    public async Task QuitAsync(CancellationToken cancellation)
    {
        if (!wire.IsOpen)
            return;
        using var exclusive = Enter();
        try
        {
            using var operation = wire.Begin(cancellation);
            await wire.WriteAsync("QUIT\r\n"u8.ToArray(), SmtpStage.Idle, options.Timeouts.Quit);
            await wire.ReadReplyAsync(SmtpStage.Idle, options.Timeouts.Quit);
        }
        catch (Exception e) when (e is SmtpConnectionException or OperationCanceledException)
        {
            // RFC 5321 section 4.1.1.10: nothing that was answered is undone by a missing goodbye.
        }
        wire.Close();
    }

    public ValueTask DisposeAsync()
    {
        wire.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task GreetAsync()
    {
        if (Endpoint.Security == SmtpSecurity.Tls)
            await wire.SecureAsync();
        Greeting = Expect(220, SmtpStage.Greeting, await wire.ReadReplyAsync(SmtpStage.Greeting, options.Timeouts.Greeting), "greeted us with");
        await HelloAsync(allowHelo: Endpoint.Security == SmtpSecurity.None);
        if (Endpoint.Security == SmtpSecurity.StartTls)
        {
            if (!Capabilities.StartTls)
                throw new SmtpConnectionException(SmtpStage.Tls, SmtpFault.NoStartTls,
                    $"{Endpoint} does not offer STARTTLS. Nothing is sent in clear text. Check the port (587 for STARTTLS, 465 for TLS from the start) and whether a firewall removes the offer.");
            var reply = await AskAsync("STARTTLS", SmtpStage.Tls);
            if (reply.Code != 220)
                throw new SmtpConnectionException(SmtpStage.Tls, SmtpFault.NoStartTls, $"{Endpoint} refused STARTTLS: {reply.Verbatim}") { Reply = reply };
            await wire.SecureAsync();
            await HelloAsync(allowHelo: false);
        }
        TlsProtocol = wire.TlsProtocol;
        RemoteChain = wire.Chain;
        Touch();
    }

    private async Task HelloAsync(bool allowHelo)
    {
        var name = LocalName();
        var reply = await AskAsync($"EHLO {name}", SmtpStage.Ehlo);
        if (reply.IsPermanent && allowHelo)
        {
            Expect(250, SmtpStage.Ehlo, await AskAsync($"HELO {name}", SmtpStage.Ehlo), "refused EHLO and HELO:");
            Capabilities = SmtpCapabilities.None;
            return;
        }
        Capabilities = SmtpCapabilities.Parse(Expect(250, SmtpStage.Ehlo, reply, "refused EHLO:"));
    }

    private SmtpReply Expect(int code, SmtpStage stage, SmtpReply reply, string did) => reply.Code == code ? reply
        : throw new SmtpConnectionException(stage, SmtpFault.Refused, $"{Endpoint} {did} {reply.Verbatim}") { Reply = reply };

    private async Task<SmtpReply> ExchangeAsync(ClientMechanism mechanism)
    {
        // RFC 4954 section 4: the initial response may ride on the AUTH line only if the line stays within 512 octets; tokens seldom do.
        var oneLine = $"AUTH {mechanism.Name} {mechanism.Responses[0]}";
        var next = 0;
        SmtpReply reply;
        if (mechanism.SpeaksFirst && oneLine.Length <= SmtpLineReader.DefaultLimit - 2)
        {
            next = 1;
            reply = await AskAsync(oneLine, SmtpStage.Auth);
        }
        else
            reply = await AskAsync($"AUTH {mechanism.Name}", SmtpStage.Auth);
        while (reply.Code == 334 && next < mechanism.Responses.Length)
            reply = await AskAsync(mechanism.Responses[next++], SmtpStage.Auth);
        if (reply.Code == 334)
        {
            // The challenge that follows a complete exchange explains a failure; the server waits for an answer before it says so.
            var challenge = SaslBase64.TryDecode(Encoding.ASCII.GetBytes(reply.Text), out var bytes) ? HostileText.From(bytes) : reply.Text;
            reply = await AskAsync(mechanism.AnswerToError ?? "*", SmtpStage.Auth);
            return reply.IsPositive || reply.IsIntermediate
                ? throw Desynchronised(SmtpStage.Auth, reply)
                : reply with { Challenge = challenge };
        }
        // Success is 235 and nothing else: a 250 here would belong to something that was not asked.
        return reply.IsIntermediate || (reply.IsPositive && reply.Code != 235) ? throw Desynchronised(SmtpStage.Auth, reply) : reply;
    }

    private SmtpConnectionException Desynchronised(SmtpStage stage, SmtpReply reply)
    {
        wire.Close();
        return new SmtpConnectionException(stage, SmtpFault.NotSmtp, $"{Endpoint} answered out of turn: {reply.Verbatim}") { Reply = reply };
    }

    private async Task<SmtpReply> CommandAsync(string line, CancellationToken cancellation)
    {
        using var exclusive = Enter();
        using var operation = wire.Begin(cancellation);
        return await AskAsync(line, SmtpStage.Idle);
    }

    private async ValueTask<SmtpReply> AskAsync(string line, SmtpStage stage)
    {
        output.ResetWrittenCount();
        Encoding.UTF8.GetBytes(line, output);
        output.Write("\r\n"u8);
        await wire.WriteAsync(output.WrittenMemory, stage, options.Timeouts.Command);
        output.Clear();     // the line may have carried a secret
        var reply = await wire.ReadReplyAsync(stage, options.Timeouts.Command);
        Touch();
        return reply;
    }

    private bool IsFresh() => time.GetElapsedTime(lastAnswer) < TrustedIdle && !wire.HasNews;

    private void Touch()
    {
        lastAnswer = time.GetTimestamp();
        LastUsed = time.GetUtcNow();
    }

    private string Offered() => Capabilities.AuthMechanisms.Count == 0 ? "nothing" : string.Join(' ', Capabilities.AuthMechanisms);

    private string LocalName()
    {
        if (options.LocalName is { Length: > 0 } name)
            return name.All(c => c is > ' ' and <= '~') ? name
                : throw new ArgumentException($"The local name '{name}' must be a host name in ASCII or an address literal.");
        return wire.Local?.Address switch
        {
            { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } six => string.Create(CultureInfo.InvariantCulture, $"[IPv6:{new IPAddress(six.GetAddressBytes())}]"),
            { } four => $"[{four.MapToIPv4()}]",
            _ => "[127.0.0.1]",
        };
    }

    private Exclusive Enter() => Interlocked.Exchange(ref busy, 1) == 0 ? new Exclusive(this)
        : throw new InvalidOperationException("An SMTP session does one thing at a time.");

    private readonly struct Exclusive(SmtpClientSession session) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref session.busy, 0);
    }
}
