using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Smtp;

/// <summary>The server's certificate as a person checks it.</summary>
public sealed record CertificateSummary(string Subject, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Sha256)
{
    internal static CertificateSummary? Of(X509Certificate? certificate) => certificate is not X509Certificate2 known ? null
        : new(known.Subject, known.Issuer, new(known.NotBefore.ToUniversalTime()), new(known.NotAfter.ToUniversalTime()), known.GetCertHashString(HashAlgorithmName.SHA256));
}

/// <summary>TLS 1.2 or newer (RFC 8996, RFC 9325), the system's roots and those added by the operator, the host name checked. Nothing turns a check off.</summary>
internal static class SmtpTls
{
    /// <returns>The secured stream, and the chain that was judged.</returns>
    public static async Task<(SslStream Stream, IReadOnlyList<ShownCertificate> Chain)> AuthenticateAsync(Stream clear, SmtpEndpoint endpoint, SmtpClientOptions options, CancellationToken cancellation)
    {
        var judged = new Judgement();
        var tls = new SslStream(clear, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(Settings(endpoint, options, judged), cancellation);
            return (tls, judged.Chain);
        }
        catch (AuthenticationException e)
        {
            await tls.DisposeAsync();
            throw judged.Explain(endpoint, e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Settings(SmtpEndpoint endpoint, SmtpClientOptions options, Judgement judged)
    {
        var settings = new SslClientAuthenticationOptions
        {
            TargetHost = endpoint.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = options.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = judged.Record,
        };
        if (options.AdditionalRoots is { Count: > 0 } roots)
            settings.CertificateChainPolicy = TrustingAlso(roots, settings.CertificateRevocationCheckMode);
        return settings;
    }

    // A chain policy trusts either the system or a list: the list is then the system's roots and ours.
    private static X509ChainPolicy TrustingAlso(X509Certificate2Collection roots, X509RevocationMode revocation)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = revocation };
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));    // id-kp-serverAuth, RFC 5280 section 4.2.1.12
        policy.CustomTrustStore.AddRange(roots);
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(system.Certificates);
        return policy;
    }

    /// <summary>Keeps what the platform found, for the message; the verdict stays the platform's.</summary>
    private sealed class Judgement
    {
        private SslPolicyErrors errors;
        private string details = "";
        private string subject = "";
        private bool expired;
        private bool seen;

        public IReadOnlyList<ShownCertificate> Chain { get; private set; } = [];

        public bool Record(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors found)
        {
            seen = true;
            errors = found;
            Chain = ShownCertificate.Of(certificate, chain, found);
            subject = certificate?.Subject ?? "";
            if (chain is not null)
            {
                expired = chain.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid));
                details = string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct());
            }
            return found == SslPolicyErrors.None;
        }

        public SmtpConnectionException Explain(SmtpEndpoint endpoint, AuthenticationException cause)
        {
            var (fault, message) = Say(endpoint, cause);
            return new(SmtpStage.Tls, fault, message, cause) { Chain = Chain };
        }

        private (SmtpFault Fault, string Message) Say(SmtpEndpoint endpoint, AuthenticationException cause) => true switch
        {
            _ when !seen || errors == SslPolicyErrors.None => (SmtpFault.TlsFailed,
                $"The TLS handshake with {endpoint} failed; the server may offer only TLS 1.1 or older, or no TLS at this port: {(cause.InnerException ?? cause).Message}"),
            _ when expired => (SmtpFault.CertificateExpired,
                $"The certificate of {endpoint} ({subject}) is outside its validity: renew it on the server, or check the clock here. {details}"),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) => (SmtpFault.CertificateUntrusted,
                $"The certificate of {endpoint} ({subject}) does not lead to a trusted root: install the server's full chain, or trust its CA here. {details}"),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => (SmtpFault.CertificateNameMismatch,
                $"The certificate of {endpoint} ({subject}) is for another name: use the name that it carries as the server's address."),
            _ => (SmtpFault.CertificateUntrusted, $"The server {endpoint} showed no certificate."),
        };
    }
}
