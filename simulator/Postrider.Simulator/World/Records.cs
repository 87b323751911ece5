namespace Postrider.Simulator;

/// <summary>An organisation. Its GUID and its domain both name it in URLs (reference 1.2).</summary>
public sealed record Tenant
{
    public required Guid Id { get; init; }

    public required string Domain { get; init; }

    public string DisplayName { get; init; } = "";
}

/// <summary>An app registration.</summary>
public sealed record Application
{
    public required Guid ClientId { get; init; }

    public string DisplayName { get; init; } = "";

    public required Guid TenantId { get; init; }

    /// <summary>May be used by other tenants and with <c>common</c> and <c>organizations</c>.</summary>
    public bool MultiTenant { get; init; }

    /// <summary>A public client: sending a credential is an error (AADSTS700025).</summary>
    public bool PublicClient { get; init; }

    /// <summary>"Allow public client flows": the device flow works without a credential.</summary>
    public bool AllowPublicClientFlows { get; init; }

    /// <summary>A user cannot consent; an administrator must (AADSTS90094) until <c>adminconsent</c> was accepted.</summary>
    public bool AdminConsentRequired { get; init; }

    public bool AdminConsented { get; init; }

    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    public IReadOnlyList<ApplicationSecret> Secrets { get; init; } = [];

    /// <summary>Certificates (PEM) whose holder may sign client assertions (reference 1.10), and service account assertions (5.1).</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>Other issuers whose tokens prove the application (reference 1.10).</summary>
    public IReadOnlyList<FederatedCredential> FederatedCredentials { get; init; } = [];

    /// <summary>App roles for client credentials, such as <c>SMTP.SendAsApp</c>; with none the token has no <c>roles</c> (reference 1.11 B).</summary>
    public IReadOnlyList<string> AppRoles { get; init; } = [];

    /// <summary>App roles at Graph, such as <c>Application.Read.All</c>, with which it may look at itself.</summary>
    public IReadOnlyList<string> GraphRoles { get; init; } = [];
}

/// <summary>An issuer that an application trusts, as workload identities use it.</summary>
/// <param name="Certificate">PEM: the key that it signs with.</param>
public sealed record FederatedCredential(string Issuer, string Subject, string Audience, string Certificate);

/// <summary>A client secret. The portal shows its ID for ever and its value once; people mix them up (AADSTS7000215).</summary>
public sealed record ApplicationSecret
{
    public Guid Id { get; init; } = Guid.NewGuid();

    public required string Value { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A person's or a shared mailbox.</summary>
public sealed record Account
{
    public required string Address { get; init; }

    public string DisplayName { get; init; } = "";

    public Guid ObjectId { get; init; } = Guid.NewGuid();

    public required Guid TenantId { get; init; }

    /// <summary>A shared mailbox: nobody signs in as it, others open it.</summary>
    public bool Shared { get; init; }

    /// <summary>For PLAIN and LOGIN, where <see cref="SmtpSettings.PasswordsAllowed"/>.</summary>
    public string? Password { get; init; }

    /// <summary>Accounts that may authenticate as this mailbox with a token of their own (FullAccess).</summary>
    public IReadOnlyList<string> FullAccess { get; init; } = [];

    /// <summary>Accounts that may send as this mailbox.</summary>
    public IReadOnlyList<string> SendAs { get; init; } = [];

    /// <summary>Applications that may authenticate as this mailbox with client credentials (reference 1.11).</summary>
    public IReadOnlyList<Guid> Applications { get; init; } = [];

    /// <summary>The mailbox switch of reference 7.4: AUTH answers 535 5.7.139.</summary>
    public bool SmtpAuthDisabled { get; init; }

    /// <summary>The provider puts its own Message-ID in place of the client's, as personal accounts do (reference 3.6).</summary>
    public bool ReplacesMessageId { get; init; }

    /// <summary>An AADSTS code answered whenever a token is asked for this account: 50057 disabled, 50076 MFA, 0 none.</summary>
    public int TokenError { get; init; }
}
