using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Accounts.Sealing;

/// <summary>What the key ring itself is locked with: a passphrase or a certificate that is kept elsewhere. With neither, whoever reads the ring can
/// open the secrets.</summary>
public sealed class KeyRingOptions
{
    public const string Section = "KeyRing";

    /// <summary>The systemd credential that is taken as the passphrase where it is there and nothing else is set.</summary>
    public const string UsualCredential = "postrider.keyring";

    /// <summary>A file with the passphrase, of at least 16 characters.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary>The name of a systemd credential with the passphrase (<c>LoadCredential=</c>, <c>LoadCredentialEncrypted=</c>).</summary>
    public string? Credential { get; set; }

    /// <summary>A certificate with an RSA key: PEM beside <see cref="CertificateKey"/>, or PKCS #12.</summary>
    public string? Certificate { get; set; }

    public string? CertificateKey { get; set; }

    /// <summary>A file with the password of the PKCS #12 file or of the PEM key.</summary>
    public string? CertificatePasswordFile { get; set; }

    /// <summary>The passphrase before: it still opens, and locks nothing new.</summary>
    public string? PreviousPassphraseFile { get; set; }

    /// <summary>The certificate before, in the forms of <see cref="Certificate"/>; it still opens, and locks nothing new.</summary>
    public string? PreviousCertificate { get; set; }

    public string? PreviousCertificateKey { get; set; }

    /// <summary>Starts although keys are missing. The secrets sealed with them stay as they are, and have to be entered again.</summary>
    public bool StartWithoutLostKeys { get; set; }

    /// <exception cref="KeyRingException">A file is missing or does not hold what it should.</exception>
    internal KeyRingLock Read(string? credentials)
    {
        if (PassphraseFile is { Length: > 0 } && Certificate is { Length: > 0 })
            throw new KeyRingException("The key ring is locked with a passphrase or with a certificate, not with both.", "Take one of KeyRing:PassphraseFile and KeyRing:Certificate out of the settings.");
        var passphrases = new List<string>();
        var file = PassphraseFile is { Length: > 0 } ? PassphraseFile : Certificate is { Length: > 0 } ? null : CredentialFile(credentials);
        if (file is not null)
            passphrases.Add(Passphrase(file));
        if (PreviousPassphraseFile is { Length: > 0 } before)
            passphrases.Add(Passphrase(before));
        var certificates = new List<X509Certificate2>();
        if (Certificate is { Length: > 0 })
            certificates.Add(ReadCertificate(Certificate, CertificateKey));
        if (PreviousCertificate is { Length: > 0 } old)
            certificates.Add(ReadCertificate(old, PreviousCertificateKey));
        return new(passphrases, certificates, file is not null, Certificate is { Length: > 0 }, file);
    }

    private string? CredentialFile(string? credentials)
    {
        if (Credential is { Length: > 0 } name)
            return credentials is { Length: > 0 } && Path.Combine(credentials, name) is var given && File.Exists(given) ? given
                : throw new KeyRingException($"There is no systemd credential \"{name}\" for the key ring.",
                    $"Give the unit LoadCredential={name}:FILE (or LoadCredentialEncrypted=), or take KeyRing:Credential out of the settings.");
        return credentials is { Length: > 0 } && Path.Combine(credentials, UsualCredential) is var usual && File.Exists(usual) ? usual : null;
    }

    private static string Passphrase(string file)
    {
        const int Shortest = 16;
        var text = ReadText(file, "the key ring's passphrase");
        return text.Length >= Shortest ? text
            : throw new KeyRingException($"{file} holds {text.Length} characters; a passphrase for the key ring has at least {Shortest}.", $"Make one:\n    openssl rand -base64 32 > {file}");
    }

    private X509Certificate2 ReadCertificate(string file, string? keyFile)
    {
        var password = CertificatePasswordFile is { Length: > 0 } ? ReadText(CertificatePasswordFile, "the password of the key ring's certificate") : null;
        try
        {
            var certificate = X509Certificate2.GetCertContentType(file) == X509ContentType.Pkcs12
                ? X509CertificateLoader.LoadPkcs12FromFile(file, password)
                : password is null ? X509Certificate2.CreateFromPemFile(file, keyFile) : X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile);
            using var key = certificate.GetRSAPrivateKey();
            return key is not null ? certificate
                : throw new KeyRingException($"The certificate {file} has no RSA key with it: the key ring could be locked with it and not opened again.", "Name the key with KeyRing:CertificateKey, or use a PKCS #12 file that holds it.");
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException($"The key ring's certificate {file} cannot be read: {wrong.Message}", "Correct KeyRing:Certificate, KeyRing:CertificateKey or KeyRing:CertificatePasswordFile.", wrong);
        }
    }

    private static string ReadText(string file, string what)
    {
        try
        {
            return File.ReadAllText(file).Trim('\r', '\n');
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException($"The file {file} with {what} cannot be read: {wrong.Message}", "Make it readable for the user that runs Postrider, or correct the setting.", wrong);
        }
    }
}

/// <summary>What opens the ring, the one in force first, and whether new keys are locked.</summary>
/// <param name="PassphraseFile">Where the passphrase in force was read from.</param>
public sealed record KeyRingLock(IReadOnlyList<string> Passphrases, IReadOnlyList<X509Certificate2> Certificates, bool ByPassphrase, bool ByCertificate, string? PassphraseFile);

/// <summary>The key ring is not the one of this installation, or cannot be opened. Nothing was changed.</summary>
public sealed class KeyRingException(string cause, string remedy, Exception? inner = null) : Exception($"{cause} {remedy}", inner);
