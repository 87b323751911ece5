using System.Collections.Immutable;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Providers;

/// <summary>All providers, held in memory for whoever sends and kept in the database for good. Memory follows the database: what
/// <see cref="Find"/> returns has been committed.</summary>
public sealed class ProviderDirectory(Database database, ProviderSecrets secrets, TokenVault vault, AccountsOptions options, TimeProvider time)
    : IDisposable
{
    /// <summary>What is told to other nodes, and the lock under which they change providers one after another.</summary>
    public const string Changes = "providers";

    // Changes are rare and made by people: one at a time keeps memory in the order of the commits.
    private readonly SemaphoreSlim oneChange = new(1, 1);
    private volatile View view = new([]);

    /// <summary>Raised after the commit, with the provider as it is now; for a removed one <see cref="Removed"/> is raised instead.</summary>
    public event Action<Provider>? Changed;

    public event Action<Provider>? Removed;

    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<Provider> All => view.All;

    public Provider? Find(string nameOrId) => view.Find(nameOrId);

    /// <summary>Reads every provider. Called once, before any door opens.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(ProviderStore.AllAsync, cancellation);
        view = new(rows.Select(row => row.ToProvider()));
    }

    /// <returns>What would be wrong with a new provider, filled from its preset; empty when nothing is.</returns>
    public IReadOnlyList<FieldNote> Check(ProviderDraft draft) => ProviderValidation.Errors(Complete(draft));

    /// <summary>Takes over what other nodes have changed.</summary>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        View before;
        await oneChange.WaitAsync(cancellation);
        try
        {
            before = view;
            await LoadAsync(cancellation);
        }
        finally
        {
            oneChange.Release();
        }
        foreach (var provider in All)
            if (before.Find(provider.Id) is not { } known || !known.IsAs(provider))
                Changed?.Invoke(provider);
        foreach (var gone in before.All.Where(known => Find(known.Id) is null))
            Removed?.Invoke(gone);
    }

    /// <param name="draft">What is left out is filled from the preset of the type.</param>
    public async Task<ProviderResult> AddAsync(ProviderDraft draft, CancellationToken cancellation)
    {
        draft = Complete(draft);
        if (ProviderValidation.Errors(draft) is { Count: > 0 } errors)
            return new ProviderResult.Invalid(errors);
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        return await ChangeAsync(id, async session =>
        {
            if (await ProviderStore.IdOfNameAsync(session, draft.Name) is not null)
                return NameTaken(draft.Name);
            if (FailoverOf(draft, id) is { } wrong)
                return wrong;
            await ProviderStore.InsertAsync(session, id, draft, time.GetUtcNow());
            await ProviderStore.FollowAsync(session, id, draft, draft.Name);
            await StoreSecretsAsync(session, id, draft);
            return null;
        }, cancellation, touchesOthers: draft.Default);
    }

    /// <summary>Replaces all settings; secrets change as the draft says. Whatever was wrong before is tried again.</summary>
    /// <param name="version">The version that the draft was made from; null replaces any.</param>
    public async Task<ProviderResult> ReplaceAsync(string nameOrId, ProviderDraft draft, long? version, CancellationToken cancellation)
    {
        draft = Complete(draft);
        if (Find(nameOrId) is not { } before)
            return new ProviderResult.Unknown();
        if (ProviderValidation.Errors(draft) is { Count: > 0 } errors)
            return new ProviderResult.Invalid(errors);
        return await ChangeAsync(before.Id, async session =>
        {
            if (await ProviderStore.FindAsync(session, before.Id) is not { } row)
                return new ProviderResult.Unknown();
            if (version is not null && row.Version != version)
                return new ProviderResult.Refused($"Somebody else changed {row.Name} in the meantime.", "Read it again, then make the change again.");
            if (await ProviderStore.IdOfNameAsync(session, draft.Name) is { } owner && owner != before.Id)
                return NameTaken(draft.Name);
            if (FailoverOf(draft, before.Id) is { } wrong)
                return wrong;
            await ProviderStore.UpdateAsync(session, before.Id, draft, time.GetUtcNow());
            await ProviderStore.FollowAsync(session, before.Id, draft, row.Name);
            await StoreSecretsAsync(session, before.Id, draft);
            // A new secret is tried at once too: that it is wrong must not come out an hour later.
            if (AnotherIdentity(row.ToProvider(), draft) || !draft.ClientSecret.Keeps || !draft.ServiceAccountKey.Keeps)
                await TokenStore.DropAccessTokenAsync(session, before.Id);
            await ProviderStore.TryAgainAsync(session, before.Id);
            return null;
        }, cancellation, touchesOthers: draft.Default != before.Default || draft.Name != before.Name);
    }

    // Whoever stands in for another must be there, and must not be stood in for by it in turn.
    private ProviderResult.Invalid? FailoverOf(ProviderDraft draft, string id)
    {
        var seen = new HashSet<string> { id };
        for (var next = draft.Failover; next.Length > 0;)
        {
            if (Find(next) is not { } provider)
                return next == draft.Failover ? Wrong($"There is no provider \"{next}\". Add it first, or leave failover out.") : null;
            if (!seen.Add(provider.Id))
                return Wrong("Mail would go in circles: choose a provider whose own failover does not lead back here.");
            next = provider.Failover;
        }
        return null;

        static ProviderResult.Invalid Wrong(string message) => new([new FieldNote("failover", message)]);
    }

    /// <summary>How many messages wait for a provider.</summary>
    public Task<long> WaitingAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => ProviderStore.WaitingMessagesAsync(session, id), cancellation);

    /// <summary>Removes a provider with its secrets. Refused while messages wait for it.</summary>
    public async Task<ProviderResult> RemoveAsync(string nameOrId, CancellationToken cancellation)
    {
        if (Find(nameOrId) is not { } provider)
            return new ProviderResult.Unknown();
        await oneChange.WaitAsync(cancellation);
        try
        {
            var waiting = await database.WriteAsync(async session =>
            {
                await session.LockAsync(Changes);
                var count = await ProviderStore.WaitingMessagesAsync(session, provider.Id);
                if (count is 0)
                    await ProviderStore.DeleteAsync(session, provider.Id);
                return count;
            }, CancellationToken.None);
            if (waiting > 0)
                return new ProviderResult.Refused($"{waiting} message(s) still wait to be sent through {provider.Name}.",
                    "Let them be sent, or cancel them, and then remove the provider. Disable it meanwhile if nothing more should go out.");
            view = view.Without(provider.Id);
        }
        finally
        {
            oneChange.Release();
        }
        database.Tell(Changes);
        Removed?.Invoke(provider);
        return new ProviderResult.Removed(provider);
    }

    /// <summary>Switches a provider on. Refused while there is nothing to sign in with.</summary>
    public Task<ProviderResult> EnableAsync(string nameOrId, CancellationToken cancellation) => SwitchAsync(nameOrId, async (session, row) =>
    {
        if (MissingCredential.Of(row.ToProvider()) is { } missing)
            return new ProviderResult.Refused($"{row.Name} cannot be enabled: {char.ToLowerInvariant(missing.Reason[0])}{missing.Reason[1..]}", missing.Remedy);
        await ProviderStore.SetEnabledAsync(session, row.Id, true);
        await ProviderStore.TryAgainAsync(session, row.Id);
        return null;
    }, cancellation);

    public Task<ProviderResult> DisableAsync(string nameOrId, CancellationToken cancellation) =>
        SwitchAsync(nameOrId, (session, row) => Done(ProviderStore.SetEnabledAsync(session, row.Id, false)), cancellation);

    public Task<ProviderResult> PauseAsync(string nameOrId, CancellationToken cancellation) =>
        SwitchAsync(nameOrId, (session, row) => Done(ProviderStore.SetPausedAsync(session, row.Id, true)), cancellation);

    /// <summary>Lets mail go again, after a pause or a repair: what was wrong before deserves a new try.</summary>
    public Task<ProviderResult> ResumeAsync(string nameOrId, CancellationToken cancellation) => SwitchAsync(nameOrId, async (session, row) =>
    {
        await ProviderStore.SetPausedAsync(session, row.Id, false);
        await ProviderStore.TryAgainAsync(session, row.Id);
        return null;
    }, cancellation);

    /// <summary>Runs <paramref name="work"/> in a transaction and lets memory follow it. A result that the work returns is passed on and
    /// means that nothing was changed.</summary>
    internal async Task<ProviderResult> ChangeAsync(string id, Func<DbSession, Task<ProviderResult?>> work, CancellationToken cancellation, bool touchesOthers = false)
    {
        Provider? changed;
        await oneChange.WaitAsync(cancellation);
        try
        {
            // From here the change happens or fails as a whole, whether or not its caller still waits.
            (var refused, changed) = await database.WriteAsync<(ProviderResult?, Provider?)>(async session =>
            {
                await session.LockAsync(Changes);
                var before = await ProviderStore.FindAsync(session, id);
                if (await work(session) is { } result)
                    return (result, null);
                var after = await ProviderStore.FindAsync(session, id);
                if (after is not null && before?.ToProvider().State != after.ToProvider().State)
                {
                    await ProviderStore.SetStateSinceAsync(session, id, time.GetUtcNow());
                    after = await ProviderStore.FindAsync(session, id);
                }
                return (null, after?.ToProvider());
            }, CancellationToken.None);
            if (refused is not null)
                return refused;
            if (changed is null)
                return new ProviderResult.Unknown();
            view = touchesOthers
                ? new((await database.ReadAsync(ProviderStore.AllAsync, CancellationToken.None)).Select(row => row.ToProvider()))
                : view.With(changed);
        }
        finally
        {
            oneChange.Release();
        }
        database.Tell(Changes);
        Changed?.Invoke(changed);
        return new ProviderResult.Saved(changed);
    }

    /// <summary>Writes the scope that works into the settings, in the place of the one that was typed.</summary>
    public Task<ProviderResult> KeepScopeAsync(string nameOrId, CancellationToken cancellation) => SwitchAsync(nameOrId, async (session, row) =>
    {
        if (row.WorkingScope.Length is 0)
            return new ProviderResult.Refused($"{row.Name} has no other scope in use than the one in its settings.", "There is nothing to keep.");
        await ProviderStore.KeepWorkingScopeAsync(session, row.Id);
        await ProviderStore.TryAgainAsync(session, row.Id);
        return null;
    }, cancellation);

    private async Task<ProviderResult> SwitchAsync(string nameOrId, Func<DbSession, ProviderRow, Task<ProviderResult?>> work, CancellationToken cancellation) =>
        Find(nameOrId) is { } provider
            ? await ChangeAsync(provider.Id, async session => await ProviderStore.FindAsync(session, provider.Id) is { } row
                ? await work(session, row)
                : new ProviderResult.Unknown(), cancellation)
            : new ProviderResult.Unknown();

    private async Task StoreSecretsAsync(DbSession session, string id, ProviderDraft draft)
    {
        await secrets.StoreAsync(session, id, draft);
        if (!draft.RefreshToken.Keeps)
            await TokenStore.ReplaceGrantAsync(session, id,
                draft.RefreshToken.Value is { } token ? vault.Seal(SecretPlace.RefreshToken(id), token) : null);
    }

    /// <summary>A pasted refresh token or a service account's key without a word about the grant says by itself how tokens are got.</summary>
    public ProviderDraft Complete(ProviderDraft draft) => ProviderCatalog.Fill(
        draft is { Grant: "", RefreshToken.Value: not null, Type: not ProviderType.Password }
            ? draft with { Grant = ProviderGrant.RefreshToken }
            : draft is { Grant: "", ServiceAccountKey.Value: not null } ? draft with { Grant = ProviderGrant.ServiceAccount } : draft,
        options.DefaultRedirectUri);

    private static bool AnotherIdentity(Provider before, ProviderDraft after) =>
        (before.Type, before.Authority, before.Tenant, before.TokenUrl, before.ClientId, before.Scope, before.Grant, before.UserName, before.ClientAuthentication, before.FederatedTokenFile)
        != (after.Type, after.Authority, after.Tenant, after.TokenUrl, after.ClientId, after.Scope, after.Grant, after.UserName, after.ClientAuthentication, after.FederatedTokenFile);

    private static ProviderResult.Refused NameTaken(string name) =>
        new($"There is already a provider named {name}.", "Choose another name, or change that one.");

    private static async Task<ProviderResult?> Done(Task work)
    {
        await work;
        return null;
    }

    public void Dispose() => oneChange.Dispose();

    /// <summary>One change costs the same however many providers there are.</summary>
    private sealed class View
    {
        private readonly ImmutableSortedDictionary<string, Provider> byName;
        private readonly ImmutableDictionary<string, Provider> byId;
        private IReadOnlyList<Provider>? all;

        public View(IEnumerable<Provider> providers)
        {
            byId = providers.ToImmutableDictionary(provider => provider.Id, StringComparer.Ordinal);
            byName = byId.Values.ToImmutableSortedDictionary(provider => provider.Name, provider => provider, StringComparer.Ordinal);
        }

        private View(ImmutableSortedDictionary<string, Provider> byName, ImmutableDictionary<string, Provider> byId) => (this.byName, this.byId) = (byName, byId);

        public IReadOnlyList<Provider> All => all ??= [.. byName.Values];

        public Provider? Find(string nameOrId) => byName.GetValueOrDefault(nameOrId) ?? byId.GetValueOrDefault(nameOrId);

        public View Without(string id) => byId.TryGetValue(id, out var gone) ? new(byName.Remove(gone.Name), byId.Remove(id)) : this;

        public View With(Provider provider)
        {
            var others = Without(provider.Id);
            return new(others.byName.SetItem(provider.Name, provider), others.byId.Add(provider.Id, provider));
        }
    }
}
