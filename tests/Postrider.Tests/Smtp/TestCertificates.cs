using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Tests.Smtp;

/// <summary>A certificate authority for one test run, and the certificates, good and bad, that a server may show.</summary>
internal static class TestCertificates
{
    private static readonly X509Certificate2 authority = MakeAuthority("CN=Postrider test CA");

    public static X509Certificate2Collection Roots { get; } = [X509CertificateLoader.LoadCertificate(authority.RawData)];

    public static X509Certificate2 Good { get; } = Issue("localhost", DateTimeOffset.UtcNow.AddDays(30));

    public static X509Certificate2 Expired { get; } = Issue("localhost", DateTimeOffset.UtcNow.AddDays(-1));

    public static X509Certificate2 WrongName { get; } = Issue("mail.elsewhere.example", DateTimeOffset.UtcNow.AddDays(30));

    public static X509Certificate2 UnknownAuthority { get; } = Issue("localhost", DateTimeOffset.UtcNow.AddDays(30), MakeAuthority("CN=Nobody's CA"));

    public static X509Certificate2 SelfSigned { get; } = MakeSelfSigned();

    private static X509Certificate2 MakeAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    private static X509Certificate2 Issue(string name, DateTimeOffset until, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(name, key).Create(by ?? authority, until.AddDays(-60), until, RandomNumberGenerator.GetBytes(8));
        return Usable(issued.CopyWithPrivateKey(key));
    }

    private static X509Certificate2 MakeSelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Usable(Request("localhost", key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30)));
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return request;
    }

    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
