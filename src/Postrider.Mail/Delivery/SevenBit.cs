using MimeKit;
using Postrider.Smtp;

namespace Postrider.Mail.Delivery;

/// <summary>For a server without 8BITMIME the body is re-encoded, since it would arrive broken otherwise (RFC 6152 section 3).
/// The only case in which a message does not leave as it was accepted.</summary>
internal static class SevenBit
{
    public static async Task<MessageContent> ConvertAsync(MessageContent content, CancellationToken cancellation)
    {
        using var original = new MemoryStream();
        await foreach (var piece in content.ReadAsync(cancellation))
            original.Write(piece.Span);
        original.Position = 0;
        var message = await MimeMessage.LoadAsync(original, cancellation);
        message.Prepare(EncodingConstraint.SevenBit);
        using var converted = new MemoryStream();
        await message.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true }, converted, cancellation);
        return MessageContent.FromMemory(converted.ToArray());
    }
}
