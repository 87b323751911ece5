using System.Globalization;

namespace Postrider.Smtp;

/// <summary>One reply of a server (RFC 5321 section 4.2), or one that we made ourselves (<see cref="IsLocal"/>).</summary>
/// <param name="Code">The three-digit reply code, 200 to 599.</param>
/// <param name="Enhanced">The enhanced status code that begins the text (RFC 2034), when there is one of the same class.</param>
/// <param name="Text">The lines joined by <c>\n</c>, without reply code and enhanced code. Control characters are replaced:
/// the text is hostile input that ends up on consoles, in logs and in tables.</param>
public sealed record SmtpReply(int Code, EnhancedCode? Enhanced, string Text)
{
    public bool IsPositive => Code is >= 200 and < 300;
    public bool IsIntermediate => Code is >= 300 and < 400;
    public bool IsTransient => Code is >= 400 and < 500;
    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>No server said this: we refused before a byte was sent (nothing usable advertised, too large, malformed address).</summary>
    public bool IsLocal { get; init; }

    /// <summary>What a failed OAuth exchange explained in its 334 challenge, decoded: usually JSON with status and scope
    /// (RFC 7628 section 3.2.2). For diagnosis only; hostile text, control characters replaced.</summary>
    public string? Challenge { get; init; }

    /// <summary>The whole reply on one line for people: <c>550 5.1.1 no such user</c>.</summary>
    public string Verbatim
    {
        get
        {
            var text = Text.Contains('\n', StringComparison.Ordinal) ? Text.Replace('\n', ' ') : Text;
            return (Enhanced, text.Length) switch
            {
                (null, 0) => Code.ToString(CultureInfo.InvariantCulture),
                (null, _) => string.Create(CultureInfo.InvariantCulture, $"{Code} {text}"),
                (_, 0) => string.Create(CultureInfo.InvariantCulture, $"{Code} {Enhanced}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{Code} {Enhanced} {text}"),
            };
        }
    }

    public override string ToString() => Verbatim;

    /// <summary>A reply of our own making; the caller can tell it from a server's by <see cref="IsLocal"/>.</summary>
    public static SmtpReply Local(int code, string enhanced, string text) => new(code, EnhancedCode.Parse(enhanced), text) { IsLocal = true };
}
