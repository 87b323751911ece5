using MimeKit;
using Postrider.Mail.Queue;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Reading;

/// <summary>A stored message taken apart for a person to look at.</summary>
internal sealed class MessageReader(ContentStore contents)
{
    /// <summary>A larger message is offered as a file only: it is taken apart in memory.</summary>
    public const long Largest = 64 * 1024 * 1024;

    /// <returns>Null when its content is no longer kept, or cannot be read as a message.</returns>
    public async Task<MimeMessage?> OpenAsync(string id, CancellationToken cancellation)
    {
        // The message reads its parts out of this buffer, and goes when it goes.
        var bytes = new MemoryStream();
        await foreach (var piece in contents.PiecesAsync(id, 0, cancellation))
        {
            bytes.Write(piece.Span);
            if (bytes.Length > Largest)
                return null;
        }
        if (bytes.Length == 0)
            return null;
        bytes.Position = 0;
        try
        {
            return await MimeMessage.LoadAsync(ParserOptions.Default, bytes, persistent: true, cancellation);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The files of a message, in its order; their numbers are their addresses.</summary>
    public static IReadOnlyList<AttachedFile> Files(MimeMessage message) => [.. message.BodyParts
        .Where(part => part is not TextPart text || text.IsAttachment || text.FileName is not null)
        .Select((part, at) => new AttachedFile(at + 1, part, Foreign.FileName(part is MessagePart { Message.Subject: { Length: > 0 } subject } ? subject + ".eml" : Named(part), $"attachment-{at + 1}{Ending(part)}")))];

    private static string? Named(MimeEntity part) => part.ContentDisposition?.FileName ?? part.ContentType.Name;

    private static string Ending(MimeEntity part) => part is MessagePart ? ".eml" : "";
}

/// <summary>A file in a message, under a name that is safe to save it as.</summary>
internal sealed record AttachedFile(int Number, MimeEntity Part, string Name)
{
    public string Type => Foreign.Clean(Part.ContentType.MimeType);

    /// <summary>It stands in the text, as a picture.</summary>
    public bool IsInText => Part.ContentId is not null && !Part.IsAttachment;

    /// <summary>About how many octets it has when it is taken out; it is not decoded to be counted.</summary>
    public long About => Part is MimePart { Content.Stream: { } stream } part
        ? part.ContentTransferEncoding == ContentEncoding.Base64 ? stream.Length * 3 / 4 : stream.Length : 0;

    public async Task WriteAsync(Stream target, CancellationToken cancellation)
    {
        if (Part is MessagePart { Message: { } inner })
            await inner.WriteToAsync(target, cancellation);
        else if (Part is MimePart { Content: { } content })
            await content.DecodeToAsync(target, cancellation);
    }
}
