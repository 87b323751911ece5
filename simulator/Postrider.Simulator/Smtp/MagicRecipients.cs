using System.Collections.Concurrent;
using System.Globalization;

namespace Postrider.Simulator;

internal enum MagicKind
{
    Rcpt,
    Dot,
    Drop,
    Slow,
}

/// <param name="Number">The code, or for <see cref="MagicKind.Slow"/> milliseconds.</param>
/// <param name="Times">0: always.</param>
internal sealed record Magic(MagicKind Kind, int Number, int Times);

/// <summary>Recipients whose address says what shall go wrong. What follows a plus sign is free, to make addresses unique.</summary>
internal sealed class MagicRecipients
{
    /// <summary>For the mailbox page and the README.</summary>
    public static readonly (string Address, string Effect)[] List =
    [
        ("CODE@…", "refused at RCPT with that reply code, for example 550@example.org"),
        ("CODE-N@…", "the same for the first N attempts (per sender and recipient), then accepted"),
        ("dot-CODE@…, dot-CODE-N@…", "the same at the reply to the final dot (per Message-ID and recipient)"),
        ("drop-N@…", "the message is recorded, then the connection is reset instead of the reply, N times (per Message-ID and recipient)"),
        ("slow-MS@…", "the reply to the final dot comes after MS milliseconds"),
    ];

    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.OrdinalIgnoreCase);

    public static Magic? Read(string address)
    {
        var at = address.LastIndexOf('@');
        if (at < 1 || !(char.IsAsciiDigit(address[0]) || address[0] is 'd' or 's' or 'D' or 'S'))
            return null;
        var local = address[..at].ToLowerInvariant();
        if (local.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus)
            local = local[..plus];
        return local.Split('-') switch
        {
            [var code] when Code(code, out var n) => new Magic(MagicKind.Rcpt, n, 0),
            [var code, var times] when Code(code, out var n) && Number(times, out var t) => new Magic(MagicKind.Rcpt, n, t),
            ["dot", var code] when Code(code, out var n) => new Magic(MagicKind.Dot, n, 0),
            ["dot", var code, var times] when Code(code, out var n) && Number(times, out var t) => new Magic(MagicKind.Dot, n, t),
            ["drop", var times] when Number(times, out var t) => new Magic(MagicKind.Drop, 0, t),
            ["slow", var wait] when Number(wait, out var n) => new Magic(MagicKind.Slow, n, 0),
            _ => null,
        };
    }

    /// <summary>Whether the trick works this time; counts the attempt.</summary>
    public bool Applies(Magic magic, string key) =>
        magic.Times == 0 || _attempts.AddOrUpdate($"{magic.Kind} {key}", 1, (_, n) => n + 1) <= magic.Times;

    public void Clear() => _attempts.Clear();

    private static bool Code(string text, out int code) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code) && text.Length == 3 && code is >= 400 and <= 599;

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and < 10_000_000;
}
