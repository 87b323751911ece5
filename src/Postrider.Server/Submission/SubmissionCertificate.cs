using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Postrider.Server.Submission;

/// <summary>The certificate of the SMTP door, read again when its file has changed, so that a renewal needs no restart.</summary>
internal sealed class SubmissionCertificate(IOptions<SubmissionOptions> options)
{
    private readonly Lock gate = new();
    private X509Certificate2? loaded;
    private DateTime written;

    public bool IsConfigured => options.Value.Certificate.Length > 0;

    /// <exception cref="InvalidOperationException">The files do not hold a certificate and its key.</exception>
    public X509Certificate2 Current
    {
        get
        {
            var (file, key) = (options.Value.Certificate, options.Value.CertificateKey);
            lock (gate)
            {
                var changed = File.GetLastWriteTimeUtc(file);
                if (loaded is not null && changed == written)
                    return loaded;
                try
                {
                    using var pem = X509Certificate2.CreateFromPemFile(file, key.Length > 0 ? key : null);
                    // A key that lives only in memory cannot be used for TLS on every platform; a round trip through PKCS #12 can.
                    loaded = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
                    written = changed;
                    return loaded;
                }
                catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
                {
                    if (loaded is not null)
                        return loaded;
                    throw new InvalidOperationException($"{SubmissionOptions.Section}:Certificate {file} cannot be used: {wrong.Message}", wrong);
                }
            }
        }
    }
}
