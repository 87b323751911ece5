using Postrider.Storage;

namespace Postrider.Accounts.Tokens;

/// <summary>A row of <c>tokens</c>. Tokens are sealed; times are milliseconds since 1970 UTC.</summary>
internal sealed class TokenRow
{
    public long Version { get; init; }
    public string? RefreshToken { get; init; }
    public string? PreviousRefreshToken { get; init; }
    public string? AccessToken { get; init; }
    public long? IssuedAt { get; init; }
    public long? ExpiresAt { get; init; }
    public string? Scope { get; init; }
    public string? Account { get; init; }
    public string? LeaseOwner { get; init; }
    public long? LeaseUntil { get; init; }
    public long? RefreshStartedAt { get; init; }
    public string? BrokenReason { get; init; }
    public string? BrokenRemedy { get; init; }
    public long? BrokenProbeAt { get; init; }
}

/// <summary>New tokens, sealed and ready to be stored.</summary>
/// <param name="RefreshToken">Null leaves the one that is there, which may have been sealed anew meanwhile.</param>
internal sealed record SealedTokens(string? RefreshToken, string? PreviousRefreshToken, string AccessToken, long IssuedAt, long ExpiresAt, string? Scope);

/// <summary>The statements about tokens. A refresh is guarded twice: by a lease, so that one node asks at a time, and by the row's
/// version, so that an answer that comes too late changes nothing.</summary>
internal sealed class TokenStore(Database database)
{
    private const string Select = """
        select version Version, refresh_token RefreshToken, previous_refresh_token PreviousRefreshToken, access_token AccessToken,
               issued_at IssuedAt, expires_at ExpiresAt, scope Scope, account Account, lease_owner LeaseOwner, lease_until LeaseUntil,
               refresh_started_at RefreshStartedAt, broken_reason BrokenReason, broken_remedy BrokenRemedy, broken_probe_at BrokenProbeAt
        from tokens where provider_id = @id
        """;

    private const string TakeLease = """
        update tokens set lease_owner = @owner, lease_until = @until
        where provider_id = @id and version = @version and (lease_until is null or lease_until <= @now or lease_owner = @owner)
        """;

    private const string Start = "update tokens set refresh_started_at = @now where provider_id = @id";

    private const string Store = """
        update tokens set version = version + 1, refresh_token = coalesce(@RefreshToken, refresh_token), previous_refresh_token = @PreviousRefreshToken,
            access_token = @AccessToken, issued_at = @IssuedAt, expires_at = @ExpiresAt, scope = @Scope,
            lease_owner = null, lease_until = null, refresh_started_at = null,
            broken_reason = null, broken_remedy = null, broken_probe_at = null
        where provider_id = @id and version = @version
        """;

    private const string KeepRotated = """
        update tokens set version = version + 1, refresh_token = @RefreshToken, previous_refresh_token = @PreviousRefreshToken
        where provider_id = @id and refresh_token = @before
        """;

    private const string Release = """
        update tokens set lease_owner = null, lease_until = null,
            refresh_started_at = case when @answered = 1 then null else refresh_started_at end
        where provider_id = @id and lease_owner = @owner
        """;

    private const string Break = """
        update tokens set broken_reason = @reason, broken_remedy = @remedy, broken_probe_at = @probeAt,
            lease_owner = null, lease_until = null, refresh_started_at = null
        where provider_id = @id and version = @version
        """;

    private const string ReplaceGrant = """
        update tokens set version = version + 1, refresh_token = @refreshToken, previous_refresh_token = null, access_token = null,
            issued_at = null, expires_at = null, scope = null, account = null, lease_owner = null, lease_until = null,
            refresh_started_at = null, broken_reason = null, broken_remedy = null, broken_probe_at = null
        where provider_id = @id
        """;

    private const string StoreConsent = """
        update tokens set version = version + 1, refresh_token = @RefreshToken, previous_refresh_token = null,
            access_token = @AccessToken, issued_at = @IssuedAt, expires_at = @ExpiresAt, scope = @Scope, account = @account,
            lease_owner = null, lease_until = null, refresh_started_at = null,
            broken_reason = null, broken_remedy = null, broken_probe_at = null
        where provider_id = @id
        """;

    public Task<TokenRow?> ReadAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<TokenRow>(Select, new { id }), cancellation);

    /// <summary>Takes the lease, and commits that a request is about to leave.</summary>
    /// <returns>False when another node holds the lease, or the row has changed since it was read.</returns>
    public Task<bool> BeginRefreshAsync(string id, long version, string owner, DateTimeOffset now, DateTimeOffset until) =>
        database.WriteAsync(async session =>
        {
            var at = now.ToUnixTimeMilliseconds();
            if (await session.ExecuteAsync(TakeLease, new { id, version, owner, now = at, until = until.ToUnixTimeMilliseconds() }) is 0)
                return false;
            await session.ExecuteAsync(Start, new { id, now = at });
            return true;
        });

    /// <param name="before">The refresh token, sealed, as it was read with <paramref name="version"/>.</param>
    /// <returns>False when the row has changed since: the access token was not stored and must not be used. A refresh token that took
    /// the place of the one still in the row is stored even then, because the old one may be dead.</returns>
    public Task<bool> StoreAsync(string id, long version, string? before, SealedTokens tokens) =>
        database.WriteAsync(async session =>
        {
            if (await session.ExecuteAsync(Store, new
            {
                id, version, tokens.RefreshToken, tokens.PreviousRefreshToken, tokens.AccessToken, tokens.IssuedAt, tokens.ExpiresAt, tokens.Scope,
            }) is 1)
                return true;
            if (tokens.RefreshToken is not null)
                await session.ExecuteAsync(KeepRotated, new { id, before, tokens.RefreshToken, tokens.PreviousRefreshToken });
            return false;
        });

    /// <param name="answered">Whether the request was answered, or certainly never left. Otherwise the mark of its start stays.</param>
    public Task ReleaseAsync(string id, string owner, bool answered) =>
        database.WriteAsync(session => session.ExecuteAsync(Release, new { id, owner, answered }));

    public Task<bool> BreakAsync(string id, long version, string reason, string remedy, DateTimeOffset? probeAt) =>
        database.WriteAsync(async session => await session.ExecuteAsync(Break,
            new { id, version, reason, remedy, probeAt = probeAt?.ToUnixTimeMilliseconds() }) is 1);

    /// <summary>Another grant takes the place of the old one, which may be none.</summary>
    public static Task ReplaceGrantAsync(DbSession session, string id, string? refreshToken) =>
        session.ExecuteAsync(ReplaceGrant, new { id, refreshToken });

    public static Task StoreConsentAsync(DbSession session, string id, SealedTokens tokens, string? account) =>
        session.ExecuteAsync(StoreConsent, new
        {
            id, tokens.RefreshToken, tokens.AccessToken, tokens.IssuedAt, tokens.ExpiresAt, tokens.Scope, account,
        });

    public static Task DropAccessTokenAsync(DbSession session, string id) =>
        session.ExecuteAsync("update tokens set version = version + 1, access_token = null, issued_at = null, expires_at = null where provider_id = @id", new { id });
}
