using Postrider.Accounts.Sealing;

namespace Postrider.Accounts;

/// <summary>What the Accounts room needs to know from its host.</summary>
public sealed class AccountsOptions
{
    /// <summary>Name of the HTTP client that speaks to identity platforms.</summary>
    public const string HttpClientName = "Postrider.Accounts";

    /// <summary>The key ring's directory. It is created with mode 0700.</summary>
    public required string KeyDirectory { get; init; }

    /// <summary>What the key ring itself is locked with.</summary>
    public KeyRingOptions KeyRing { get; init; } = new();

    /// <summary>The address under which a browser reaches the HTTP door; redirect URIs that are left out are made from it.
    /// It is configured or taken from the listening address, never from a request (RFC 9700 section 4.1.3).</summary>
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>This node's name, unlike any other node's of the same database. A process takes over at once what a dead process
    /// of the same name held; it waits for the leases of others to end.</summary>
    public string Node { get; init; } = Environment.MachineName;

    /// <summary>Microsoft and Google take http for the name localhost alone. Where the public address is neither that nor https, the
    /// sign-in ends on an address that nobody answers, and is pasted.</summary>
    public string DefaultRedirectUri => PublicUrl.Scheme == Uri.UriSchemeHttps
        ? new Uri(PublicUrl, CallbackPath).AbsoluteUri
        : new UriBuilder("http", "localhost", PublicUrl.Port, CallbackPath).Uri.AbsoluteUri;

    private const string CallbackPath = "/oauth/callback";
}
