using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postrider.Smtp;

/// <summary>Base64 as SASL in SMTP means it (RFC 4954 section 4): one line, padded, no white space.</summary>
public static class SaslBase64
{
    /// <summary>RFC 4954 section 4: the longest line of an authentication exchange, without its CRLF.</summary>
    public const int MaxLength = 12288 - 2;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A single <c>=</c> stands for an empty response in the AUTH command itself.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (base64.Length > MaxLength || base64.IndexOfAny(" \t\r\n"u8) >= 0)
            return false;
        if (base64.SequenceEqual("="u8))
            base64 = default;
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, decoded, out var consumed, out var written) != OperationStatus.Done || consumed != base64.Length)
            return false;
        bytes = decoded[..written];
        return true;
    }

    /// <summary>Base64 of UTF-8 text; false when either layer is broken.</summary>
    public static bool TryDecodeText(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!TryDecode(base64, out var bytes))
            return false;
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    internal static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
