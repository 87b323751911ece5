using System.Globalization;

namespace Postrider.Smtp;

/// <summary>What a server offered in its answer to EHLO (RFC 5321 section 4.1.1.1). Only the last EHLO counts:
/// what was said before TLS could have been said by anybody (RFC 3207 section 4.2).</summary>
public sealed record SmtpCapabilities
{
    /// <summary>What a server that only knows HELO can do.</summary>
    public static SmtpCapabilities None { get; } = new();

    public bool Pipelining { get; init; }
    public bool Chunking { get; init; }
    public bool EightBitMime { get; init; }
    public bool BinaryMime { get; init; }
    public bool SmtpUtf8 { get; init; }
    public bool Dsn { get; init; }
    public bool StartTls { get; init; }
    public bool EnhancedStatusCodes { get; init; }

    /// <summary>SIZE was offered, with or without a figure: the size may be declared in MAIL (RFC 1870).</summary>
    public bool DeclaresSize { get; init; }

    /// <summary>The largest message in octets; null when the server names none (RFC 1870 section 4: 0 means no fixed limit).</summary>
    public long? Size { get; init; }

    /// <summary>LIMITS RCPTMAX (RFC 9422): recipients in one transaction.</summary>
    public int? MaxRecipients { get; init; }

    /// <summary>LIMITS MAILMAX (RFC 9422): transactions in one session.</summary>
    public int? MaxMessages { get; init; }

    /// <summary>SASL mechanisms in upper case, in the server's order (RFC 4954).</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    /// <summary>Every keyword line as sent, for the person who diagnoses.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Whether content of that kind may be sent as it is.</summary>
    public bool Carries(SmtpBody body) => body switch
    {
        SmtpBody.SevenBit => true,
        SmtpBody.EightBitMime => EightBitMime,
        // RFC 3030 section 3: only BDAT carries it.
        _ => BinaryMime && Chunking,
    };

    public bool Offers(string mechanism) => AuthMechanisms.Contains(mechanism, StringComparer.OrdinalIgnoreCase);

    public static SmtpCapabilities Parse(SmtpReply ehlo)
    {
        ArgumentNullException.ThrowIfNull(ehlo);
        var capabilities = None;
        var mechanisms = new List<string>();
        // The first line greets; a keyword follows on each other line.
        var lines = ehlo.Text.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var keyword = words[0].ToUpperInvariant();
            // `AUTH=LOGIN PLAIN` is what servers said to clients of the nineties; some still do.
            if (keyword.StartsWith("AUTH=", StringComparison.Ordinal))
            {
                AddMechanisms(mechanisms, [words[0]["AUTH=".Length..], .. words[1..]]);
                continue;
            }
            switch (keyword)
            {
                case "PIPELINING": capabilities = capabilities with { Pipelining = true }; break;
                case "CHUNKING": capabilities = capabilities with { Chunking = true }; break;
                case "8BITMIME": capabilities = capabilities with { EightBitMime = true }; break;
                case "BINARYMIME": capabilities = capabilities with { BinaryMime = true }; break;
                case "SMTPUTF8": capabilities = capabilities with { SmtpUtf8 = true }; break;
                case "DSN": capabilities = capabilities with { Dsn = true }; break;
                case "STARTTLS": capabilities = capabilities with { StartTls = true }; break;
                case "ENHANCEDSTATUSCODES": capabilities = capabilities with { EnhancedStatusCodes = true }; break;
                case "AUTH": AddMechanisms(mechanisms, words[1..]); break;
                case "SIZE":
                    capabilities = capabilities with
                    {
                        DeclaresSize = true,
                        Size = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null,
                    };
                    break;
                case "LIMITS":
                    foreach (var limit in words[1..])
                        capabilities = WithLimit(capabilities, limit);
                    break;
            }
        }
        return capabilities with { AuthMechanisms = mechanisms, Lines = lines };
    }

    private static SmtpCapabilities WithLimit(SmtpCapabilities capabilities, string limit)
    {
        var parts = limit.Split('=', 2);
        if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
            return capabilities;
        return parts[0].ToUpperInvariant() switch
        {
            "RCPTMAX" => capabilities with { MaxRecipients = value },
            "MAILMAX" => capabilities with { MaxMessages = value },
            _ => capabilities,
        };
    }

    private static void AddMechanisms(List<string> mechanisms, string[] words)
    {
        foreach (var word in words)
            if (word.Length > 0 && !mechanisms.Contains(word, StringComparer.OrdinalIgnoreCase))
                mechanisms.Add(word.ToUpperInvariant());
    }
}
