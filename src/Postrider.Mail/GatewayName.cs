using Microsoft.Extensions.Options;

namespace Postrider.Mail;

/// <summary>What the gateway calls itself in EHLO, in Received and in the Message-IDs that it gives.</summary>
public sealed class GatewayName(IOptions<MailOptions> options)
{
    public string Value { get; } = options.Value.HostName is { Length: > 0 } configured ? configured : System.Net.Dns.GetHostName();

    /// <summary>EHLO wants a fully qualified name or an address (RFC 5321 section 4.1.4): null where the name is neither, for the address.</summary>
    public string? ForEhlo => Value.Contains('.') ? Value : null;
}
