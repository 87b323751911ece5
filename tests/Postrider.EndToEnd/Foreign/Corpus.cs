using System.Text;
using Postrider.EndToEnd.Running;
using Postrider.Smtp;

namespace Postrider.EndToEnd.Foreign;

/// <param name="Name">What is odd about it.</param>
internal sealed record Sample(string Name, byte[] Bytes, IReadOnlyList<string>? To = null, string? From = Installation.Mailbox)
{
    public IReadOnlyList<string> Recipients => To ?? ["someone@example.org"];

    public bool IsInternational => Recipients.Append(From ?? "").Any(address => !Ascii.IsValid(address));

    /// <summary>Only BDAT carries it as it is: DATA ends every message with a line end.</summary>
    public bool LacksLineEnd => !Bytes.AsSpan().EndsWith("\r\n"u8);

    /// <summary>It has a header and a body, as whoever thinks in messages and not in octets needs them.</summary>
    public bool IsMessage => Bytes.AsSpan().IndexOf("\r\n\r\n"u8) > 0;

    public byte[] WithLineEnd => LacksLineEnd ? [.. Bytes, .. "\r\n"u8] : Bytes;

    /// <summary>Servers pass it on without a change of their own: a header of the usual fields, and no line longer than RFC 5321 allows.</summary>
    public bool IsOrdinary { get; init; } = true;

    public override string ToString() => Name;
}

/// <summary>Messages that show whether an octet is lost, added or changed on the wire, and whether an envelope arrives whole.</summary>
internal static class Corpus
{
    /// <summary>Where buffers and pieces of either side end.</summary>
    private static readonly int[] Boundaries = [1024, 4096, 8192, 16_384, 65_536, 131_072, 262_144];

    public static IReadOnlyList<Sample> Write(SignedMail signed) =>
    [
        new("awkward", AwkwardMail.Write("awkward")),
        new("signed with DKIM", signed.Dkim("dkim")),
        new("signed with S/MIME", signed.SecureMime("smime")),
        new("multipart", Mail("multipart", """
            .
            --outer
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            .Grüße
            ..
            --inner
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            .<p>Gr=C3=BC=C3=9Fe =
            .soft
            --inner--
            --outer
            Content-Type: application/pdf
            Content-Transfer-Encoding: base64

            JVBERi0x
            --outer
            Content-Type: message/rfc822

            Subject: within

            .
            --outer--
            .

            """, "multipart/mixed; boundary=outer")),
        new("dots that begin lines", Mail("dots", string.Concat(Enumerable.Range(1, 5).Select(dots => $"{new string('.', dots)}\n{new string('.', dots)}x\n.{new string('\n', dots)}")))),
        new("dots at the end", Mail("dots at the end", "x\n.\n.\n..\n.\n")),
        new("a dot without a line end", Mail("a dot at the end", "x\n.")) { IsOrdinary = false },
        new("no line end", Mail("no line end", "x\ny")) { IsOrdinary = false },
        new("an empty body", Mail("an empty body", "")),
        new("a header alone", [.. Mail("a header alone", "")[..^2]]) { IsOrdinary = false },
        new("empty lines", Mail("empty lines", "\n\n\n\n")),
        new("one octet", "x"u8.ToArray()) { IsOrdinary = false },
        new("one dot", "."u8.ToArray()) { IsOrdinary = false },
        new("one line end", "\r\n"u8.ToArray()) { IsOrdinary = false },
        new("a dot and a line end", ".\r\n"u8.ToArray()) { IsOrdinary = false },
        new("long lines", Mail("long lines", $"{new string('x', 998)}\n.{new string('y', 2000)}\n{new string('.', 100_000)}\nend\n")) { IsOrdinary = false },
        new("every octet", [.. Mail("every octet", ""), .. Enumerable.Range(1, 255).Except([10, 13]).Select(octet => (byte)octet), .. "\r\n"u8]) { IsOrdinary = false },
        new("blanks at line ends", Mail("blanks", "a \nb\t\n \n\t\n  .\n")),
        new("UTF-8 in the header", Mail("Grüße aus Köln", "x\n"), ["büro@example.org", "smör@bücher.example"]) { IsOrdinary = false },
        new("an international sender", Mail("Grüße", "x\n"), From: "jürgen@example.org") { IsOrdinary = false },
        new("many recipients", Mail("many recipients", ".\n"), [.. Enumerable.Range(0, 300).Select(number => $"{new string((char)('a' + number % 26), 1 + number % 60)}.{number}@example.org")]) { IsOrdinary = false },
        new("odd recipients", Mail("odd recipients", ".\n"), ["\"john,smith\"@example.org", "o'neil+tag=x@example.org", "a@[192.0.2.1]"]) { IsOrdinary = false },
        new("no sender", Mail("no sender", "x\n"), From: null),
        .. Boundaries.SelectMany(boundary => new[] { boundary - 1, boundary, boundary + 1 }).Select(size => new Sample($"{size} octets", Sized(size))),
        // A dot, or a line end, on either side of a boundary.
        .. Enumerable.Range(-3, 6).SelectMany(off => new[] { 4096, 65_536, 262_144 }.Select(boundary => new Sample($"a dot at {boundary}{off:+0;-0;}", Dotted(boundary + off)) { IsOrdinary = boundary < 100_000 })),
        new("a few megabytes", Sized(3_000_001)) { IsOrdinary = false },
    ];

    /// <summary>What only BINARYMIME carries.</summary>
    public static IReadOnlyList<Sample> Binary =>
    [
        new("every octet there is", [.. Mail("binary", "", "application/octet-stream"), .. Enumerable.Range(0, 256).Select(octet => (byte)octet), .. "\n.\r.\0\r\n.\r\n"u8]),
        new("lines of another system", [.. Mail("lines", "", "application/octet-stream"), .. "one\n.\ntwo\n\r\n"u8]),
        new("a large one", [.. Mail("large", "", "application/octet-stream"), .. Enumerable.Range(0, 1_000_000).Select(number => (byte)(number * 7 >> number % 3)), .. "\r\n"u8]),
    ];

    /// <param name="body">Its lines end with LF, which the message does not.</param>
    private static byte[] Mail(string subject, string body, string type = "text/plain; charset=utf-8") => Encoding.UTF8.GetBytes(
        $"Date: Tue, 3 Nov 2026 09:00:00 +0100\nFrom: App <{Installation.Mailbox}>\nTo: someone@example.org\nSubject: {subject}\nMessage-ID: <{Convert.ToHexString(Encoding.UTF8.GetBytes(subject))}@app.example>\nMIME-Version: 1.0\nContent-Type: {type}\n\n{body}"
            .ReplaceLineEndings("\r\n"));

    private static byte[] Sized(int size)
    {
        var mail = new List<byte>(Mail($"{size} octets", "")) { Capacity = size };
        for (var line = 0; mail.Count < size; line++)
        {
            // Lines of many lengths, each with a dot before it: dots and line ends fall everywhere.
            var left = size - mail.Count;
            var length = left < 200 ? left : 3 + line * 37 % 120;
            mail.AddRange(Enumerable.Repeat((byte)'.', Math.Max(0, Math.Min(1 + line % 3, length - 2))));
            mail.AddRange(Enumerable.Repeat((byte)('a' + line % 26), Math.Max(0, length - 2 - (1 + line % 3))));
            mail.AddRange("\r\n"u8);
        }
        Assert.Equal(size, mail.Count);
        return [.. mail];
    }

    private static byte[] Dotted(int at)
    {
        var head = Mail($"a dot at {at}", "");
        var fill = Enumerable.Repeat((byte)'x', at - 2 - head.Length).ToArray();
        for (var end = 68; end < fill.Length - 4; end += 70)
            "\r\n"u8.CopyTo(fill.AsSpan(end));
        return [.. head, .. fill, .. "\r\n.\r\n..\r\nend\r\n"u8];
    }
}
