namespace Postrider.Accounts.Sealing;

/// <summary>Whether the ring is the one of this installation: it opens, and holds the key of every stored secret.</summary>
public sealed class KeyRingCheck(KeyRing ring, SealedSecrets secrets, AccountsOptions options)
{
    /// <summary>To be run before anything seals or opens; changes nothing.</summary>
    /// <exception cref="KeyRingException">It is not.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        ring.Check();
        if (options.KeyRing.StartWithoutLostKeys)
            return;
        var there = ring.Keys.Select(key => KeyRing.HeadOf(key.Id)).ToHashSet();
        var lost = (await secrets.CountAsync(cancellation)).Where(count => !there.Contains(count.Head)).Sum(count => count.Secrets);
        if (lost > 0)
            throw new KeyRingException($"The key ring does not hold the keys of {lost} stored secrets: it is another one, or keys were removed. Nothing was changed.",
                "Restore the folder keys of the data directory that belongs to this database. If it is lost, start once with POSTRIDER__KeyRing__StartWithoutLostKeys=true, enter the secrets again and connect the providers: mail that waits is kept.");
    }
}
