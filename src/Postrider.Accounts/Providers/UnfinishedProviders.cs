using Postrider.Accounts.Import;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Providers;

/// <summary>A set-up that was begun.</summary>
/// <param name="Person">Who began it.</param>
/// <param name="Typed">What was typed, by the names of the wire; right or wrong.</param>
/// <param name="Secrets">Names of the secrets that were typed.</param>
/// <param name="ProviderId">The provider that was made of it; null before.</param>
public sealed record UnfinishedProvider(
    string Id, string Person, IReadOnlyDictionary<string, string> Typed, IReadOnlySet<string> Secrets, string? ProviderId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public string this[string member] => Typed.GetValueOrDefault(member, "");
}

/// <summary>Keeps what was typed about providers until they are made, so that leaving midway loses nothing. Secrets are sealed, and go over
/// to the provider with its making. What nobody has touched for a month is forgotten.</summary>
public sealed class UnfinishedProviders(Database database, TokenVault vault, TimeProvider time)
{
    public const string ClientSecret = "clientSecret", RefreshToken = "refreshToken", Password = "password", ServiceAccountKey = "serviceAccountKey";

    /// <summary>The members that are secret.</summary>
    public static readonly IReadOnlyList<string> SecretMembers = [ClientSecret, RefreshToken, Password, ServiceAccountKey];

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string Select = "select id, person, typed, secrets, provider_id, created_at, updated_at from provider_drafts";
    private const string Insert = "insert into provider_drafts (id, person, typed, created_at, updated_at) values (@id, @person, @typed, @now, @now)";
    private const string Write = "update provider_drafts set typed = @typed, secrets = @secrets, updated_at = @now where id = @id and provider_id is null";
    private const string Mark = "update provider_drafts set typed = @typed, updated_at = @now where id = @id";
    private const string Make = "update provider_drafts set provider_id = @providerId, secrets = null, updated_at = @now where id = @id";

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string Person { get; init; } = "";
        public string Typed { get; init; } = "";
        public string? Secrets { get; init; }
        public string? ProviderId { get; init; }
        public long CreatedAt { get; init; }
        public long UpdatedAt { get; init; }
    }

    /// <returns>The new one's id.</returns>
    public async Task<string> BeginAsync(string person, IReadOnlyDictionary<string, string> typed, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("N");
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from provider_drafts where updated_at < @old", new { old = (now - Kept).ToUnixTimeMilliseconds() });
            await session.ExecuteAsync(Insert, new { id, person, typed = FormText.Write(typed), now = now.ToUnixTimeMilliseconds() });
        }, cancellation);
        return id;
    }

    public async Task<UnfinishedProvider?> FindAsync(string id, CancellationToken cancellation) => await RowAsync(id, cancellation) is { } row ? View(row) : null;

    /// <summary>The one that was touched last first.</summary>
    public async Task<IReadOnlyList<UnfinishedProvider>> ListAsync(CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<Row>(Select + " order by updated_at desc limit 100"), cancellation)).Select(View)];

    /// <summary>Keeps what was typed. Of the secrets it changes those that the draft changes.</summary>
    public async Task TypeAsync(string id, IReadOnlyDictionary<string, string> typed, ProviderDraft secrets, CancellationToken cancellation)
    {
        if (await RowAsync(id, cancellation) is not { } row)
            return;
        var kept = new Dictionary<string, string>(Open(row));
        foreach (var (member, change) in Changes(secrets))
            if (change.Removes)
                kept.Remove(member);
            else if (change.Value is { } value)
                kept[member] = value;
        await database.WriteAsync(session => session.ExecuteAsync(Write, new
        {
            id, typed = FormText.Write(typed), secrets = kept.Count == 0 ? null : vault.Seal(SecretPlace.Draft(id), FormText.Write(kept)), now = Now(),
        }), cancellation);
    }

    /// <summary>The draft with the secrets that were typed before, where it does not bring others.</summary>
    /// <exception cref="TokenVaultException">They cannot be decrypted.</exception>
    public async Task<ProviderDraft> CompleteAsync(string id, ProviderDraft draft, CancellationToken cancellation)
    {
        var kept = await RowAsync(id, cancellation) is { } row ? Open(row) : new Dictionary<string, string>();
        SecretChange Of(string member, SecretChange typed) => typed.Keeps && kept.TryGetValue(member, out var value) ? SecretChange.To(value) : typed;
        return draft with
        {
            ClientSecret = Of(ClientSecret, draft.ClientSecret), RefreshToken = Of(RefreshToken, draft.RefreshToken),
            Password = Of(Password, draft.Password), ServiceAccountKey = Of(ServiceAccountKey, draft.ServiceAccountKey),
        };
    }

    /// <summary>Takes over what was copied out of a portal; what it does not say stays.</summary>
    /// <returns>What was read; without a provider in it nothing was recognised, and nothing was changed.</returns>
    public async Task<ImportReading> PasteAsync(UnfinishedProvider unfinished, string text, CancellationToken cancellation)
    {
        var reading = ImportReader.Read([new ImportFile("", text)], ImportFormat.Paste);
        if (reading.Providers is not [{ Draft: var found }])
            return reading;
        var typed = new Dictionary<string, string>(unfinished.Typed);
        (string Member, string Value)[] values =
        [
            ("displayName", found.DisplayName), ("userName", found.UserName), ("clientId", found.ClientId), ("tenant", found.Tenant), ("redirectUri", found.RedirectUri),
            ("address", found.Address), ("port", found.Port > 0 ? found.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) : ""), ("domain", found.Domain), ("scope", found.Scope),
            ("clientSecretExpiresAt", found.ClientSecretExpiresAt?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? ""),
        ];
        foreach (var (member, value) in values.Where(pair => pair.Value.Length > 0))
            typed[member] = value;
        await TypeAsync(unfinished.Id, typed, found, cancellation);
        return reading;
    }

    /// <summary>Remembers something about the set-up itself.</summary>
    public Task NoteAsync(UnfinishedProvider unfinished, string member, string value, CancellationToken cancellation) => database.WriteAsync(session =>
        session.ExecuteAsync(Mark, new { id = unfinished.Id, typed = FormText.Write(new Dictionary<string, string>(unfinished.Typed) { [member] = value }), now = Now() }), cancellation);

    /// <summary>The provider is made, and has the secrets.</summary>
    public Task MadeAsync(string id, string providerId) => database.WriteAsync(session => session.ExecuteAsync(Make, new { id, providerId, now = Now() }), CancellationToken.None);

    public Task RemoveAsync(string id) => database.WriteAsync(session => session.ExecuteAsync("delete from provider_drafts where id = @id", new { id }), CancellationToken.None);

    private Task<Row?> RowAsync(string id, CancellationToken cancellation) => database.ReadAsync(session => session.FirstOrDefaultAsync<Row>(Select + " where id = @id", new { id }), cancellation);

    private IReadOnlyDictionary<string, string> Open(Row row) => FormText.Read(row.Secrets is { } text ? vault.Open(SecretPlace.Draft(row.Id), text) : "");

    // A ring that is lost loses the secrets, not what else was typed.
    private UnfinishedProvider View(Row row)
    {
        IReadOnlyDictionary<string, string> secrets;
        try
        {
            secrets = Open(row);
        }
        catch (TokenVaultException)
        {
            secrets = new Dictionary<string, string>();
        }
        return new(row.Id, row.Person, FormText.Read(row.Typed), secrets.Keys.ToHashSet(), row.ProviderId,
            DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt));
    }

    private static IEnumerable<(string Member, SecretChange Change)> Changes(ProviderDraft draft) =>
        [(ClientSecret, draft.ClientSecret), (RefreshToken, draft.RefreshToken), (Password, draft.Password), (ServiceAccountKey, draft.ServiceAccountKey)];

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
