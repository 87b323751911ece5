using System.Net;
using System.Net.Sockets;
using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Asks token endpoints, and tells a decision of the identity platform from everything else that may answer. A client's
/// secret goes into the form-encoded body unless its header is asked for, so that <c>+ / = &amp; %</c> in it arrive as they are (RFC 6749 section 2.3.1).</summary>
internal sealed class TokenEndpoint(IHttpClientFactory clients, ClientCertificates certificates, TimeProvider time)
{
    /// <summary>Of one request, from the connection to the last byte of the answer. Shorter than a refresh lease.</summary>
    public static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(20);

    /// <summary>When the answer does not say how long its token lives (RFC 6749 section 5.1 only recommends it).</summary>
    private static readonly TimeSpan UnknownLifetime = TimeSpan.FromMinutes(30);

    /// <summary>After a 429 that does not say how long to wait.</summary>
    private static readonly TimeSpan PauseAfter429 = TimeSpan.FromSeconds(60);

    private const int LongestVerbatim = 2000;

    public Task<TokenAnswer> RedeemAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string code, string redirectUri, string verifier, string? scope, CancellationToken cancellation) =>
        AskAsync(provider, proofs, (client, proof, stop) => client.RequestAuthorizationCodeTokenAsync(With(new AuthorizationCodeTokenRequest
        {
            Code = code, RedirectUri = redirectUri, CodeVerifier = verifier, Parameters = Scope(scope),
        }, provider, url, proof), stop), cancellation);

    public Task<TokenAnswer> RefreshAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string refreshToken, string? scope, CancellationToken cancellation) =>
        AskAsync(provider, proofs, (client, proof, stop) => client.RequestRefreshTokenAsync(With(new RefreshTokenRequest
        {
            RefreshToken = refreshToken, Scope = scope,
        }, provider, url, proof), stop), cancellation);

    public Task<TokenAnswer> ClientCredentialsAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string scope, CancellationToken cancellation) =>
        AskAsync(provider, proofs, (client, proof, stop) => client.RequestClientCredentialsTokenAsync(With(new ClientCredentialsTokenRequest
        {
            Scope = scope,
        }, provider, url, proof), stop), cancellation);

    public Task<TokenAnswer> DeviceTokenAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string deviceCode, CancellationToken cancellation) =>
        AskAsync(provider, proofs, (client, proof, stop) => client.RequestDeviceTokenAsync(With(new DeviceTokenRequest { DeviceCode = deviceCode }, provider, url, proof), stop), cancellation);

    /// <summary>An assertion takes the place of a grant, and proves the application as well (RFC 7523 section 2.1).</summary>
    public Task<TokenAnswer> JwtBearerAsync(Provider provider, Uri url, string assertion, CancellationToken cancellation) =>
        AskAsync(provider, [new ClientProof.None()], (client, _, stop) => client.RequestTokenAsync(new TokenRequest
        {
            Address = url.AbsoluteUri, GrantType = OidcConstants.GrantTypes.JwtBearer, ClientCredentialStyle = ClientCredentialStyle.PostBody, Parameters = { { "assertion", assertion } },
        }, stop), cancellation);

    /// <summary>Asks for a device code (RFC 8628 section 3.1).</summary>
    public async Task<(DeviceCode? Code, TokenAnswer? Why)> DeviceCodeAsync(Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, string scope, CancellationToken cancellation)
    {
        DeviceCode? code = null;
        var why = await AskAsync(provider, proofs, async (client, proof, stop) =>
        {
            var response = await client.RequestDeviceAuthorizationAsync(With(new DeviceAuthorizationRequest { Scope = scope }, provider, url, proof), stop);
            using (response.HttpResponse)
            {
                if (response is { IsError: false, DeviceCode: { Length: > 0 } given, UserCode: { Length: > 0 } user, VerificationUri: { } page } && IsPage(page))
                    code = new(given, user, page, response.VerificationUriComplete is { } whole && IsPage(whole) ? whole : null,
                        TimeSpan.FromSeconds(response.ExpiresIn is > 0 and var left ? left : 900), TimeSpan.FromSeconds(Math.Clamp(response.Interval, 1, 120)));
                return code is not null ? new TokenAnswer.Pending(Slower: false) : Failed(provider, response) ?? Strange(provider, response.HttpResponse!);
            }
        }, cancellation);
        return (code, code is null ? why : null);
    }

    // It is shown for a person to open.
    private static bool IsPage(string text) => Uri.TryCreate(text, UriKind.Absolute, out var page) && page.Scheme is "https" or "http";

    private static T With<T>(T request, Provider provider, Uri url, ClientProof proof) where T : ProtocolRequest
    {
        request.Address = url.AbsoluteUri;
        request.ClientId = provider.ClientId;
        request.ClientCredentialStyle = proof is ClientProof.Secret { InHeader: true } ? ClientCredentialStyle.AuthorizationHeader : ClientCredentialStyle.PostBody;
        request.ClientSecret = (proof as ClientProof.Secret)?.Value;
        if (proof is ClientProof.Assertion assertion)
            request.ClientAssertion = new() { Type = OidcConstants.ClientAssertionTypes.JwtBearer, Value = assertion.Jwt };
        return request;
    }

    private static Parameters Scope(string? scope) => scope is null ? [] : new Parameters { { "scope", scope } };

    /// <summary>Tries one proof after the other while the application is not recognised: of two certificates one may not be uploaded yet.</summary>
    private Task<TokenAnswer> AskAsync(Provider provider, IReadOnlyList<ClientProof> proofs, Func<HttpClient, ClientProof, CancellationToken, Task<TokenResponse>> ask, CancellationToken cancellation) =>
        AskAsync(provider, proofs, async (client, proof, stop) =>
        {
            var response = await ask(client, proof, stop);
            using (response.HttpResponse)
                return Read(provider, response);
        }, cancellation);

    private async Task<TokenAnswer> AskAsync(Provider provider, IReadOnlyList<ClientProof> proofs, Func<HttpClient, ClientProof, CancellationToken, Task<TokenAnswer>> ask, CancellationToken cancellation)
    {
        for (var at = 0; ; at++)
        {
            var proof = proofs[at];
            var answer = await AskAsync(provider, (client, stop) => ask(client, proof, stop), cancellation);
            if (answer is TokenAnswer.Refused { Error: "invalid_client" or "unauthorized_client" } && at + 1 < proofs.Count)
                continue;
            if (answer is TokenAnswer.Granted && proof is ClientProof.Assertion { CertificateId: { } accepted })
                await certificates.AcceptedAsync(provider.Id, accepted);
            return answer;
        }
    }

    private async Task<TokenAnswer> AskAsync(Provider provider, Func<HttpClient, CancellationToken, Task<TokenAnswer>> ask, CancellationToken cancellation)
    {
        using var timeOut = new CancellationTokenSource(TimeOut, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        using var client = clients.CreateClient(AccountsOptions.HttpClientName);
        try
        {
            return await ask(client, stop.Token);
        }
        catch (Exception wrong) when (wrong is HttpRequestException or OperationCanceledException or IOException && !cancellation.IsCancellationRequested)
        {
            return NotReached(provider, wrong);
        }
    }

    private TokenAnswer Read(Provider provider, TokenResponse response)
    {
        if (Failed(provider, response) is { } failed)
            return failed;
        if (response.HttpResponse!.IsSuccessStatusCode && response.TryGet("access_token") is { Length: > 0 } token)
            return new TokenAnswer.Granted(token, response.TryGet("refresh_token") is { Length: > 0 } refresh ? refresh : null,
                response.TryGet("id_token"), response.TryGet("scope"), Lifetime(response));
        return Strange(provider, response.HttpResponse);
    }

    /// <returns>Null when the answer tells of no failure.</returns>
    private TokenAnswer? Failed(Provider provider, ProtocolResponse response)
    {
        if (response.HttpResponse is not { } http)
            return NotReached(provider, response.Exception);
        var error = response.TryGet("error");
        var description = Shorten(response.TryGet("error_description"));
        if (error is "authorization_pending" or "slow_down")
            return new TokenAnswer.Pending(Slower: error is "slow_down");
        if (http.StatusCode == HttpStatusCode.TooManyRequests)
            return new TokenAnswer.Unavailable(OAuthFailures.ForStatus(provider, 429), description, Arrival.TurnedAway, RetryAfter(http) ?? PauseAfter429);
        if ((int)http.StatusCode >= 500)
            return new TokenAnswer.Unavailable(OAuthFailures.ForStatus(provider, (int)http.StatusCode), description ?? $"HTTP {(int)http.StatusCode}", Arrival.Unknown, RetryAfter(http));
        if (error is null)
            return null;
        var why = OAuthFailures.ForError(provider, error, description);
        return why.Repair == OAuthRepair.Wait
            ? new TokenAnswer.Unavailable(why, description, Arrival.TurnedAway, RetryAfter(http))
            : new TokenAnswer.Refused(error, description ?? error, why);
    }

    /// <summary>Neither what was asked for nor an error: somebody else answered.</summary>
    private TokenAnswer.Unavailable Strange(Provider provider, HttpResponseMessage http) =>
        new(OAuthFailures.ForStatus(provider, http.IsSuccessStatusCode ? (int)http.StatusCode : 511),
            $"HTTP {(int)http.StatusCode}, {http.Content?.Headers.ContentType?.MediaType ?? "no content type"}", Arrival.TurnedAway, RetryAfter(http));

    private static TokenAnswer.Unavailable NotReached(Provider provider, Exception? wrong)
    {
        var notSent = wrong is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError }
            || wrong?.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.NetworkUnreachable };
        var words = wrong is OperationCanceledException ? $"no answer within {TimeOut.TotalSeconds:0} s" : wrong?.Message;
        return new(OAuthFailures.ForNetwork(provider, wrong), words, notSent ? Arrival.NotSent : Arrival.Unknown, null);
    }

    private static TimeSpan Lifetime(TokenResponse response) => response.ExpiresIn is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : UnknownLifetime;

    private TimeSpan? RetryAfter(HttpResponseMessage http) => http.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero,
        _ => null,
    };

    private static string? Shorten(string? text) => text?.Length > LongestVerbatim ? text[..LongestVerbatim] : text;
}

/// <summary>What a device sign-in begins with.</summary>
internal sealed record DeviceCode(string Value, string UserCode, string VerificationUri, string? VerificationUriComplete, TimeSpan Lifetime, TimeSpan Interval)
{
    public override string ToString() => "device code";
}
