using Postrider.Storage;

namespace Postrider.Accounts.Providers;

/// <summary>A row of <c>providers</c>, with what of <c>tokens</c> decides its state.</summary>
internal sealed class ProviderRow
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public string DisplayName { get; init; } = "";
    public string Type { get; init; } = "";
    public string Preset { get; init; } = "";
    public string Address { get; init; } = "";
    public int Port { get; init; }
    public string Security { get; init; } = "";
    public string Domain { get; init; } = "";
    public string UserName { get; init; } = "";
    public string Tenant { get; init; } = "";
    public string Authority { get; init; } = "";
    public string AuthorizeUrl { get; init; } = "";
    public string TokenUrl { get; init; } = "";
    public string DeviceUrl { get; init; } = "";
    public string ClientId { get; init; } = "";
    public bool HasClientSecret { get; init; }
    public long? ClientSecretExpiresAt { get; init; }
    public string Scope { get; init; } = "";
    public string RedirectUri { get; init; } = "";
    public string Grant { get; init; } = "";
    public string ClientAuthentication { get; init; } = "";
    public string FederatedTokenFile { get; init; } = "";
    public string AuthorizeParameters { get; init; } = "";
    public bool HasServiceAccountKey { get; init; }
    public string ServiceAccount { get; init; } = "";
    public string WorkingScope { get; init; } = "";
    public string? Account { get; init; }
    public long? CertificateExpiresAt { get; init; }
    public bool HasNextCertificate { get; init; }
    public bool HasPassword { get; init; }
    public bool HasRefreshToken { get; init; }
    public bool SharedMailbox { get; init; }
    public bool Enabled { get; init; }
    public bool Paused { get; init; }
    public int Connections { get; init; }
    public int MessagesPerMinute { get; init; }
    public int RecipientsPerDay { get; init; }
    public long MessageBytes { get; init; }
    public string Senders { get; init; } = "";
    public bool IsDefault { get; init; }
    public string Failover { get; init; } = "";
    public bool ReadReports { get; init; }
    public string ImapAddress { get; init; } = "";
    public string ImapFolder { get; init; } = "";
    public string? AttentionReason { get; init; }
    public string? AttentionRemedy { get; init; }
    public long? ProbeAt { get; init; }
    public long StateSince { get; init; }
    public long Version { get; init; }

    public Provider ToProvider()
    {
        var provider = new Provider
        {
            Id = Id, Name = Name, DisplayName = DisplayName, Type = Type, Preset = Preset, Address = Address, Port = Port, Security = Security,
            Domain = Domain, UserName = UserName, Tenant = Tenant, Authority = Authority, AuthorizeUrl = AuthorizeUrl, TokenUrl = TokenUrl,
            DeviceUrl = DeviceUrl, ClientId = ClientId, HasClientSecret = HasClientSecret,
            ClientSecretExpiresAt = ClientSecretExpiresAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
            Scope = Scope, RedirectUri = RedirectUri, Grant = Grant, HasPassword = HasPassword, HasRefreshToken = HasRefreshToken,
            SharedMailbox = SharedMailbox, Paused = Paused,
            ClientAuthentication = ClientAuthentication, FederatedTokenFile = FederatedTokenFile, AuthorizeParameters = FormText.Read(AuthorizeParameters),
            HasServiceAccountKey = HasServiceAccountKey, ServiceAccount = ServiceAccount, WorkingScope = WorkingScope, SignedInAs = Account ?? "",
            HasClientCertificate = CertificateExpiresAt is not null, HasNextCertificate = HasNextCertificate,
            ClientCertificateExpiresAt = CertificateExpiresAt is { } ends ? DateTimeOffset.FromUnixTimeMilliseconds(ends) : null,
            Limits = new(Connections, MessagesPerMinute, RecipientsPerDay, MessageBytes),
            Senders = Senders.Split(' ', StringSplitOptions.RemoveEmptyEntries), Default = IsDefault, Failover = Failover, ReadReports = ReadReports, ImapAddress = ImapAddress, ImapFolder = ImapFolder,
            StateSince = DateTimeOffset.FromUnixTimeMilliseconds(StateSince), Version = Version,
        };
        var missing = MissingCredential.Of(provider);
        var (state, reason, remedy) = (missing, Enabled, Paused, AttentionReason) switch
        {
            ({ } credential, _, _, _) => (ProviderState.NeedsConsent, credential.Reason, credential.Remedy),
            (_, false, _, _) => (ProviderState.Disabled, "It is switched off.", "Switch it on when mail should be sent through it."),
            (_, _, true, _) => (ProviderState.Paused, "An administrator paused it.", "Resume it: what waits is sent by itself."),
            (_, _, _, { } why) => (ProviderState.NeedsAttention, why, AttentionRemedy),
            _ => (ProviderState.Ready, (string?)null, (string?)null),
        };
        return provider with
        {
            Enabled = Enabled && missing is null,
            State = state,
            StateReason = reason,
            Remedy = remedy,
            ProbeAt = state == ProviderState.NeedsAttention && ProbeAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        };
    }
}

/// <summary>What a provider still lacks before it can sign in at all.</summary>
internal sealed record MissingCredential(string Reason, string Remedy)
{
    public static MissingCredential? Of(Provider provider) => provider switch
    {
        { Type: ProviderType.Password, HasPassword: false, UserName.Length: > 0 } =>
            new("It has no password.", $"Set the password of {provider.UserName}."),
        { Type: ProviderType.Password } => null,
        { Grant: ProviderGrant.ServiceAccount, HasServiceAccountKey: false } =>
            new("It has no key of a service account.", "Enter the JSON key file of the service account (serviceAccountKey)."),
        { Grant: ProviderGrant.ServiceAccount } => null,
        _ when Credential(provider) is { } credential => credential,
        { Grant: ProviderGrant.ClientCredentials } => null,
        { HasRefreshToken: false } =>
            new("Nobody has signed in for it yet.", $"Connect it and sign in as {provider.UserName}, or enter a refresh token that was obtained elsewhere (refreshToken)."),
        _ => null,
    };

    /// <summary>What the application itself lacks where it was said how it proves itself, and for client credentials in any case.</summary>
    private static MissingCredential? Credential(Provider provider) => ClientAuthentication.Of(provider) switch
    {
        ClientAuthentication.PrivateKeyJwt when !provider.HasClientCertificate =>
            new("It has no certificate.", $"Make one and upload it to the application: postrider provider certificate {provider.Name} create"),
        ClientAuthentication.Post or ClientAuthentication.Basic when !provider.HasClientSecret =>
            new("It has no client secret.", "Enter the secret's Value (clientSecret)."),
        ClientAuthentication.None when provider.Grant == ProviderGrant.ClientCredentials =>
            new("It has no client secret.", "Enter the secret's Value (clientSecret); the provider then gets tokens by itself. A certificate or a federated credential does as well."),
        _ => null,
    };
}

/// <summary>The statements about providers.</summary>
internal static class ProviderStore
{
    private const string Select = """
        select p.id Id, p.name Name, p.display_name DisplayName, p.type Type, p.preset Preset, p.address Address, p.port Port,
               p.security Security, p.domain Domain, p.user_name UserName, p.tenant Tenant, p.authority Authority,
               p.authorize_url AuthorizeUrl, p.token_url TokenUrl, p.device_url DeviceUrl, p.client_id ClientId,
               p.client_secret is not null HasClientSecret, p.client_secret_expires_at ClientSecretExpiresAt, p.scope Scope,
               p.redirect_uri RedirectUri, p.client_authentication ClientAuthentication, p.federated_token_file FederatedTokenFile,
               p.authorize_parameters AuthorizeParameters, p.service_account_key is not null HasServiceAccountKey, p.service_account ServiceAccount,
               p.working_scope WorkingScope, t.account Account,
               (select not_after from client_certificates c where c.provider_id = p.id and c.state = 'current') CertificateExpiresAt,
               exists (select 1 from client_certificates c where c.provider_id = p.id and c.state = 'next') HasNextCertificate,
               p.grant_type "Grant", p.password is not null HasPassword,
               t.refresh_token is not null HasRefreshToken, p.shared_mailbox SharedMailbox, p.enabled Enabled, p.paused Paused,
               p.connections Connections, p.messages_per_minute MessagesPerMinute, p.recipients_per_day RecipientsPerDay,
               p.message_bytes MessageBytes, p.senders Senders, p.is_default IsDefault, p.failover Failover, p.read_reports ReadReports, p.imap_address ImapAddress, p.imap_folder ImapFolder, p.attention_reason AttentionReason, p.attention_remedy AttentionRemedy,
               p.probe_at ProbeAt, p.state_since StateSince, p.version Version
        from providers p left join tokens t on t.provider_id = p.id
        """;

    private const string Insert = """
        insert into providers (id, name, display_name, type, preset, address, port, security, domain, user_name, tenant, authority,
            authorize_url, token_url, device_url, client_id, client_secret_expires_at, scope, redirect_uri, grant_type, shared_mailbox,
            enabled, paused, connections, messages_per_minute, recipients_per_day, message_bytes,
            senders, is_default, failover, read_reports, imap_address, imap_folder, client_authentication, federated_token_file, authorize_parameters, state_since, version, created_at)
        values (@Id, @Name, @DisplayName, @Type, @Preset, @Address, @Port, @Security, @Domain, @UserName, @Tenant, @Authority,
            @AuthorizeUrl, @TokenUrl, @DeviceUrl, @ClientId, @SecretExpiresAt, @Scope, @RedirectUri, @Grant, @SharedMailbox,
            coalesce(@Enabled, 1), 0, @Connections, @MessagesPerMinute, @RecipientsPerDay, @MessageBytes,
            @Senders, @IsDefault, @Failover, @ReadReports, @ImapAddress, @ImapFolder, @ClientAuthentication, @FederatedTokenFile, @AuthorizeParameters, @Now, 1, @Now)
        """;

    private const string InsertTokens = "insert into tokens (provider_id, version) values (@id, 0)";

    private const string Update = """
        update providers set name = @Name, display_name = @DisplayName, type = @Type, preset = @Preset, address = @Address, port = @Port,
            security = @Security, domain = @Domain, user_name = @UserName, tenant = @Tenant, authority = @Authority,
            authorize_url = @AuthorizeUrl, token_url = @TokenUrl, device_url = @DeviceUrl, client_id = @ClientId,
            client_secret_expires_at = @SecretExpiresAt, scope = @Scope, redirect_uri = @RedirectUri, grant_type = @Grant,
            shared_mailbox = @SharedMailbox, enabled = coalesce(@Enabled, enabled), connections = @Connections, messages_per_minute = @MessagesPerMinute,
            recipients_per_day = @RecipientsPerDay, message_bytes = @MessageBytes,
            senders = @Senders, is_default = @IsDefault, failover = @Failover, read_reports = @ReadReports, imap_address = @ImapAddress, imap_folder = @ImapFolder, client_authentication = @ClientAuthentication,
            federated_token_file = @FederatedTokenFile, authorize_parameters = @AuthorizeParameters,
            working_scope = case when scope = @Scope then working_scope else '' end
        where id = @Id
        """;

    /// <summary>New settings or credentials: whatever was wrong before deserves a new try.</summary>
    private const string TryAgain = """
        update providers set version = version + 1, attention_reason = null, attention_remedy = null, probe_at = null where id = @id;
        update tokens set broken_reason = null, broken_remedy = null, broken_probe_at = null where provider_id = @id
        """;

    private const string Delete = """
        delete from consents where provider_id = @id;
        delete from tokens where provider_id = @id;
        delete from client_certificates where provider_id = @id;
        delete from report_mailboxes where provider_id = @id;
        delete from provider_drafts where provider_id = @id;
        delete from providers where id = @id
        """;

    public static Task<IReadOnlyList<ProviderRow>> AllAsync(DbSession session) => session.QueryAsync<ProviderRow>(Select + " order by p.name");

    public static Task<ProviderRow?> FindAsync(DbSession session, string id) =>
        session.FirstOrDefaultAsync<ProviderRow>(Select + " where p.id = @id", new { id });

    public static Task<string?> IdOfNameAsync(DbSession session, string name) =>
        session.FirstOrDefaultAsync<string>("select id from providers where name = @name", new { name });

    public static async Task InsertAsync(DbSession session, string id, ProviderDraft settings, DateTimeOffset now)
    {
        await session.ExecuteAsync(Insert, Parameters(id, settings, now));
        await session.ExecuteAsync(InsertTokens, new { id });
    }

    public static Task UpdateAsync(DbSession session, string id, ProviderDraft settings, DateTimeOffset now) =>
        session.ExecuteAsync(Update, Parameters(id, settings, now));

    /// <summary>There is one default, and a provider that is renamed is followed by those that fail over to it.</summary>
    public static Task FollowAsync(DbSession session, string id, ProviderDraft settings, string nameBefore) => session.ExecuteAsync("""
        update providers set is_default = 0 where @IsDefault = 1 and is_default = 1 and id <> @id;
        update providers set failover = @Name where failover = @nameBefore and @nameBefore <> @Name
        """, new { id, IsDefault = settings.Default, settings.Name, nameBefore });

    public static Task TryAgainAsync(DbSession session, string id) => session.ExecuteAsync(TryAgain, new { id });

    public static Task DeleteAsync(DbSession session, string id) => session.ExecuteAsync(Delete, new { id });

    public static Task SetEnabledAsync(DbSession session, string id, bool enabled) =>
        session.ExecuteAsync("update providers set enabled = @enabled where id = @id", new { id, enabled });

    public static Task SetPausedAsync(DbSession session, string id, bool paused) =>
        session.ExecuteAsync("update providers set paused = @paused where id = @id", new { id, paused });

    public static Task SetStateSinceAsync(DbSession session, string id, DateTimeOffset now) =>
        session.ExecuteAsync("update providers set state_since = @at where id = @id", new { id, at = now.ToUnixTimeMilliseconds() });

    public static Task SetAttentionAsync(DbSession session, string id, string? reason, string? remedy, DateTimeOffset? probeAt) =>
        session.ExecuteAsync("update providers set attention_reason = @reason, attention_remedy = @remedy, probe_at = @at where id = @id",
            new { id, reason, remedy, at = probeAt?.ToUnixTimeMilliseconds() });

    public static Task SetGrantAsync(DbSession session, string id, string grant) =>
        session.ExecuteAsync("update providers set grant_type = @grant where id = @id", new { id, grant });

    public static Task SetWorkingScopeAsync(DbSession session, string id, string scope) =>
        session.ExecuteAsync("update providers set working_scope = @scope where id = @id", new { id, scope });

    public static Task SetSecretEndAsync(DbSession session, string id, DateTimeOffset end) =>
        session.ExecuteAsync("update providers set client_secret_expires_at = @end where id = @id", new { id, end = end.ToUnixTimeMilliseconds() });

    public static Task KeepWorkingScopeAsync(DbSession session, string id) =>
        session.ExecuteAsync("update providers set scope = working_scope, working_scope = '' where id = @id and working_scope <> ''", new { id });

    public static Task<long> WaitingMessagesAsync(DbSession session, string id) =>
        session.SingleAsync<long>("select count(*) from queue where provider_id = @id", new { id });

    private static object Parameters(string id, ProviderDraft settings, DateTimeOffset now) => new
    {
        Id = id, settings.Name, settings.DisplayName, settings.Type, settings.Preset, settings.Address, settings.Port, settings.Security,
        settings.Domain, settings.UserName, settings.Tenant, settings.Authority, settings.AuthorizeUrl, settings.TokenUrl,
        settings.DeviceUrl, settings.ClientId, SecretExpiresAt = settings.ClientSecretExpiresAt?.ToUnixTimeMilliseconds(), settings.Scope,
        settings.RedirectUri, settings.Grant, settings.SharedMailbox, settings.Enabled, settings.Limits.Connections,
        settings.Limits.MessagesPerMinute, settings.Limits.RecipientsPerDay, settings.Limits.MessageBytes, Senders = string.Join(' ', settings.Senders), IsDefault = settings.Default, settings.Failover, settings.ReadReports, settings.ImapAddress, settings.ImapFolder,
        settings.ClientAuthentication, settings.FederatedTokenFile, AuthorizeParameters = FormText.Write(settings.AuthorizeParameters),
        Now = now.ToUnixTimeMilliseconds(),
    };
}
