using System.Globalization;
using System.Text;

namespace Postrider.Simulator;

/// <summary>Who a message is from and for, and what was said with it.</summary>
internal sealed class Envelope
{
    public required string From { get; init; }

    public string Parameters { get; init; } = "";

    /// <summary>BODY=BINARYMIME: bare CR and LF are allowed (RFC 3030).</summary>
    public bool Binary { get; init; }

    public bool Utf8 { get; init; }

    public List<string> To { get; } = [];

    public List<string> ToParameters { get; } = [];

    public List<(Magic Magic, string Address)> Magic { get; } = [];
}

/// <summary>MAIL, RCPT, DATA and BDAT: one message at a time, up to its last byte. What becomes of it: <see cref="MailAcceptance"/>.</summary>
internal sealed class MailTransaction(SmtpSession session, SmtpWire wire, SimulatorState state)
{
    private readonly MailAcceptance _acceptance = new(session, wire, state);
    private Envelope? _envelope;
    private List<byte[]>? _chunks;
    private long _chunked;
    private int _messages;

    public bool Open => _envelope is not null;

    public void Reset()
    {
        _envelope = null;
        _chunks = null;
        _chunked = 0;
    }

    public async ValueTask MailAsync(string arguments, CancellationToken ct)
    {
        if (await session.MeetsFaultAsync(SmtpStage.Mail, session.SignedIn?.Mailbox.Address, ct))
            return;
        session.ReplyAndMaybeClose(Mail(arguments));
    }

    public async ValueTask RcptAsync(string arguments, CancellationToken ct)
    {
        if (await session.MeetsFaultAsync(SmtpStage.Rcpt, session.SignedIn?.Mailbox.Address, ct))
            return;
        session.ReplyAndMaybeClose(Rcpt(arguments));
    }

    public async ValueTask DataAsync(CancellationToken ct)
    {
        if (_chunks is not null || _envelope is { Binary: true })
        {
            // BDAT and DATA do not mix, and binary needs BDAT (RFC 3030 §2, §3).
            wire.Reply(Replies.BadSequence);
            return;
        }
        if (_envelope is not { To.Count: > 0 })
        {
            wire.Reply(session.SignedIn is null ? Replies.NotAuthenticated : Replies.NoRecipients);
            return;
        }
        if (await session.MeetsFaultAsync(SmtpStage.Data, session.SignedIn?.Mailbox.Address, ct))
            return;
        wire.Reply("354 Start mail input; end with <CRLF>.<CRLF>");
        var (body, tooBig) = await wire.ReadDataAsync(session.Settings.MaxMessageBytes, ct);
        if (body is null)
            session.Close();
        else
            await FinishAsync(body, tooBig, chunked: false, ct);
    }

    public async ValueTask BdatAsync(string arguments, CancellationToken ct)
    {
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var last = words.Length == 2 && words[1].Equals("LAST", StringComparison.OrdinalIgnoreCase);
        if (words.Length is 0 or > 2 || (words.Length == 2 && !last)
            || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            // Without a size one cannot know where the next command begins.
            wire.Reply(Replies.BadArguments);
            session.Close();
            return;
        }
        var expected = _envelope is { To.Count: > 0 };
        var tooBig = _chunked + size > session.Settings.MaxMessageBytes;
        var chunk = expected && !tooBig ? new byte[size] : [];
        if (!await wire.ReadExactlyAsync(size, chunk, ct))
        {
            session.Close();
            return;
        }
        if (!expected)
        {
            wire.Reply(session.SignedIn is null ? Replies.NotAuthenticated : Replies.NoRecipients);
            return;
        }
        _chunked += size;
        if (!last)
        {
            (_chunks ??= []).Add(chunk);
            wire.Reply(tooBig ? Replies.TooBig : string.Create(CultureInfo.InvariantCulture, $"250 2.0.0 {size} octets received"));
            return;
        }
        var body = _chunks is null ? chunk : [.. _chunks.SelectMany(c => c), .. chunk];
        await FinishAsync(body, tooBig, chunked: true, ct);
    }

    private string Mail(string arguments)
    {
        var settings = session.Settings;
        var (binary, utf8) = (false, false);
        if (session.SignedIn is not { } who)
            return Replies.NotAuthenticated;
        if (Open)
            return Replies.BadSequence;
        if (!TryPath(arguments, "FROM:", out var from, out var parameters))
            return Replies.BadArguments;
        foreach (var word in parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Split(word);
            switch (key)
            {
                case "SIZE" when settings.Has("SIZE") && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                    if (size > settings.MaxMessageBytes)
                        return Replies.TooBig;
                    break;
                case "BODY" when value == "7BIT" || (value == "8BITMIME" && settings.Has("8BITMIME")):
                    break;
                case "BODY" when value == "BINARYMIME" && settings.Has("BINARYMIME") && settings.Has("CHUNKING"):
                    binary = true;
                    break;
                case "SMTPUTF8" when settings.Has("SMTPUTF8"):
                    utf8 = true;
                    break;
                case "RET" or "ENVID" when settings.Has("DSN"):
                case "AUTH":
                    break;
                default:
                    return Replies.BadArguments;
            }
        }
        if (!utf8 && !Ascii.IsValid(from))
            return Replies.NeedsSmtpUtf8;
        if (settings.CheckSender && (state.Directory.FindAccount(from) is not { } sender
            || !(sender.Address.Equals(who.Mailbox.Address, StringComparison.OrdinalIgnoreCase) || who.MaySendAs(sender))))
            return Replies.MayNotSendAs;
        if (settings.MessagesPerConnection > 0 && _messages >= settings.MessagesPerConnection)
            return Throttle(Replies.EnoughForOneConnection);
        if (!state.Limits.MaySend(who.Mailbox.Address, settings.MessagesPerMinute))
            return Throttle(Replies.RateExceeded);
        _envelope = new Envelope { From = from, Parameters = parameters, Binary = binary, Utf8 = utf8 };
        return "250 2.1.0 Sender OK";
    }

    private string Throttle(string reply)
    {
        state.Counters.Throttled("421");
        return reply;
    }

    private string Rcpt(string arguments)
    {
        var settings = session.Settings;
        if (_envelope is not { } envelope)
            return session.SignedIn is null ? Replies.NotAuthenticated : "503 5.5.2 Need mail command";
        if (!TryPath(arguments, "TO:", out var to, out var parameters))
            return Replies.BadArguments;
        if (to.LastIndexOf('@') is var at && (at < 1 || at == to.Length - 1 || to.Contains(' ')))
            return Replies.BadAddress;
        if (parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(p => !settings.Has("DSN") || Split(p).Key is not ("NOTIFY" or "ORCPT")))
            return Replies.BadArguments;
        if (!envelope.Utf8 && !Ascii.IsValid(to))
            return Replies.NeedsSmtpUtf8;
        if (envelope.To.Count >= settings.MaxRecipients)
            return Replies.TooManyRecipients;
        if (MagicRecipients.Read(to) is { } magic)
        {
            if (magic.Kind == MagicKind.Rcpt && state.Magic.Applies(magic, $"{envelope.From} {to}"))
                return Replies.OnDemand(magic.Number, afterDot: false);
            envelope.Magic.Add((magic, to));
        }
        envelope.To.Add(to);
        envelope.ToParameters.Add(parameters);
        return "250 2.1.5 Recipient OK";
    }

    private ValueTask FinishAsync(byte[] body, bool tooBig, bool chunked, CancellationToken ct)
    {
        var envelope = _envelope!;
        Reset();
        _messages++;
        return _acceptance.FinishAsync(envelope, body, tooBig, chunked, ct);
    }

    private static (string Key, string Value) Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (word.ToUpperInvariant(), "") : (word[..equals].ToUpperInvariant(), word[(equals + 1)..].ToUpperInvariant());
    }

    private static bool TryPath(string arguments, string prefix, out string address, out string parameters)
    {
        address = parameters = "";
        if (!arguments.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = arguments.AsSpan(prefix.Length).TrimStart(' ');
        if (rest.Length < 2 || rest[0] != '<' || rest.IndexOf('>') is var end && end < 0)
            return false;
        address = rest[1..end].ToString();
        parameters = rest[(end + 1)..].Trim().ToString();
        return rest.Length == end + 1 || rest[end + 1] == ' ';
    }
}
