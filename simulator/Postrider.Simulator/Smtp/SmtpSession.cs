using System.Globalization;

namespace Postrider.Simulator;

/// <summary>One SMTP session: reads commands, keeps the state that RFC 5321 and 4954 ask for, answers as Exchange does.
/// Mail transactions are in <see cref="MailTransaction"/>, sign-in in <see cref="SmtpAuthentication"/>.</summary>
internal sealed class SmtpSession
{
    private readonly SmtpWire _wire;
    private readonly SimulatorState _state;
    private readonly TestCertificates _certificates;
    private readonly SmtpAuthentication _authentication;
    private readonly MailTransaction _mail;
    private bool _closing;

    public SmtpSession(SmtpWire wire, SimulatorState state, TestCertificates certificates)
    {
        _wire = wire;
        _state = state;
        _certificates = certificates;
        _authentication = new SmtpAuthentication(this, wire, state);
        _mail = new MailTransaction(this, wire, state);
    }

    public string? ClientName { get; private set; }

    public SignedIn? SignedIn => _authentication.SignedIn;

    /// <summary>This connection is beyond the limit of its mailbox, and the limit shows itself after the data.</summary>
    public bool IsOverLimit => Settings.ConnectionLimitAt == ConnectionLimitStage.Data && _authentication.IsOverLimit;

    public SmtpSettings Settings => _state.Smtp;

    public async Task RunAsync(bool implicitTls, CancellationToken ct)
    {
        if (implicitTls && !await BeginTlsAsync(ct))
            return;
        if (await MeetsFaultAsync(SmtpStage.Connect, null, ct) && _closing)
        {
            await _wire.FlushAsync(ct);
            return;
        }
        _wire.Reply($"220 {Settings.HostName} Microsoft ESMTP MAIL Service ready at {_state.Time.GetUtcNow():ddd, dd MMM yyyy HH:mm:ss} +0000 [{Guid.NewGuid():N}]");
        while (!_closing && await _wire.ReadLineAsync(ct) is { } line)
            await HandleAsync(line, ct);
        await _wire.FlushAsync(ct);
    }

    public void Leave() => _authentication.Leave();

    public void Close() => _closing = true;

    /// <summary>Carries out the fault of this stage if there is one. True: the command is answered, or the connection gone.</summary>
    public async ValueTask<bool> MeetsFaultAsync(SmtpStage stage, string? account, CancellationToken ct)
    {
        if (_state.SmtpFaults.Take(stage, account) is not { } fault)
            return false;
        if (fault.DelayMilliseconds > 0)
        {
            await _wire.FlushAsync(ct);
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMilliseconds), _state.Time, ct);
        }
        if (fault.Drop)
        {
            _wire.Abort();
            _closing = true;
            return true;
        }
        if (fault.Reply is null)
            return false;
        ReplyAndMaybeClose(fault.Reply);
        return true;
    }

    public void ReplyAndMaybeClose(string reply)
    {
        _wire.Reply(reply);
        _closing |= reply.StartsWith("421", StringComparison.Ordinal);
    }

    private async ValueTask HandleAsync(string line, CancellationToken ct)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
        var rest = space < 0 ? "" : line[(space + 1)..];
        switch (verb)
        {
            case "MAIL":
                await _mail.MailAsync(rest, ct);
                break;
            case "RCPT":
                await _mail.RcptAsync(rest, ct);
                break;
            case "DATA" when rest.Length == 0:
                await _mail.DataAsync(ct);
                break;
            case "BDAT" when Settings.Has("CHUNKING"):
                await _mail.BdatAsync(rest, ct);
                break;
            case "RSET":
                if (await MeetsFaultAsync(SmtpStage.Rset, SignedIn?.Mailbox.Address, ct))
                    break;
                _mail.Reset();
                _wire.Reply("250 2.0.0 Resetting");
                break;
            case "NOOP":
                _wire.Reply("250 2.0.0 OK");
                break;
            case "AUTH":
                await _authentication.AuthAsync(rest, _mail.Open, ct);
                break;
            case "EHLO" or "HELO":
                await HelloAsync(verb, rest, ct);
                break;
            case "STARTTLS" when rest.Length == 0:
                await StartTlsAsync(ct);
                break;
            case "VRFY":
                _wire.Reply("252 2.1.5 Cannot VRFY user");
                break;
            case "QUIT":
                if (!await MeetsFaultAsync(SmtpStage.Quit, SignedIn?.Mailbox.Address, ct))
                    _wire.Reply(Replies.Bye);
                _closing = true;
                break;
            default:
                _wire.Reply(Replies.Unknown);
                break;
        }
    }

    private async ValueTask HelloAsync(string verb, string name, CancellationToken ct)
    {
        if (await MeetsFaultAsync(SmtpStage.Ehlo, null, ct))
            return;
        if (name.Length == 0)
        {
            _wire.Reply("501 5.0.0 HELO/EHLO argument missing");
            return;
        }
        ClientName = name;
        _mail.Reset();
        var settings = Settings;
        var hello = $"{settings.HostName} Hello [{_wire.RemoteAddress}]";
        if (verb == "HELO")
        {
            _wire.Reply("250 " + hello);
            return;
        }
        // The lines of reference 3.1, in their order.
        var lines = new List<string> { hello };
        lines.AddRange(new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"SIZE {settings.MaxMessageBytes}"),
            "PIPELINING",
            "DSN",
            "ENHANCEDSTATUSCODES",
            _wire.TlsVersion is null ? settings.Tls == TlsFault.NotOffered ? "" : "STARTTLS" : $"AUTH {string.Join(' ', settings.Mechanisms)}",
            "8BITMIME",
            "BINARYMIME",
            "CHUNKING",
            "SMTPUTF8",
        }.Where(l => l.Length > 0 && settings.Has(l.Split(' ')[0])));
        _wire.Reply(string.Join('\n', lines.Select((l, i) => (i == lines.Count - 1 ? "250 " : "250-") + l)));
    }

    private async ValueTask StartTlsAsync(CancellationToken ct)
    {
        if (_wire.TlsVersion is not null || Settings.Tls == TlsFault.NotOffered || !Settings.Has("STARTTLS"))
        {
            _wire.Reply(_wire.TlsVersion is null ? Replies.Unknown : Replies.BadSequence);
            return;
        }
        if (await MeetsFaultAsync(SmtpStage.StartTls, null, ct))
            return;
        _wire.Reply("220 2.0.0 SMTP server ready");
        if (!await BeginTlsAsync(ct))
            return;
        // Everything said before is forgotten (RFC 3207 §4.2).
        ClientName = null;
        _mail.Reset();
    }

    private async Task<bool> BeginTlsAsync(CancellationToken ct)
    {
        switch (Settings.Tls)
        {
            case TlsFault.PlaintextReply:
                _wire.Reply("250 2.0.0 OK in the clear");
                await _wire.WaitForInputAsync(ct);
                _closing = true;
                return false;
            case TlsFault.ClosedInHandshake:
                await _wire.WaitForInputAsync(ct);
                _wire.Abort();
                _closing = true;
                return false;
            case TlsFault.InjectedReply:
                _wire.Reply("250-injected.example\n250 AUTH PLAIN LOGIN");
                break;
            default:
                break;
        }
        var secured = await _wire.StartTlsAsync(_certificates.For(Settings.Tls), ct);
        _closing |= !secured;
        return secured;
    }
}
