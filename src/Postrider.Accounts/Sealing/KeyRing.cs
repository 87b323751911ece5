using System.Buffers.Text;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Postrider.Accounts.Sealing;

/// <summary>A key of the ring.</summary>
/// <param name="IsLocked">Whether it lies in the ring sealed with a passphrase or a certificate.</param>
public sealed record RingKey(Guid Id, DateTimeOffset CreatedAt, bool IsCurrent, bool IsLocked);

/// <summary>The keys that secrets are sealed with. Every sealed text begins with the id of its key.</summary>
public sealed class KeyRing : IKeyManager, IDisposable
{
    /// <summary>How much of a sealed text tells its key, in characters: a mark of four bytes and the id, in base64url.</summary>
    public const int HeadLength = 26;

    /// <summary>As the framework gives its own keys.</summary>
    private static readonly TimeSpan KeyLife = TimeSpan.FromDays(90);

    private readonly XmlKeyManager ring;
    private readonly KeyManagementOptions options;
    private CancellationTokenSource changed = new();
    private volatile HashSet<Guid> known = [];

    public KeyRing(IOptions<KeyManagementOptions> options, IActivator activator, ILoggerFactory logs) =>
        (ring, this.options) = (new XmlKeyManager(options, activator, logs), options.Value);

    /// <summary>The framework judges keys by the machine's clock, so they are made by it.</summary>
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>What is told to other nodes.</summary>
    public const string Changes = "key ring";

    public Guid? Current => CurrentOf(GetAllKeys());

    public IReadOnlyList<RingKey> Keys
    {
        get
        {
            var keys = GetAllKeys();
            var current = CurrentOf(keys);
            var locked = options.XmlRepository!.GetAllElements().Where(element => element.Descendants().Any(part => part.Name.LocalName == "encryptedSecret"))
                .Select(element => (Guid?)element.Attribute("id")).ToHashSet();
            return [.. keys.OrderByDescending(key => key.CreationDate).Select(key => new RingKey(key.KeyId, key.CreationDate, key.KeyId == current, locked.Contains(key.KeyId)))];
        }
    }

    /// <summary>Adds a key; from now on it seals.</summary>
    public Guid Add()
    {
        var now = Now;
        return CreateNewKey(now, now + KeyLife).KeyId;
    }

    /// <summary>Takes a key out for good: what is sealed with it cannot be opened any more.</summary>
    public bool Remove(Guid id) => ring.DeleteKeys(key => key.KeyId == id);

    /// <summary>Every key has to open. Changes nothing.</summary>
    /// <exception cref="KeyRingException">One does not.</exception>
    public void Check()
    {
        foreach (var key in GetAllKeys().Where(key => !key.IsRevoked))
            try
            {
                _ = key.CreateEncryptor();
            }
            catch (Exception wrong) when (wrong is CryptographicException or FormatException or InvalidOperationException or ArgumentException or System.Xml.XmlException)
            {
                throw new KeyRingException($"The key ring cannot be opened with what the settings give (key {key.KeyId}: {wrong.Message}). Nothing was changed.",
                    "Set KeyRing:PassphraseFile, KeyRing:Credential or KeyRing:Certificate to what the ring was locked with; one that was replaced stays as KeyRing:PreviousPassphraseFile or KeyRing:PreviousCertificate until the old keys are removed.", wrong);
            }
    }

    /// <summary>Reads the ring again if the text is sealed with a key that another node has added since.</summary>
    /// <returns>Whether there is something new.</returns>
    internal bool Follow(string sealedText) => KeyOf(sealedText) is { } id && !known.Contains(id) && GetAllKeys().Any(key => key.KeyId == id) && Refresh();

    /// <summary>Reads the ring again if it has changed.</summary>
    public bool Follow()
    {
        var before = known;
        return !GetAllKeys().Select(key => key.KeyId).ToHashSet().SetEquals(before) && Refresh();
    }

    /// <returns>Null for what is not a sealed text.</returns>
    public static Guid? KeyOf(string sealedText)
    {
        Span<byte> bytes = stackalloc byte[21];
        return sealedText.Length >= 28 && Base64Url.IsValid(sealedText.AsSpan(0, 28)) && Base64Url.TryDecodeFromChars(sealedText.AsSpan(0, 28), bytes, out var length) && length == 21 && bytes[..4].SequenceEqual(Mark) ? new Guid(bytes[4..20]) : null;
    }

    /// <summary>With what every text begins that is sealed with this key, <see cref="HeadLength"/> characters.</summary>
    public static string HeadOf(Guid key) => Base64Url.EncodeToString([.. Mark, .. key.ToByteArray()])[..HeadLength];

    private static ReadOnlySpan<byte> Mark => [0x09, 0xF0, 0xC9, 0xF0];

    private bool Refresh()
    {
        Interlocked.Exchange(ref changed, new()).Cancel();
        return true;
    }

    // As the framework chooses: the youngest that is in force.
    private static Guid? CurrentOf(IReadOnlyCollection<IKey> keys) => keys.Where(key => !key.IsRevoked && key.ActivationDate <= Now + TimeSpan.FromMinutes(5) && key.ExpirationDate > Now)
        .OrderByDescending(key => key.ActivationDate).ThenBy(key => key.KeyId).FirstOrDefault()?.KeyId;

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate)
    {
        var key = ring.CreateNewKey(activationDate, expirationDate);
        known = [.. known, key.KeyId];
        return key;
    }

    public IReadOnlyCollection<IKey> GetAllKeys()
    {
        var keys = ring.GetAllKeys();
        known = [.. keys.Select(key => key.KeyId)];
        return keys;
    }

    public CancellationToken GetCacheExpirationToken() => CancellationTokenSource.CreateLinkedTokenSource(ring.GetCacheExpirationToken(), changed.Token).Token;
    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => ring.RevokeAllKeys(revocationDate, reason);
    public void RevokeKey(Guid keyId, string? reason = null) => ring.RevokeKey(keyId, reason);

    public void Dispose() => changed.Dispose();
}
