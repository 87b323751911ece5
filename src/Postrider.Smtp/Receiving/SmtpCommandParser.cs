using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postrider.Smtp;

/// <summary>Reads a command line (RFC 5321 section 4.1). Lenient where devices need it and nothing can go wrong, as Postfix is with
/// <c>strict_rfc821_envelopes = no</c>: verbs in any case, spaces behind <c>FROM:</c>, an address without its brackets, a source route
/// (dropped, section 4.1.1.3), trailing spaces. Strict where two servers could read a line differently: control characters, invalid UTF-8,
/// a second <c>@</c>, open quotes, unknown or repeated parameters.</summary>
public static class SmtpCommandParser
{
    private const int MaxDomain = 255;
    private const int ShownVerb = 20;

    // A tab between words is common and harmless; no other control character is.
    private static readonly SearchValues<byte> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(b => b != '\t').Append(0x7F).Select(b => (byte)b)]);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="line">Without its CRLF, as <see cref="SmtpLineReader"/> gives it.</param>
    public static SmtpCommand Parse(ReadOnlySpan<byte> line)
    {
        if (line.ContainsAny(Forbidden))
            return Wrong(500, "5.5.2", "The command contains a control character");
        string text;
        try
        {
            text = StrictUtf8.GetString(line).Replace('\t', ' ').TrimEnd(' ');
        }
        catch (DecoderFallbackException)
        {
            return Wrong(500, "5.5.2", "The command is not valid UTF-8");
        }
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var verb = space < 0 ? text : text[..space];
        var argument = space < 0 ? "" : text[(space + 1)..].TrimStart(' ');
        return verb.ToUpperInvariant() switch
        {
            "EHLO" => Hello(argument, name => new SmtpCommand.Ehlo(name)),
            "HELO" => Hello(argument, name => new SmtpCommand.Helo(name)),
            "MAIL" => Path(argument, "FROM:", "MAIL FROM:<sender@example.org>") switch
            {
                (null, var path, var parameters) => Mail(path, parameters),
                var (wrong, _, _) => wrong,
            },
            "RCPT" => Path(argument, "TO:", "RCPT TO:<recipient@example.org>") switch
            {
                (null, var path, var parameters) => Rcpt(path, parameters),
                var (wrong, _, _) => wrong,
            },
            "DATA" => Bare(argument, "DATA", new SmtpCommand.Data()),
            "BDAT" => Bdat(argument),
            "RSET" => Bare(argument, "RSET", new SmtpCommand.Rset()),
            "NOOP" => new SmtpCommand.Noop(),
            "QUIT" => Bare(argument, "QUIT", new SmtpCommand.Quit()),
            "STARTTLS" => Bare(argument, "STARTTLS", new SmtpCommand.StartTls()),
            "AUTH" => Auth(argument),
            "VRFY" => new SmtpCommand.Vrfy(argument),
            "HELP" => new SmtpCommand.Help(),
            _ => new SmtpCommand.Unknown(HostileText.From(Encoding.UTF8.GetBytes(verb[..Math.Min(verb.Length, ShownVerb)]))),
        };
    }

    private static SmtpCommand Hello(string name, Func<string, SmtpCommand> command)
    {
        if (name.Length == 0)
            return Wrong(501, "5.5.4", "Say your host name behind EHLO or HELO");
        // Devices send all kinds of names; what is no single printable word is refused, because it ends up in Received.
        return name.Length > MaxDomain || name.Any(c => c == ' ' || HostileText.IsObeyed(c))
            ? Wrong(501, "5.5.2", "The host name must be one printable word of at most 255 characters")
            : command(name);
    }

    private static SmtpCommand Bare(string argument, string verb, SmtpCommand command) =>
        argument.Length == 0 ? command : Wrong(501, "5.5.4", $"{verb} takes no parameter");

    private static SmtpCommand Bdat(string argument)
    {
        var words = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 1 or 2 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && (words.Length == 1 || words[1].Equals("LAST", StringComparison.OrdinalIgnoreCase)))
            return new SmtpCommand.Bdat(size, words.Length == 2);
        // How many octets follow is unknown, so nothing behind this line can be read as a command.
        return Wrong(501, "5.5.4", "Write BDAT, the number of octets, and LAST for the last chunk", close: true);
    }

    private static SmtpCommand Auth(string argument)
    {
        var words = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (1 or 2) || words[0].Length > 20 || words[0].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            return Wrong(501, "5.5.4", "Write AUTH and a mechanism, such as AUTH PLAIN");
        return new SmtpCommand.Auth(words[0].ToUpperInvariant(), words.Length == 2 ? words[1] : null);
    }

    private static (SmtpCommand.Malformed? Wrong, string Path, string[] Parameters) Path(string argument, string keyword, string example)
    {
        if (!argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
            return (Wrong(501, "5.5.4", $"Write {example}"), "", []);
        var rest = argument[keyword.Length..].TrimStart(' ');
        if (rest.Length == 0)
            return (Wrong(501, "5.5.4", $"The address is missing: write {example}"), "", []);
        var bracketed = rest[0] == '<';
        var end = PathEnd(rest, bracketed);
        if (end < 0)
            return (Wrong(501, "5.1.3", bracketed ? "The address opens a bracket or quote and does not close it" : "The address opens a quote and does not close it"), "", []);
        var path = bracketed ? rest[1..end] : rest[..end];
        var behind = bracketed ? rest[(end + 1)..] : rest[end..];
        if (behind.Length > 0 && behind[0] != ' ')
            return (Wrong(501, "5.5.4", "A space must stand between the address and its parameters"), "", []);
        return (null, WithoutRoute(path), behind.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    // The end of the address: a bracket or space within quotes does not count. -1 when there is none.
    private static int PathEnd(string text, bool bracketed)
    {
        var quoted = false;
        for (var i = bracketed ? 1 : 0; i < text.Length; i++)
            switch (text[i])
            {
                case '\\' when quoted: i++; break;
                case '"': quoted = !quoted; break;
                case '>' when bracketed && !quoted: return i;
                case ' ' when !bracketed && !quoted: return i;
            }
        return bracketed || quoted ? -1 : text.Length;
    }

    private static string WithoutRoute(string path) =>
        path.Length > 0 && path[0] == '@' && path.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? path[(colon + 1)..] : path;

    private static SmtpCommand Mail(string path, string[] words)
    {
        SmtpAddress? sender = null;
        if (path.Length > 0 && !SmtpAddress.TryParse(path, out sender, out var why))
            return Wrong(501, "5.1.7", $"The sender's address is not valid. {why.TrimEnd('.')}");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var parameters = new MailParameters();
        foreach (var word in words)
        {
            var (keyword, value) = Split(word);
            if (!seen.Add(keyword))
                return Wrong(501, "5.5.4", $"The parameter {Shown(keyword)} stands twice");
            MailParameters? next = (keyword.ToUpperInvariant(), value?.ToUpperInvariant()) switch
            {
                ("SIZE", { Length: <= 20 }) when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) => parameters with { Size = size },
                ("BODY", "7BIT") => parameters with { Body = SmtpBody.SevenBit },
                ("BODY", "8BITMIME") => parameters with { Body = SmtpBody.EightBitMime },
                ("BODY", "BINARYMIME") => parameters with { Body = SmtpBody.BinaryMime },
                ("SMTPUTF8", null) => parameters with { SmtpUtf8 = true },
                ("RET", "FULL") => parameters with { Return = DsnReturn.Full },
                ("RET", "HDRS") => parameters with { Return = DsnReturn.Headers },
                ("ENVID", { Length: > 0 and <= 100 }) when TryXtext(value!, out var id) => parameters with { EnvelopeId = id },
                ("AUTH", { Length: > 0 and <= 500 }) => parameters with { Auth = value },
                _ => null,
            };
            if (next is null)
                return WrongParameter(keyword, "SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH");
            parameters = next;
        }
        if (sender is not null && !Ascii.IsValid(sender.Text) && !parameters.SmtpUtf8)
            return Wrong(553, "5.6.7", "The sender's address needs SMTPUTF8, which MAIL did not ask for");
        return new SmtpCommand.Mail(sender, parameters);
    }

    private static SmtpCommand Rcpt(string path, string[] words)
    {
        if (!SmtpAddress.TryParse(path, out var recipient, out var why))
            return Wrong(501, "5.1.3", $"The recipient's address is not valid. {why.TrimEnd('.')}");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var parameters = new RcptParameters();
        foreach (var word in words)
        {
            var (keyword, value) = Split(word);
            if (!seen.Add(keyword))
                return Wrong(501, "5.5.4", $"The parameter {Shown(keyword)} stands twice");
            RcptParameters? next = keyword.ToUpperInvariant() switch
            {
                "NOTIFY" when TryNotify(value, out var notify) => parameters with { Notify = notify },
                "ORCPT" when value is { Length: <= 500 } && value.IndexOf(';', StringComparison.Ordinal) is var semicolon and > 0 && TryXtext(value[(semicolon + 1)..], out var original)
                    => parameters with { OriginalRecipientType = value[..semicolon].ToLowerInvariant(), OriginalRecipient = original },
                _ => null,
            };
            if (next is null)
                return WrongParameter(keyword, "NOTIFY", "ORCPT");
            parameters = next;
        }
        return new SmtpCommand.Rcpt(recipient, parameters);
    }

    private static (string Keyword, string? Value) Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
    }

    private static bool TryNotify(string? value, out DsnNotify notify)
    {
        notify = DsnNotify.Default;
        foreach (var word in (value ?? "").Split(','))
        {
            var one = word.ToUpperInvariant() switch
            {
                "SUCCESS" => DsnNotify.Success,
                "FAILURE" => DsnNotify.Failure,
                "DELAY" => DsnNotify.Delay,
                "NEVER" => DsnNotify.Never,
                _ => DsnNotify.Default,
            };
            if (one == DsnNotify.Default)
                return false;
            notify |= one;
        }
        // RFC 3461 section 4.1: NEVER stands alone.
        return !notify.HasFlag(DsnNotify.Never) || notify == DsnNotify.Never;
    }

    // RFC 3461 section 4: +XX is an octet; only printable ASCII may come of it.
    private static bool TryXtext(string text, out string decoded)
    {
        var result = new StringBuilder(text.Length);
        decoded = "";
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '+')
            {
                if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
                    return false;
                c = (char)octet;
                i += 2;
            }
            if (c is < ' ' or > '~')
                return false;
            result.Append(c);
        }
        decoded = result.ToString();
        return true;
    }

    private static SmtpCommand.Malformed WrongParameter(string keyword, params string[] known) =>
        known.Contains(keyword, StringComparer.OrdinalIgnoreCase)
            ? Wrong(501, "5.5.4", $"The value of {keyword.ToUpperInvariant()} is not valid")
            : Wrong(555, "5.5.4", $"The parameter {Shown(keyword)} is not known");

    private static string Shown(string keyword) => HostileText.From(Encoding.UTF8.GetBytes(keyword[..Math.Min(keyword.Length, ShownVerb)]));

    private static SmtpCommand.Malformed Wrong(int code, string enhanced, string text, bool close = false) =>
        new(SmtpReply.Local(code, enhanced, text), close);
}
