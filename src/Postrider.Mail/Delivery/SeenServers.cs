using System.Collections.Concurrent;
using System.Security.Authentication;
using Postrider.Accounts.Providers;
using Postrider.Smtp;

namespace Postrider.Mail.Delivery;

/// <summary>How each provider's server showed itself when this node last connected, to send or to test.</summary>
public sealed class SeenServers(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SeenServer> seen = new();

    /// <returns>Null when this node has not connected since its start.</returns>
    public SeenServer? Of(string providerId) => seen.GetValueOrDefault(providerId);

    internal async Task<SmtpClientSession> LookAsync(Provider provider, Task<SmtpClientSession> connecting)
    {
        try
        {
            var session = await connecting;
            seen[provider.Id] = new(time.GetUtcNow(), session.TlsProtocol is { } protocol ? InWords(protocol) : null, session.RemoteChain);
            return session;
        }
        catch (SmtpConnectionException refused) when (refused.Chain.Count > 0)
        {
            seen[provider.Id] = new(time.GetUtcNow(), null, refused.Chain);
            throw;
        }
    }

    internal static string InWords(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLS 1.3",
        SslProtocols.Tls12 => "TLS 1.2",
        _ => protocol.ToString(),
    };
}

/// <param name="Tls">Its version; null: the connection was in clear text, or ended because the chain was not accepted.</param>
/// <param name="Chain">The server's own certificate first; empty: the connection was in clear text.</param>
public sealed record SeenServer(DateTimeOffset At, string? Tls, IReadOnlyList<ShownCertificate> Chain);
