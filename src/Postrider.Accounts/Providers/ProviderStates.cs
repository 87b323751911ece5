namespace Postrider.Accounts.Providers;

/// <summary>What the program itself finds out about a provider while it works. Its mail is held while it needs attention.</summary>
public sealed class ProviderStates(ProviderDirectory directory)
{
    /// <param name="reason">The cause in plain words.</param>
    /// <param name="remedy">What a person does about it.</param>
    /// <param name="probeAt">When to try again without being asked; null waits for a person.</param>
    public async Task NeedsAttentionAsync(string providerId, string reason, string remedy, DateTimeOffset? probeAt)
    {
        if (directory.Find(providerId) is { State: ProviderState.NeedsAttention } now
            && (now.StateReason, now.Remedy, now.ProbeAt?.ToUnixTimeMilliseconds()) == (reason, remedy, probeAt?.ToUnixTimeMilliseconds()))
            return;
        await SetAsync(providerId, reason, remedy, probeAt);
    }

    /// <summary>It works. Costs nothing when that is no news.</summary>
    public async Task ReadyAsync(string providerId)
    {
        if (directory.Find(providerId) is { State: not (ProviderState.Ready or ProviderState.Disabled) })
            await SetAsync(providerId, null, null, null);
    }

    /// <summary>Another scope than the typed one is asked for from now on, because its token is taken.</summary>
    internal Task WorksWithScopeAsync(string providerId, string scope) =>
        directory.ChangeAsync(providerId, async session =>
        {
            await ProviderStore.SetWorkingScopeAsync(session, providerId, scope);
            return null;
        }, CancellationToken.None);

    /// <summary>The application says itself when its secret ends.</summary>
    internal Task SecretEndsAsync(string providerId, DateTimeOffset end) =>
        directory.ChangeAsync(providerId, async session =>
        {
            await ProviderStore.SetSecretEndAsync(session, providerId, end);
            return null;
        }, CancellationToken.None);

    private Task<ProviderResult> SetAsync(string providerId, string? reason, string? remedy, DateTimeOffset? probeAt) =>
        directory.ChangeAsync(providerId, async session =>
        {
            await ProviderStore.SetAttentionAsync(session, providerId, reason, remedy, probeAt);
            return null;
        }, CancellationToken.None);
}
