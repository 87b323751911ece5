using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A certificate for <c>localhost</c> that the authority of the run has signed, as PEM files.</summary>
internal sealed class TestAuthority
{
    public TestAuthority(ServerDirectory directory)
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        var signer = Trust.Authority;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        server.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        server.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(signer, true, false));
        using var certificate = server.Create(signer, from, until, RandomNumberGenerator.GetBytes(8));

        CaFile = Trust.AuthorityFile;
        CertificateFile = directory.File("server.pem", certificate.ExportCertificatePem() + "\n");
        KeyFile = directory.File("server.key", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public string CaFile { get; }
    public string CertificateFile { get; }
    public string KeyFile { get; }
}
