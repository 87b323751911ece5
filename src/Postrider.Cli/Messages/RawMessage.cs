using MimeKit;

namespace Postrider.Cli;

/// <summary>A complete message from a file: its lines ended as SMTP wants them, and the addresses of its headers.</summary>
/// <param name="Content">The bytes, every line ended by CRLF; files on Unix have LF alone.</param>
/// <param name="Author">The address of <c>From</c>, where there is one.</param>
/// <param name="Recipients">The addresses of <c>To</c>, <c>Cc</c> and <c>Bcc</c>, each once.</param>
internal sealed record RawMessage(byte[] Content, string? Author, IReadOnlyList<string> Recipients)
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    public static RawMessage Read(byte[] file)
    {
        var content = WithCrLf(file);
        var headers = Headers(content);
        var recipients = new[] { HeaderId.To, HeaderId.Cc, HeaderId.Bcc }
            .SelectMany(id => Addresses(headers, id))
            .Distinct(StringComparer.OrdinalIgnoreCase);
        return new RawMessage(content, Addresses(headers, HeaderId.From).FirstOrDefault(), [.. recipients]);
    }

    private static byte[] WithCrLf(byte[] file)
    {
        using var lines = new MemoryStream(file.Length + (file.Length / 32));
        byte previous = 0;
        foreach (var octet in file)
        {
            if (octet == Lf && previous != Cr)
                lines.WriteByte(Cr);
            lines.WriteByte(octet);
            previous = octet;
        }

        return lines.ToArray();
    }

    private static HeaderList Headers(byte[] content)
    {
        using var stream = new MemoryStream(content, writable: false);
        try
        {
            return HeaderList.Load(stream);
        }
        catch (FormatException)
        {
            throw new UsageException("this is no message: it does not begin with header fields such as 'From: …'.");
        }
    }

    private static IEnumerable<string> Addresses(HeaderList headers, HeaderId id) =>
        headers.Where(header => header.Id == id)
            .SelectMany(header => InternetAddressList.TryParse(header.RawValue, out var list) ? list.Mailboxes : [])
            .Select(mailbox => mailbox.Address);
}
