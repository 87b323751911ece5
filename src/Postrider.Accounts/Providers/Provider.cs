namespace Postrider.Accounts.Providers;

/// <summary>What an administrator decides about a provider. A text that is not set is empty.</summary>
public record ProviderSettings
{
    /// <summary>Lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; unique.</summary>
    public string Name { get; init; } = "";
    public string DisplayName { get; init; } = "";

    /// <summary>One of <see cref="ProviderType"/>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The entry of the catalog that filled what was left out, for example <c>microsoft-gcc-high</c>.</summary>
    public string Preset { get; init; } = "";

    /// <summary>Host name or IP address of the SMTP server.</summary>
    public string Address { get; init; } = "";
    public int Port { get; init; }

    /// <summary>One of <see cref="SmtpSecurity"/>.</summary>
    public string Security { get; init; } = "";
    public string Domain { get; init; } = "";

    /// <summary>The mailbox, and the <c>user=</c> of XOAUTH2.</summary>
    public string UserName { get; init; } = "";
    public string Tenant { get; init; } = "";
    public string Authority { get; init; } = "";
    public string AuthorizeUrl { get; init; } = "";
    public string TokenUrl { get; init; } = "";
    public string DeviceUrl { get; init; } = "";
    public string ClientId { get; init; } = "";
    public DateTimeOffset? ClientSecretExpiresAt { get; init; }
    public string Scope { get; init; } = "";
    public string RedirectUri { get; init; } = "";

    /// <summary>How the application proves itself, one of <see cref="ClientAuthentication"/>; empty: with what is there.</summary>
    public string ClientAuthentication { get; init; } = "";

    /// <summary>A file with a token of another issuer that the application trusts; it is read anew for each request.</summary>
    public string FederatedTokenFile { get; init; } = "";

    /// <summary>Sent along with the browser to the sign-in page, beside what the catalogue and the protocol ask for.</summary>
    public IReadOnlyDictionary<string, string> AuthorizeParameters { get; init; } = new Dictionary<string, string>();

    /// <summary>One of <see cref="ProviderGrant"/>; empty for the type <c>password</c>.</summary>
    public string Grant { get; init; } = "";

    /// <summary>The mailbox is used by signing in as somebody else who has access to it.</summary>
    public bool SharedMailbox { get; init; }
    public SendingLimits Limits { get; init; } = new(0, 0, 0, 0);

    /// <summary>Authors whose mail it sends beside that of its mailbox and domain: addresses, or domains written as <c>@example.org</c>.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>It sends what no other provider is named for.</summary>
    public bool Default { get; init; }

    /// <summary>The name of the provider that takes its mail over when it cannot send; empty: mail waits.</summary>
    public string Failover { get; init; } = "";

    /// <summary>What comes back is read from the mailbox.</summary>
    public bool ReadReports { get; init; }

    /// <summary>The IMAP server, as <c>host:port</c>; TLS from the start.</summary>
    public string ImapAddress { get; init; } = "";

    /// <summary>Empty: the inbox.</summary>
    public string ImapFolder { get; init; } = "";
}

/// <summary>A configured account at a mail provider, with the state it is in. Holds no secret.</summary>
public sealed record Provider : ProviderSettings
{
    /// <summary>A version 7 UUID, 32 hexadecimal digits. It stays when the name changes.</summary>
    public required string Id { get; init; }
    public bool HasClientSecret { get; init; }
    public bool HasRefreshToken { get; init; }
    public bool HasPassword { get; init; }
    public bool HasServiceAccountKey { get; init; }

    /// <summary>The service account whose key is stored; empty without one.</summary>
    public string ServiceAccount { get; init; } = "";
    public bool HasClientCertificate { get; init; }

    /// <summary>The end of the certificate in use.</summary>
    public DateTimeOffset? ClientCertificateExpiresAt { get; init; }

    /// <summary>A rolled-over certificate waits for the identity platform to accept it.</summary>
    public bool HasNextCertificate { get; init; }

    /// <summary>Who signed in, where the identity platform said so; empty otherwise. XOAUTH2's user stays <see cref="ProviderSettings.UserName"/>.</summary>
    public string SignedInAs { get; init; } = "";

    /// <summary>The scope that is asked for because the token for the typed one has an audience that Exchange refuses; empty: the typed one works.</summary>
    public string WorkingScope { get; init; } = "";

    /// <summary>What token requests name.</summary>
    internal string ScopeInUse => WorkingScope.Length > 0 ? WorkingScope : Scope;

    /// <summary>Switched on, and with something to sign in with.</summary>
    public bool Enabled { get; init; }
    public bool Paused { get; init; }
    public ProviderState State { get; init; }

    /// <summary>Why the provider is not ready; null when it is.</summary>
    public string? StateReason { get; init; }

    /// <summary>What makes it ready again; null when it is.</summary>
    public string? Remedy { get; init; }
    public DateTimeOffset StateSince { get; init; }

    /// <summary>When a provider that needs attention may be tried again by itself; null: not before somebody acts.</summary>
    public DateTimeOffset? ProbeAt { get; init; }

    /// <summary>Counts changes of settings and credentials. A change of state alone leaves it as it is.</summary>
    public long Version { get; init; }

    /// <summary>Whether nothing about it has changed since.</summary>
    internal bool IsAs(Provider later) =>
        (Version, State, StateReason, ProbeAt, StateSince, Enabled, Paused, HasRefreshToken, Name, Default, Failover)
        == (later.Version, later.State, later.StateReason, later.ProbeAt, later.StateSince, later.Enabled, later.Paused, later.HasRefreshToken, later.Name, later.Default, later.Failover);
}

/// <summary>Settings together with the secrets that are to be written.</summary>
public sealed record ProviderDraft : ProviderSettings
{
    /// <summary>Null leaves it as it is; a new provider is then on. What is on without anything to sign in with waits for its consent.</summary>
    public bool? Enabled { get; init; }
    public SecretChange ClientSecret { get; init; }
    public SecretChange RefreshToken { get; init; }
    public SecretChange Password { get; init; }

    /// <summary>The JSON key file of a Google service account, whole.</summary>
    public SecretChange ServiceAccountKey { get; init; }
}

/// <summary>The provider's pace. Zero means no limit.</summary>
public sealed record SendingLimits(int Connections, int MessagesPerMinute, int RecipientsPerDay, long MessageBytes);

public enum ProviderState
{
    Ready,
    NeedsConsent,
    NeedsAttention,
    Paused,
    Disabled,
}

public static class ProviderType
{
    public const string Microsoft = "microsoft", Google = "google", OAuth2 = "oauth2", Password = "password";

    public static readonly IReadOnlyList<string> All = [Microsoft, Google, OAuth2, Password];
}

public static class SmtpSecurity
{
    public const string StartTls = "startTls", Tls = "tls", None = "none";

    public static readonly IReadOnlyList<string> All = [StartTls, Tls, None];
}

/// <summary>How a provider gets its tokens.</summary>
public static class ProviderGrant
{
    public const string AuthorizationCode = "authorizationCode", RefreshToken = "refreshToken", ClientCredentials = "clientCredentials",
        DeviceCode = "deviceCode", ServiceAccount = "serviceAccount";

    public static readonly IReadOnlyList<string> All = [AuthorizationCode, DeviceCode, ClientCredentials, ServiceAccount, RefreshToken];

    /// <summary>Whether the application gets tokens by itself, and nobody signs in.</summary>
    public static bool WithoutPeople(string grant) => grant is ClientCredentials or ServiceAccount;
}

/// <summary>How an application proves itself to the token endpoint (RFC 6749 section 2.3, RFC 7523 section 2.2).</summary>
public static class ClientAuthentication
{
    public const string Post = "post", Basic = "basic", PrivateKeyJwt = "privateKeyJwt", Federated = "federated", None = "none";

    public static readonly IReadOnlyList<string> All = [Post, Basic, PrivateKeyJwt, Federated, None];

    /// <summary>The one that is meant where none was chosen.</summary>
    public static string Of(Provider provider) => provider switch
    {
        { ClientAuthentication.Length: > 0 } => provider.ClientAuthentication,
        { FederatedTokenFile.Length: > 0 } => Federated,
        { HasClientCertificate: true, HasClientSecret: false } => PrivateKeyJwt,
        { HasClientSecret: true } => Post,
        _ => None,
    };
}
