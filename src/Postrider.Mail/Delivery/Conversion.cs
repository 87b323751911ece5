using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Postrider.Smtp;

namespace Postrider.Mail.Delivery;

/// <summary>For a server without 8BITMIME or BINARYMIME, what it cannot carry gets another transfer encoding, since it would arrive broken
/// otherwise (RFC 6152 section 3, RFC 3030 section 3). The only case in which a message does not leave as it was accepted: every other part
/// stays, and so does all that a multipart/signed holds, as its signature would break. What still does not fit then is not sent.</summary>
internal static class Conversion
{
    /// <param name="most">What the server carries.</param>
    public static async Task<MessageContent> ConvertAsync(MessageContent content, SmtpBody most, CancellationToken cancellation)
    {
        using var original = new MemoryStream();
        await foreach (var piece in content.ReadAsync(cancellation))
            original.Write(piece.Span);
        original.Position = 0;
        var message = await MimeMessage.LoadAsync(original, cancellation);
        Fit(message, most);
        using var converted = new MemoryStream();
        await message.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true }, converted, cancellation);
        return MessageContent.FromMemory(converted.ToArray());
    }

    private static void Fit(MimeMessage message, SmtpBody most)
    {
        Fit(message.Headers, most);
        if (message.Body is not { } body)
            return;
        Fit(body, most);
        // Mail of the time before MIME says nothing about its text, and a transfer encoding means nothing without it (RFC 2045 section 4).
        if (body.Headers.Contains(HeaderId.ContentTransferEncoding) && !message.Headers.Contains(HeaderId.MimeVersion))
            message.Headers.Add(HeaderId.MimeVersion, "1.0");
    }

    private static void Fit(MimeEntity entity, SmtpBody most)
    {
        if (entity is not MultipartSigned)
            Fit(entity.Headers, most);
        switch (entity)
        {
            case MultipartSigned:
                return;
            case Multipart several:
                foreach (var part in several)
                    Fit(part, most);
                break;
            case MessagePart { Message: { } inner }:
                Fit(inner, most);
                break;
            case MimePart { Content: not null } part when BodyOf(part) is var body && body > most:
                Encode(part, body);
                return;
        }
        Relabel(entity, most);
    }

    private static void Encode(MimePart part, SmtpBody body)
    {
        if (part is TextPart text && !text.Headers.Contains(HeaderId.ContentType))
            text.ContentType.Charset = IsUtf8(text) ? "utf-8" : "unknown-8bit";     // RFC 1428
        // Text whose lines are whole stays readable where it is mostly ASCII; of anything else every octet counts.
        part.ContentTransferEncoding = part is TextPart && body == SmtpBody.EightBitMime ? part.GetBestEncoding(EncodingConstraint.SevenBit) : ContentEncoding.Base64;
    }

    /// <summary>What holds converted parts must not say any more that it is 8bit or binary.</summary>
    private static void Relabel(MimeEntity entity, SmtpBody most)
    {
        var label = entity.Headers[HeaderId.ContentTransferEncoding]?.Trim().ToLowerInvariant() switch
        {
            "8bit" => SmtpBody.EightBitMime,
            "binary" => SmtpBody.BinaryMime,
            _ => SmtpBody.SevenBit,
        };
        if (label > most)
            entity.Headers[HeaderId.ContentTransferEncoding] = most == SmtpBody.EightBitMime ? "8bit" : "7bit";
    }

    // Without SMTPUTF8 a header has no business with more than ASCII (RFC 5322 section 2.2), and devices send it all the same.
    private static void Fit(HeaderList headers, SmtpBody most)
    {
        if (most != SmtpBody.SevenBit)
            return;
        foreach (var header in headers.Where(header => !Ascii.IsValid(header.RawValue)).ToList())
            header.SetValue(Encoding.UTF8, header.Value);
    }

    private static SmtpBody BodyOf(MimePart part) => MessageContent.BodyOf(Raw(part));

    private static bool IsUtf8(MimePart part) => System.Text.Unicode.Utf8.IsValid(Raw(part));

    private static ReadOnlySpan<byte> Raw(MimePart part)
    {
        using var raw = new MemoryStream();
        part.Content!.WriteTo(raw);
        return raw.GetBuffer().AsSpan(0, (int)raw.Length);
    }
}
