using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Postrider.Accounts.Sealing;

/// <summary>Locks keys of the ring with a passphrase: PBKDF2 with HMAC-SHA-512 makes a key of it, AES-256-GCM seals.</summary>
internal sealed class PassphraseLock(KeyRingLock how) : IXmlEncryptor
{
    private const int Rounds = 600_000, SaltBytes = 16, KeyBytes = 32, NonceBytes = 12, TagBytes = 16;

    // Making a key takes a good part of a second: the whole ring shares one, as long as it has one salt.
    private readonly ConcurrentDictionary<(string Passphrase, string Salt, int Rounds), byte[]> keys = new();

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var passphrase = how.Passphrases[0];
        var salt = keys.Keys.FirstOrDefault(key => key.Passphrase == passphrase && key.Rounds == Rounds).Salt ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(SaltBytes));
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var plain = System.Text.Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var (text, tag) = (new byte[plain.Length], new byte[TagBytes]);
        using (var aes = new AesGcm(Key(passphrase, salt, Rounds), TagBytes))
            aes.Encrypt(nonce, plain, text, tag);
        CryptographicOperations.ZeroMemory(plain);
        // The name of the type that opens it goes into the ring: it stays as it is for good.
        return new(new XElement("locked",
            new XComment(" Locked with the passphrase of KeyRing:PassphraseFile. "),
            new XElement("salt", salt), new XElement("rounds", Rounds), new XElement("nonce", Convert.ToBase64String(nonce)),
            new XElement("tag", Convert.ToBase64String(tag)), new XElement("text", Convert.ToBase64String(text))), typeof(PassphraseDecryptor));
    }

    /// <exception cref="CryptographicException">None of the passphrases opens it.</exception>
    public XElement Decrypt(XElement locked)
    {
        string Part(string name) => locked.Element(name)?.Value ?? throw new CryptographicException($"A key of the ring has no {name}.");
        var text = Convert.FromBase64String(Part("text"));
        foreach (var passphrase in how.Passphrases)
        {
            var plain = new byte[text.Length];
            using var aes = new AesGcm(Key(passphrase, Part("salt"), int.Parse(Part("rounds"), CultureInfo.InvariantCulture)), TagBytes);
            try
            {
                aes.Decrypt(Convert.FromBase64String(Part("nonce")), text, Convert.FromBase64String(Part("tag")), plain);
            }
            catch (AuthenticationTagMismatchException)
            {
                continue;
            }
            return XElement.Parse(System.Text.Encoding.UTF8.GetString(plain));
        }
        throw new CryptographicException(how.Passphrases.Count == 0 ? "It is locked with a passphrase, and none is configured." : "It is locked with another passphrase.");
    }

    private byte[] Key(string passphrase, string salt, int rounds) => keys.GetOrAdd((passphrase, salt, rounds), of =>
        Rfc2898DeriveBytes.Pbkdf2(of.Passphrase, Convert.FromBase64String(of.Salt), of.Rounds, HashAlgorithmName.SHA512, KeyBytes));
}

/// <summary>What the framework makes to open a key that <see cref="PassphraseLock"/> has locked.</summary>
internal sealed class PassphraseDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<PassphraseLock>().Decrypt(encryptedElement);
}
