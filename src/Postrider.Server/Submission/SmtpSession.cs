using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Postrider.Mail;
using Postrider.Mail.Intake;
using Postrider.Smtp;

namespace Postrider.Server.Submission;

/// <summary>One connection of a client, from greeting to goodbye (RFC 5321, RFC 6409). It reads commands, keeps the envelope, and says
/// 250 to a message only when the intake has it on disk. How it signs in is in <c>SmtpSession.Auth.cs</c>, envelopes in <c>SmtpSession.Mail.cs</c>, contents in <c>SmtpSession.Content.cs</c>.</summary>
internal sealed partial class SmtpSession(
    ConnectionContext connection, ClientDirectory clients, MessageIntake intake, AuthThrottle throttle, SubmissionCertificate certificate,
    string hostName, TimeProvider time, SubmissionOptions options, MailOptions mail, ILogger log) : IDisposable
{
    /// <summary>MAIL and RCPT with the parameters of SIZE, BODY, SMTPUTF8 and AUTH; AUTH with an initial response.</summary>
    private const int CommandLimit = SmtpLineReader.AuthenticationLimit;

    /// <summary>Octets of replies that wait for the replies to the commands behind them.</summary>
    private const int MostUnsent = 16 * 1024;

    /// <summary>What a reply line holds only as a space: a second line would be the client's own words in our name.</summary>
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\f\u0085\u2028\u2029");

    private static readonly string[] HttpMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI"];

    private readonly IPAddress address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
    private readonly DateTimeOffset started = time.GetUtcNow();

    // Two timers for the life of the connection: moving one costs far less than a new one for every wait. The first ends when the
    // program stops as well.
    private CancellationTokenSource idle = new();
    private CancellationTokenSource busy = new();
    private PipeReader input = connection.Transport.Input;
    private PipeWriter output = connection.Transport.Output;
    private SmtpLineReader lines = new(connection.Transport.Input);
    private SslStream? tls;
    private string helo = "";
    private bool extended;
    private bool withinLine;
    private int errors;
    private bool closing;

    public bool IsTls { get; init; }

    private bool IsSecure => IsTls || tls is not null;

    private bool IsLoopback => IPAddress.IsLoopback(address);

    public async Task RunAsync()
    {
        var stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        idle = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            Reply(220, null, $"{hostName} ESMTP Postrider");
            if (!IsTls && await BeginsWithTlsAsync(stop))
            {
                SubmissionLog.TlsInClearText(log, address);
                Close(421, "4.7.0", "This port begins in clear text: set the client to STARTTLS, or to the port for TLS from the first octet");
            }
            while (!closing)
            {
                var line = await NextLineAsync(stop);
                if (line is not { } read)
                    break;
                var before = errors;
                await HandleAsync(read);
                if (errors > before && errors >= options.MaxErrors)
                    Close(421, "4.7.0", "Too many errors, closing the connection");
            }
            await FlushAsync();
        }
        finally
        {
            if (tls is not null)
                await tls.DisposeAsync();
        }
    }

    /// <summary>A client that is set to the wrong kind of TLS sends a ClientHello (RFC 8446 section 5.1), and each side would wait for the other.</summary>
    private async Task<bool> BeginsWithTlsAsync(CancellationToken stop)
    {
        const byte Handshake = 22;
        await FlushAsync();
        var patience = Within(options.CommandTimeout, ref idle, stop);
        try
        {
            var read = await input.ReadAsync(patience);
            var begins = read.Buffer.FirstSpan is [Handshake, ..];
            input.AdvanceTo(read.Buffer.Start);
            return begins;
        }
        catch (OperationCanceledException)
        {
            GiveUpWaiting(stop);
            return false;
        }
    }

    /// <returns>Null when the client has gone or the session is over.</returns>
    private async Task<SmtpLine?> NextLineAsync(CancellationToken stop)
    {
        // Replies to pipelined commands leave together, when nothing more is there to be read (RFC 2920 section 3.2),
        // or when so many wait that a client that never reads them would fill the memory. What is left of a refused line is no command.
        if (withinLine || output.UnflushedBytes > MostUnsent || !lines.HasPipelinedInput)
            await FlushAsync();
        var patience = Within(options.CommandTimeout, ref idle, stop);
        try
        {
            if (time.GetUtcNow() - started > options.SessionTimeout)
            {
                Close(421, "4.4.2", "This connection has lasted long enough, open another");
                return null;
            }
            var line = await lines.ReadAsync(CommandLimit, patience);
            withinLine = line.Kind is SmtpLineKind.TooLong or SmtpLineKind.BareLineEnd;
            return line.Kind == SmtpLineKind.EndOfStream ? null : line;
        }
        catch (OperationCanceledException)
        {
            GiveUpWaiting(stop);
            return null;
        }
    }

    private void GiveUpWaiting(CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
            Close(421, "4.3.2", "Postrider is stopping, try again in a moment");
        else
            Close(421, "4.4.2", "No command came in time");
    }

    private async Task HandleAsync(SmtpLine line)
    {
        switch (line.Kind)
        {
            case SmtpLineKind.TooLong:
                Refuse(500, "5.5.2", $"The line is longer than {CommandLimit} octets");
                return;
            case SmtpLineKind.BareLineEnd:
                Refuse(500, "5.5.2", "Lines end in CR LF, and neither stands alone (RFC 5321 section 2.3.8)");
                return;
        }
        switch (SmtpCommandParser.Parse(line.Bytes.Span))
        {
            case SmtpCommand.Ehlo ehlo:
                Hello(ehlo.Domain, withExtensions: true);
                break;
            case SmtpCommand.Helo greeting:
                Hello(greeting.Domain, withExtensions: false);
                break;
            case SmtpCommand.StartTls:
                await StartTlsAsync();
                break;
            case SmtpCommand.Auth auth:
                await AuthenticateAsync(auth);
                break;
            case SmtpCommand.Mail from:
                await MailAsync(from);
                break;
            case SmtpCommand.Rcpt to:
                Recipient(to);
                break;
            case SmtpCommand.Data:
                await DataAsync();
                break;
            case SmtpCommand.Bdat chunk:
                await ChunkAsync(chunk);
                break;
            case SmtpCommand.Rset:
                Forget();
                Reply(250, "2.0.0", "Forgotten");
                break;
            case SmtpCommand.Noop:
                Reply(250, "2.0.0", "Here");
                break;
            case SmtpCommand.Vrfy:
                Reply(252, "2.1.5", "Send some mail, I will try my best");
                break;
            case SmtpCommand.Help:
                Reply(214, "2.0.0", "See RFC 5321 and RFC 6409");
                break;
            case SmtpCommand.Quit:
                Close(221, "2.0.0", "Goodbye");
                break;
            case SmtpCommand.Malformed wrong:
                Refuse(wrong.Reply);
                closing |= wrong.CloseAfterwards;
                break;
            case SmtpCommand.Unknown { Verb: "" }:
                Refuse(500, "5.5.2", "The line is empty: send a command");
                break;
            case SmtpCommand.Unknown { Verb: var verb } when HttpMethods.Contains(verb):
                // A page in a browser may post to any port of this machine, and what it posts may be spelt like commands.
                Close(421, "4.7.0", "This door speaks SMTP, not HTTP");
                break;
            case SmtpCommand.Unknown unknown:
                Refuse(500, "5.5.1", $"There is no command {unknown.Verb}");
                break;
        }
    }

    private void Hello(string domain, bool withExtensions)
    {
        Forget();
        (helo, extended) = (domain, withExtensions);
        if (!withExtensions)
        {
            Reply(250, null, hostName);
            return;
        }
        List<string> lines = [hostName, $"SIZE {mail.MaxMessageBytes}", "PIPELINING", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
        if (certificate.IsConfigured && !IsSecure)
            lines.Add("STARTTLS");
        if (MayAuthenticate)
            lines.Add("AUTH PLAIN LOGIN");
        for (var at = 0; at < lines.Count; at++)
            Write($"250{(at < lines.Count - 1 ? '-' : ' ')}{lines[at]}\r\n");
    }

    private async Task StartTlsAsync()
    {
        if (IsSecure || !certificate.IsConfigured)
        {
            Refuse(503, "5.5.1", IsSecure ? "TLS is on already" : "STARTTLS is not offered: no certificate is configured (Submission:Certificate)");
            return;
        }
        // What was sent before our answer came in clear text, from whomever; inside TLS it would count as the client's (CVE-2011-0411).
        if (lines.HasPipelinedInput)
        {
            Close(503, "5.5.1", "No command may follow STARTTLS before its answer (RFC 3207 section 4)");
            return;
        }
        X509Certificate2 shown;
        try
        {
            shown = certificate.Current;
        }
        catch (InvalidOperationException unreadable)
        {
            SubmissionLog.NoCertificate(log, unreadable.Message);
            Refuse(454, "4.7.0", "TLS is not available at the moment: the certificate cannot be read");
            return;
        }
        Reply(220, "2.0.0", "Ready to start TLS");
        await FlushAsync();
        var stream = new SslStream(new DuplexPipeStream(input, output));
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = shown,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }, Within(options.CommandTimeout, ref busy));
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException)
        {
            SubmissionLog.TlsFailed(log, address, failed.Message);
            await stream.DisposeAsync();
            closing = true;
            return;
        }
        tls = stream;
        input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        lines = new SmtpLineReader(input);
        // The client starts over: nothing said in clear text counts (RFC 3207 section 4.2).
        (helo, extended, client) = ("", false, null);
        Forget();
    }

    private void Refuse(int code, string enhanced, string text)
    {
        errors++;
        Reply(code, enhanced, text);
    }

    private void Refuse(SmtpReply reply)
    {
        errors++;
        Write(reply.Verbatim + "\r\n");
    }

    private void Close(int code, string enhanced, string text)
    {
        Reply(code, enhanced, text);
        closing = true;
    }

    private void Reply(int code, string? enhanced, string text) => Write(enhanced is null ? $"{code} {text}\r\n" : $"{code} {enhanced} {text}\r\n");

    // A reply line has at most 512 octets (RFC 5321 section 4.5.3.1.5), and what clients said may stand in it: CR and LF never do.
    private void Write(string line)
    {
        var text = line.AsSpan().TrimEnd("\r\n");
        if (text.Length > 500 || text.ContainsAny(LineEnds))
            text = (text.Length > 500 ? string.Concat(text[..497], "...") : text.ToString()).ReplaceLineEndings(" ");
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }

    private async ValueTask FlushAsync() => await output.FlushAsync(Within(options.CommandTimeout, ref busy));

    /// <returns>Cancelled after that time, or with <paramref name="stop"/>.</returns>
    private static CancellationToken Within(TimeSpan limit, ref CancellationTokenSource timer, CancellationToken stop = default)
    {
        if (!timer.TryReset())
        {
            timer.Dispose();
            timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        }
        timer.CancelAfter(limit);
        return timer.Token;
    }

    public void Dispose()
    {
        Forget();
        idle.Dispose();
        busy.Dispose();
    }
}
