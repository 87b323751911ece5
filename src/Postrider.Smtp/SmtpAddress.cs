using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.Smtp;

/// <summary>A mailbox of the envelope (RFC 5321 section 4.1.2, RFC 6531 section 3.3): local part, one <c>@</c>, domain or address literal.
/// What parses here holds no control character, no unquoted special and no second <c>@</c>, so it can be written between angle brackets.
/// Lenient in one point, as Postfix is by default: dots may stand side by side in a local part.
/// Equal when the local parts are equal and the domains are equal without regard to case.</summary>
public sealed class SmtpAddress : IEquatable<SmtpAddress>
{
    public const int MaxLocalPart = 64;     // RFC 5321 section 4.5.3.1.1
    public const int MaxDomain = 255;       // section 4.5.3.1.2
    public const int MaxAddress = 254;      // section 4.5.3.1.3: a path of 256 with its brackets

    private const string Atext = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~";
    private static readonly SearchValues<char> DotAtom = SearchValues.Create(Atext + ".");
    private static readonly SearchValues<char> HostName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    private SmtpAddress(string text, string localPart, string domain, string asciiDomain) =>
        (Text, LocalPart, Domain, AsciiDomain) = (text, localPart, domain, asciiDomain);

    /// <summary>The address as given.</summary>
    public string Text { get; }

    /// <summary>The local part as given, quotes included.</summary>
    public string LocalPart { get; }

    /// <summary>The domain as given, or an address literal with its brackets.</summary>
    public string Domain { get; }

    /// <summary>The domain in lower case with A-labels (<c>xn--…</c>): the form that DNS and old servers know.</summary>
    public string AsciiDomain { get; }

    /// <summary>The local part goes beyond ASCII: only a server that offers SMTPUTF8 can take it. A domain alone never needs that.</summary>
    public bool NeedsSmtpUtf8 => !Ascii.IsValid(LocalPart);

    /// <summary>The address as it goes to a server without SMTPUTF8: the domain in its A-label form.</summary>
    public string AsciiText => Ascii.IsValid(Domain) ? Text : $"{LocalPart}@{AsciiDomain}";

    /// <summary>As it goes to a server: a domain in its ASCII form, unless the address takes SMTPUTF8 anyway.</summary>
    public string WireText => NeedsSmtpUtf8 ? Text : AsciiText;

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SmtpAddress? address) =>
        TryParse(text, out address, out _);

    /// <param name="why">What is wrong, in words for the person who typed it; null when nothing is.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SmtpAddress? address, [NotNullWhen(false)] out string? why)
    {
        address = null;
        why = Parse(text ?? "", out var at, out var asciiDomain);
        if (why is not null)
            return false;
        address = new SmtpAddress(text!, text![..at], text[(at + 1)..], asciiDomain!);
        return true;
    }

    public static SmtpAddress Parse(string text) =>
        TryParse(text, out var address, out var why) ? address : throw new FormatException(why);

    /// <summary>The common case without allocation: plain ASCII, no quotes, no literal. False says only that a closer look is needed.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        return text.Length <= MaxAddress && at is > 0 and <= MaxLocalPart
            && !text[..at].ContainsAnyExcept(DotAtom) && CheckHostName(text[(at + 1)..]) is null;
    }

    public bool Equals(SmtpAddress? other) =>
        other is not null && LocalPart == other.LocalPart && AsciiDomain == other.AsciiDomain;

    public override bool Equals(object? obj) => Equals(obj as SmtpAddress);

    public override int GetHashCode() => HashCode.Combine(LocalPart, AsciiDomain);

    public override string ToString() => Text;

    private static string? Parse(string text, out int at, out string? asciiDomain)
    {
        asciiDomain = null;
        at = -1;
        if (text.Length == 0)
            return "The address is empty.";
        if (text.Length > MaxAddress || Encoding.UTF8.GetByteCount(text) > MaxAddress)
            return $"The address is longer than {MaxAddress} octets.";
        for (var i = 0; i < text.Length; i++)
            if (HostileText.IsObeyed(text[i]) || (char.IsSurrogate(text[i]) && !IsPairAt(text, ref i)))
                return "The address contains a control character.";
        var wrong = text[0] == '"' ? Quoted(text, out at) : DotString(text, out at);
        if (wrong is not null)
            return wrong;
        if (Encoding.UTF8.GetByteCount(text.AsSpan(0, at)) > MaxLocalPart)
            return $"The part before the @ is longer than {MaxLocalPart} octets.";
        return CheckDomain(text.AsSpan(at + 1), out asciiDomain);
    }

    private static bool IsPairAt(string text, ref int i) =>
        char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]);

    private static string? DotString(string text, out int at)
    {
        at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return "The address has no @ and domain.";
        if (at == 0)
            return "The address has nothing before the @.";
        foreach (var c in text.AsSpan(0, at))
            if (c < 0x80 && !DotAtom.Contains(c))
                return c == ' ' ? "The address contains a space." : $"The address contains '{c}', which must stand within quotes.";
        return null;
    }

    private static string? Quoted(string text, out int at)
    {
        at = -1;
        var i = 1;
        for (; i < text.Length && text[i] != '"'; i++)
            if (text[i] == '\\' && (++i >= text.Length || text[i] is < ' ' or > '~'))
                return "The address ends within a quoted character.";
        if (i >= text.Length)
            return "The address opens a quote and does not close it.";
        if (i == 1)
            return "The address has nothing within its quotes.";
        at = i + 1;
        return at < text.Length && text[at] == '@' ? null : "A quoted local part must be followed by @.";
    }

    private static string? CheckDomain(ReadOnlySpan<char> domain, out string? ascii)
    {
        ascii = null;
        if (domain.Length == 0)
            return "The address has nothing after the @.";
        if (domain[0] == '[')
        {
            if (!IsLiteral(domain))
                return "The address literal after the @ is neither [192.0.2.1] nor [IPv6:2001:db8::1].";
            ascii = domain.ToString().ToLowerInvariant();
            return null;
        }
        if (Ascii.IsValid(domain))
        {
            ascii = domain.ToString().ToLowerInvariant();
            return CheckHostName(domain);
        }
        // The program runs without ICU (InvariantGlobalization), so nothing normalises for us: lower case is done here,
        // and what would need composing or folding is refused, because another form of the same name would differ from it.
        foreach (var c in domain)
            if (c is (>= '\u0300' and <= '\u036F') or (>= '\uFF00' and <= '\uFFEF') or '\u3002' || char.IsWhiteSpace(c)
                || (c < 0x80 && !HostName.Contains(c)))
                return c == '@' ? "The address contains more than one @." : "The domain contains a character that has no place in a domain name.";
        try
        {
            ascii = new IdnMapping().GetAscii(domain.ToString().ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return "The domain is not a valid internationalised domain name.";
        }
        return CheckHostName(ascii);
    }

    private static string? CheckHostName(ReadOnlySpan<char> domain)
    {
        if (domain.Length is 0 or > MaxDomain)
            return domain.Length == 0 ? "The address has nothing after the @." : $"The domain is longer than {MaxDomain} octets.";
        if (domain.IndexOfAnyExcept(HostName) is var odd and >= 0)
            return domain[odd] == '@' ? "The address contains more than one @." : "The domain contains a character that has no place in a domain name.";
        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return "The domain has an empty or too long part between its dots, or a part that begins or ends with a hyphen.";
        }
        return null;
    }

    private static bool IsLiteral(ReadOnlySpan<char> domain)
    {
        if (domain[^1] != ']')
            return false;
        var inside = domain[1..^1];
        if (inside.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            return !inside.Contains('%') && !inside.Contains('[') && IPAddress.TryParse(inside[5..], out var six) && six.AddressFamily == AddressFamily.InterNetworkV6;
        return inside.Count('.') == 3 && IPAddress.TryParse(inside, out var four) && four.AddressFamily == AddressFamily.InterNetwork;
    }
}
