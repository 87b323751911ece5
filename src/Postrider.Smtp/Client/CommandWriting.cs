using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Postrider.Smtp;

/// <summary>The commands of a transaction as bytes. Addresses have been checked before; what is written here cannot end a line early.</summary>
internal static class CommandWriting
{
    // RFC 3461 section 4: printable ASCII except + and = stands for itself, the rest as +XX.
    private const int MaxEnvelopeId = 100;
    private const int MaxOriginalRecipient = 500;

    public static void WriteMail(this IBufferWriter<byte> output, Envelope envelope, MessageContent content, bool utf8, SmtpCapabilities capabilities)
    {
        output.Write("MAIL FROM:<"u8);
        output.WriteAddress(envelope.From ?? "", utf8);
        output.Write(">"u8);
        if (capabilities.DeclaresSize)
        {
            output.Write(" SIZE="u8);
            output.WriteNumber(content.Length);
        }
        if (content.Body == SmtpBody.BinaryMime)
            output.Write(" BODY=BINARYMIME"u8);
        else if (capabilities.EightBitMime && (content.Body == SmtpBody.EightBitMime || utf8))
            output.Write(" BODY=8BITMIME"u8);
        if (utf8)
            output.Write(" SMTPUTF8"u8);
        if (capabilities.Dsn && envelope.Reports is { } reports)
        {
            if (reports.Return is { } wanted)
                output.Write(wanted == DsnReturn.Full ? " RET=FULL"u8 : " RET=HDRS"u8);
            if (reports.EnvelopeId is { Length: > 0 } id && Xtext(id) is { Length: <= MaxEnvelopeId } encoded)
                output.WriteText($" ENVID={encoded}");
        }
        output.Write("\r\n"u8);
    }

    public static void WriteRecipient(this IBufferWriter<byte> output, Envelope envelope, int recipient, bool utf8, SmtpCapabilities capabilities)
    {
        output.Write("RCPT TO:<"u8);
        output.WriteAddress(envelope.Recipients[recipient], utf8);
        output.Write(">"u8);
        if (capabilities.Dsn && envelope.Reports is { } reports)
        {
            if (Notify(reports.Notify) is { } notify)
                output.WriteText($" NOTIFY={notify}");
            if (reports.OriginalRecipients is { } originals && recipient < originals.Count && originals[recipient] is { Length: > 0 } original
                && Ascii.IsValid(original) && Xtext(original) is { Length: <= MaxOriginalRecipient } encoded)
                output.WriteText($" ORCPT=rfc822;{encoded}");
        }
        output.Write("\r\n"u8);
    }

    public static void WriteBdat(this IBufferWriter<byte> output, long size, bool last)
    {
        output.Write("BDAT "u8);
        output.WriteNumber(size);
        output.Write(last ? " LAST\r\n"u8 : "\r\n"u8);
    }

    // A server without SMTPUTF8 knows a domain by its A-labels; one that has it is given the address as it was written.
    private static void WriteAddress(this IBufferWriter<byte> output, string address, bool utf8) =>
        output.WriteText(utf8 || Ascii.IsValid(address) ? address : SmtpAddress.Parse(address).AsciiText);

    private static void WriteText(this IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    private static void WriteNumber(this IBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    private static string? Notify(DsnNotify notify)
    {
        if (notify.HasFlag(DsnNotify.Never))
            return "NEVER";
        if (notify == DsnNotify.Default)
            return null;
        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success))
            words.Add("SUCCESS");
        if (notify.HasFlag(DsnNotify.Failure))
            words.Add("FAILURE");
        if (notify.HasFlag(DsnNotify.Delay))
            words.Add("DELAY");
        return string.Join(',', words);
    }

    private static string Xtext(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
            if (b is > (byte)' ' and <= (byte)'~' and not (byte)'+' and not (byte)'=')
                encoded.Append((char)b);
            else
                encoded.Append('+').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        return encoded.ToString();
    }
}
