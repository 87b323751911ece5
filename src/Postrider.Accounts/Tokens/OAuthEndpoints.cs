using System.Collections.Concurrent;
using Duende.IdentityModel.Client;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Where an identity platform listens.</summary>
/// <param name="Authorize">Null where only the token endpoint is known.</param>
/// <param name="Issuer">As its discovery document names it; null when none was read.</param>
/// <param name="Device">Where device codes are had; null where that is not known.</param>
internal sealed record OAuthUrls(Uri? Authorize, Uri Token, string? Issuer, bool IssuerInCallback = false, Uri? Device = null);

/// <summary>Finds a provider's endpoints: the URLs given one by one, Microsoft's fixed paths below the authority and tenant, or the
/// discovery document of the issuer, whose own name must be the authority's (RFC 8414 section 3.3).</summary>
internal sealed class OAuthEndpoints(IHttpClientFactory clients, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(12);
    private readonly ConcurrentDictionary<string, (OAuthUrls Urls, DateTimeOffset Until)> discovered = new(StringComparer.Ordinal);

    /// <returns>The URLs, or why they are not known.</returns>
    public async Task<(OAuthUrls? Urls, TokenAnswer? Why)> FindAsync(Provider provider, CancellationToken cancellation)
    {
        if (provider.TokenUrl.Length > 0)
            return (new(provider.AuthorizeUrl.Length > 0 ? new(provider.AuthorizeUrl) : null, new(provider.TokenUrl), null, Device: DeviceUrl(provider)), null);
        if (provider.Type == ProviderType.Microsoft)
        {
            var root = $"{provider.Authority.TrimEnd('/')}/{Uri.EscapeDataString(provider.Tenant)}/oauth2/v2.0";
            return (new(new($"{root}/authorize"), new($"{root}/token"), null, Device: DeviceUrl(provider) ?? new($"{root}/devicecode")), null);
        }
        if (discovered.TryGetValue(provider.Authority, out var known) && time.GetUtcNow() < known.Until)
            return (With(provider, known.Urls), null);
        var (urls, why) = await DiscoverAsync(provider, cancellation);
        if (urls is not null)
            discovered[provider.Authority] = (urls, time.GetUtcNow() + Fresh);
        return (urls is null ? null : With(provider, urls), why);
    }

    private static OAuthUrls With(Provider provider, OAuthUrls urls) => urls with { Device = DeviceUrl(provider) ?? urls.Device };

    private static Uri? DeviceUrl(Provider provider) => provider.DeviceUrl.Length > 0 ? new(provider.DeviceUrl) : null;

    private async Task<(OAuthUrls?, TokenAnswer?)> DiscoverAsync(Provider provider, CancellationToken cancellation)
    {
        using var timeOut = new CancellationTokenSource(TokenEndpoint.TimeOut, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        using var client = clients.CreateClient(AccountsOptions.HttpClientName);
        DiscoveryDocumentResponse document;
        try
        {
            document = await client.GetDiscoveryDocumentAsync(Request(provider), stop.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, Unread(provider, $"no answer within {TokenEndpoint.TimeOut.TotalSeconds:0} s"));
        }
        cancellation.ThrowIfCancellationRequested();
        if (document.IsError)
            return (null, document.ErrorType == ResponseErrorType.PolicyViolation ? Misconfigured(provider, document.Error) : Unread(provider, document.Error));
        return Usable(document.TokenEndpoint) is { } token
            ? (new(Usable(document.AuthorizeEndpoint), token, document.Issuer, document.AuthorizationResponseIssParameterSupported ?? false, Usable(document.DeviceAuthorizationEndpoint)), null)
            : (null, Misconfigured(provider, "It names no token_endpoint that may be used."));
    }

    private static DiscoveryDocumentRequest Request(Provider provider) => new()
    {
        Address = provider.Authority,
        Policy =
        {
            // Endpoints may stand on other hosts than the issuer (Google's do), and no signature is checked with the keys:
            // tokens come straight from the token endpoint over TLS (OpenID Connect Core section 3.1.3.7).
            RequireHttps = true, AllowHttpOnLoopback = true, ValidateIssuerName = true, ValidateEndpoints = false, RequireKeySet = false,
        },
    };

    private static TokenAnswer.Unavailable Unread(Provider provider, string? words) => new(new($"The discovery document of {provider.Authority} could not be read.",
        "Check authority, or write authorizeUrl and tokenUrl. If the address is right, nothing needs doing: it is tried again.", OAuthRepair.Wait), words, Arrival.NotSent, null);

    private static Uri? Usable(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) ? uri : null;

    private static TokenAnswer.Refused Misconfigured(Provider provider, string? words) => new("invalid_authority", words,
        new($"The discovery document of {provider.Authority} is not the one of that issuer.", "Correct authority to exactly the issuer's name, or write authorizeUrl and tokenUrl.", OAuthRepair.Settings));
}
