using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Simulator;

/// <summary>A certificate authority of its own for each simulator unless it is given one, and certificates good and bad signed by it.
/// Valid by the machine's clock, because that is what TLS clients go by.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;

    public TestCertificates(string directory)
    {
        CaFile = Path.Combine(Directory.CreateDirectory(directory).FullName, "ca.pem");
        var keyFile = Path.Combine(directory, "ca.key");
        if (File.Exists(keyFile))
            _authority = X509Certificate2.CreateFromPemFile(CaFile, keyFile);
        else
            File.WriteAllText(CaFile, (_authority = Authority()).ExportCertificatePem() + "\n");
        var now = TimeProvider.System.GetUtcNow();
        Good = Issue("localhost", now.AddDays(-1), now.AddYears(1), signed: true);
        Expired = Issue("localhost", now.AddDays(-30), now.AddDays(-1), signed: true);
        WrongName = Issue("elsewhere.example", now.AddDays(-1), now.AddYears(1), signed: true);
        SelfSigned = Issue("localhost", now.AddDays(-1), now.AddYears(1), signed: false);
    }

    /// <summary>A new certificate authority, with its key.</summary>
    public static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Postrider Simulator CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-60), now.AddYears(2));
    }

    public string CaFile { get; }

    public SslStreamCertificateContext Good { get; }

    public SslStreamCertificateContext Expired { get; }

    public SslStreamCertificateContext WrongName { get; }

    public SslStreamCertificateContext SelfSigned { get; }

    public SslStreamCertificateContext For(TlsFault fault) => fault switch
    {
        TlsFault.Expired => Expired,
        TlsFault.WrongName => WrongName,
        TlsFault.SelfSigned => SelfSigned,
        _ => Good,
    };

    public void Dispose()
    {
        foreach (var context in new[] { Good, Expired, WrongName, SelfSigned })
            context.TargetCertificate.Dispose();
        _authority.Dispose();
    }

    private SslStreamCertificateContext Issue(string name, DateTimeOffset from, DateTimeOffset until, bool signed)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));

        X509Certificate2 certificate;
        if (signed)
        {
            using var issued = request.Create(_authority, from, until, RandomNumberGenerator.GetBytes(16));
            certificate = issued.CopyWithPrivateKey(key);
        }
        else
        {
            certificate = request.CreateSelfSigned(from, until);
        }
        return SslStreamCertificateContext.Create(certificate, null, offline: true);
    }
}
