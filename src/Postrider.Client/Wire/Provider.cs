namespace Postrider.Client;

/// <summary>A provider to add or change. What is left out is filled from the preset when adding or replacing, and stays as it is when
/// patching. A secret that is left out or empty stays as it is; null removes it.</summary>
public sealed record ProviderInput
{
    /// <summary>Lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; unique.</summary>
    public string? Name { get; init; }
    public string? DisplayName { get; init; }

    /// <summary>microsoft, google, oauth2 or password.</summary>
    public string? Type { get; init; }

    /// <summary>Name of the preset that fills what is left out, for example <c>microsoft-gcc-high</c>; the type's own when left out.</summary>
    public string? Preset { get; init; }

    /// <summary>Host name or IP address of the SMTP server.</summary>
    public string? Address { get; init; }
    public int? Port { get; init; }

    /// <summary>startTls, tls or none.</summary>
    public string? Security { get; init; }
    public string? Domain { get; init; }

    /// <summary>The mailbox's address.</summary>
    public string? UserName { get; init; }

    /// <summary>Directory (tenant) ID, a domain of the tenant, organizations, common or consumers.</summary>
    public string? Tenant { get; init; }

    /// <summary>Base address of the identity platform; for oauth2 the issuer.</summary>
    public string? Authority { get; init; }
    public string? AuthorizeUrl { get; init; }
    public string? TokenUrl { get; init; }
    public string? DeviceUrl { get; init; }

    /// <summary>Application (client) ID.</summary>
    public string? ClientId { get; init; }

    /// <summary>Write-only. The secret's Value, not its ID.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>A date (<c>2027-03-31</c>) or a moment, ISO 8601.</summary>
    public string? ClientSecretExpiresAt { get; init; }

    /// <summary>Scopes, separated by blanks.</summary>
    public string? Scope { get; init; }
    public string? RedirectUri { get; init; }

    /// <summary>Write-only. A refresh token that was obtained elsewhere.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Write-only. The mailbox's password, for the type password.</summary>
    public string? Password { get; init; }

    /// <summary>Write-only. The JSON key file of a Google service account, as a text.</summary>
    public string? ServiceAccountKey { get; init; }

    /// <summary>authorizationCode, deviceCode, clientCredentials, serviceAccount or refreshToken.</summary>
    public string? Grant { get; init; }

    /// <summary>How the application proves itself: post, basic (the secret in the body or in the header), privateKeyJwt (a certificate),
    /// federated (the token in federatedTokenFile) or none. Left out: with what is there.</summary>
    public string? ClientAuthentication { get; init; }

    /// <summary>A file on the gateway's machine with a token of an issuer that the application trusts, as workload identities have it. Read for each request.</summary>
    public string? FederatedTokenFile { get; init; }

    /// <summary>Added to the sign-in page's address, for example <c>{"domain_hint": "contoso.com"}</c>.</summary>
    public IReadOnlyDictionary<string, string>? AuthorizeParameters { get; init; }

    /// <summary>The mailbox is used by signing in as somebody else who has access to it.</summary>
    public bool? SharedMailbox { get; init; }
    public bool? Enabled { get; init; }
    public ProviderLimits? Limits { get; init; }

    /// <summary>Authors whose mail it sends beside that of its mailbox and domain: addresses, or domains written as <c>@example.org</c>.</summary>
    public IReadOnlyList<string>? Senders { get; init; }

    /// <summary>It sends what no other provider is named for. There is one: setting it here unsets it elsewhere.</summary>
    public bool? Default { get; init; }

    /// <summary>The name of the provider that takes its waiting mail over when it cannot send for some minutes, or when its day's limit is used up.</summary>
    public string? Failover { get; init; }

    /// <summary>Whether what comes back is read from the mailbox, by IMAP.</summary>
    public bool? ReadReports { get; init; }

    /// <summary>The IMAP server and its port for TLS, such as <c>imap.example.org:993</c>; the preset's when left out.</summary>
    public string? ImapAddress { get; init; }

    /// <summary>The folder; the inbox when left out.</summary>
    public string? ImapFolder { get; init; }
}

/// <summary>A provider's pace. 0 means no limit.</summary>
public sealed record ProviderLimits
{
    public int? Connections { get; init; }
    public int? MessagesPerMinute { get; init; }

    /// <summary>In any 24 hours.</summary>
    public int? RecipientsPerDay { get; init; }
    public long? MessageBytes { get; init; }
}

/// <summary>A provider as it is. Of its secrets it says only whether they are set.</summary>
public sealed record ProviderView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string DisplayName { get; init; }
    public required string Type { get; init; }
    public required string Preset { get; init; }
    public required string Address { get; init; }
    public required int Port { get; init; }
    public required string Security { get; init; }
    public string? Domain { get; init; }
    public string? UserName { get; init; }
    public string? Tenant { get; init; }
    public string? Authority { get; init; }
    public string? AuthorizeUrl { get; init; }
    public string? TokenUrl { get; init; }
    public string? DeviceUrl { get; init; }
    public string? ClientId { get; init; }
    public required bool ClientSecretSet { get; init; }
    public DateTimeOffset? ClientSecretExpiresAt { get; init; }
    public string? Scope { get; init; }
    public string? RedirectUri { get; init; }
    public required bool RefreshTokenSet { get; init; }
    public required bool PasswordSet { get; init; }
    public required bool ServiceAccountKeySet { get; init; }

    /// <summary>The service account whose key is set.</summary>
    public string? ServiceAccount { get; init; }
    public string? Grant { get; init; }
    public string? ClientAuthentication { get; init; }
    public string? FederatedTokenFile { get; init; }
    public required IReadOnlyDictionary<string, string> AuthorizeParameters { get; init; }
    public required bool ClientCertificateSet { get; init; }

    /// <summary>The end of the certificate in use.</summary>
    public DateTimeOffset? ClientCertificateExpiresAt { get; init; }

    /// <summary>Who signed in, where the identity platform said so.</summary>
    public string? SignedInAs { get; init; }

    /// <summary>The scope that is asked for in the place of <see cref="Scope"/>, whose token the server would refuse.</summary>
    public string? WorkingScope { get; init; }
    public required bool SharedMailbox { get; init; }
    public required bool Enabled { get; init; }
    public required bool Paused { get; init; }
    public required ProviderLimits Limits { get; init; }
    public required IReadOnlyList<string> Senders { get; init; }
    public required bool Default { get; init; }
    public string? Failover { get; init; }
    public required bool ReadReports { get; init; }
    public string? ImapAddress { get; init; }
    public string? ImapFolder { get; init; }

    /// <summary>ready, needsConsent, needsAttention, paused or disabled.</summary>
    public required string State { get; init; }
    public string? StateReason { get; init; }
    public string? Remedy { get; init; }
    public required DateTimeOffset StateSince { get; init; }

    /// <summary>When a provider that needs attention is tried again by itself.</summary>
    public DateTimeOffset? ProbeAt { get; init; }
    public required long Version { get; init; }

    /// <summary>What was accepted as written and will probably not work, with what does.</summary>
    public required IReadOnlyList<ProviderNote> Warnings { get; init; }
}

/// <summary>A remark about one member of a provider.</summary>
public sealed record ProviderNote
{
    public required string Member { get; init; }
    public required string Message { get; init; }
}

/// <summary>A sign-in that was started: send the browser there.</summary>
public sealed record ProviderAuthorize
{
    public required string AuthorizeUrl { get; init; }

    /// <summary>Good for one answer, until <see cref="ExpiresAt"/>.</summary>
    public required string State { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What a sign-in ended with: the whole address the browser landed on, or the code and state in it.</summary>
public sealed record ProviderAuthorizeComplete
{
    public string? Url { get; init; }
    public string? Code { get; init; }
    public string? State { get; init; }
}

/// <summary>What is known in advance about a kind of provider.</summary>
public sealed record ProviderPresetView
{
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required string Title { get; init; }

    /// <summary>The vendor's page that the values rest on.</summary>
    public required string Documentation { get; init; }

    /// <summary>Where the application is registered.</summary>
    public string? Portal { get; init; }
    public string? Address { get; init; }
    public int? Port { get; init; }
    public string? Security { get; init; }
    public string? Tenant { get; init; }
    public string? Authority { get; init; }
    public string? AuthorizeUrl { get; init; }
    public string? TokenUrl { get; init; }
    public string? DeviceUrl { get; init; }
    public string? Scope { get; init; }
    public string? Grant { get; init; }

    /// <summary>What redirectUri becomes when it is left out: register exactly this.</summary>
    public string? RedirectUri { get; init; }
    public required ProviderLimits Limits { get; init; }
    public required IReadOnlyList<string> Quirks { get; init; }
}

/// <summary>A sign-in on another device: open the page, type the code.</summary>
public sealed record ProviderDevice
{
    public required string UserCode { get; init; }
    public required string VerificationUri { get; init; }

    /// <summary>The page with the code filled in, where the platform offers it.</summary>
    public string? VerificationUriComplete { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>waiting, connected or failed.</summary>
    public required string State { get; init; }

    /// <summary>Who signed in.</summary>
    public string? Account { get; init; }

    /// <summary>Why it failed, and what to do.</summary>
    public string? Cause { get; init; }
    public string? Remedy { get; init; }

    /// <summary>The identity platform's own words.</summary>
    public string? Verbatim { get; init; }
}

/// <summary>A certificate that proves the application. Its private key stays with the gateway.</summary>
public sealed record ProviderCertificate
{
    /// <summary>current, or next: it takes over as soon as the identity platform has accepted it.</summary>
    public required string State { get; init; }

    /// <summary>SHA-1 in hexadecimal digits, as portals show it.</summary>
    public required string Thumbprint { get; init; }
    public required DateTimeOffset NotBefore { get; init; }
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>PEM: what is uploaded to the application.</summary>
    public required string Certificate { get; init; }
}
