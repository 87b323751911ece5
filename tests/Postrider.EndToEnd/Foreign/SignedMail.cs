using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Postrider.EndToEnd.Running;
using X509KeyUsageFlags = System.Security.Cryptography.X509Certificates.X509KeyUsageFlags;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Messages whose signatures break when an octet changes: DKIM (RFC 6376) over header and body with the strictest canonical form,
/// and S/MIME (RFC 8551) over the body.</summary>
internal sealed class SignedMail : IDisposable
{
    private readonly RSA dkimKey = RSA.Create(2048), personKey = RSA.Create(2048);
    private readonly TemporarySecureMimeContext secureMime = new();
    private readonly X509Certificate2 person;

    public SignedMail()
    {
        var request = new CertificateRequest($"CN={Installation.Mailbox}", personKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress(Installation.Mailbox);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        person = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
    }

    public byte[] Dkim(string subject)
    {
        var message = New(subject, new TextPart("plain") { Text = ".\r\n..\r\n. a dot\r\nblanks at the end   \r\n\tand a tab\r\n\r\n" });
        var signer = new DkimSigner(DotNetUtilities.GetRsaKeyPair(dkimKey).Private, "contoso.example", "one", DkimSignatureAlgorithm.RsaSha256)
        {
            HeaderCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Simple, BodyCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Simple,
        };
        signer.Sign(message, [HeaderId.From, HeaderId.To, HeaderId.Subject, HeaderId.Date, HeaderId.MessageId]);
        return Bytes(message);
    }

    public byte[] SecureMime(string subject)
    {
        var text = new TextPart("plain") { Text = "Signed.\r\n.\r\n  Blanks at the end  \r\n" };
        return Bytes(New(subject, MultipartSigned.Create(secureMime, new CmsSigner(person), text)));
    }

    public async Task AssertValidAsync(byte[] arrived)
    {
        var message = await MimeMessage.LoadAsync(new MemoryStream(arrived));
        if (message.Body is MultipartSigned signed)
        {
            Assert.All(await signed.VerifyAsync(secureMime), signature => signature.Verify(verifySignatureOnly: true));
            return;
        }
        var signature = message.Headers[message.Headers.IndexOf(HeaderId.DkimSignature)];
        Assert.True(await new DkimVerifier(new Keys(DotNetUtilities.GetRsaPublicKey(dkimKey))).VerifyAsync(message, signature), "The DKIM signature is broken.");
    }

    private static MimeMessage New(string subject, MimeEntity body) =>
        new([new MailboxAddress("App", Installation.Mailbox)], [new MailboxAddress("Someone", "someone@example.org")], subject, body);

    private static byte[] Bytes(MimeMessage message)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var bytes = new MemoryStream();
        message.WriteTo(format, bytes);
        return bytes.ToArray();
    }

    public void Dispose()
    {
        dkimKey.Dispose();
        personKey.Dispose();
        person.Dispose();
        secureMime.Dispose();
    }

    private sealed class Keys(AsymmetricKeyParameter key) : IDkimPublicKeyLocator
    {
        public AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) => key;

        public Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) => Task.FromResult(key);
    }
}
