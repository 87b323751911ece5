using System.Net;
using System.Net.Sockets;
using Duende.IdentityModel.Client;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Asks token endpoints, and tells a decision of the identity platform from everything else that may answer. The client's
/// secret goes into the form-encoded body, so that <c>+ / = &amp; %</c> in it arrive as they are (RFC 6749 section 2.3.1).</summary>
internal sealed class TokenEndpoint(IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>Of one request, from the connection to the last byte of the answer. Shorter than a refresh lease.</summary>
    public static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(20);

    /// <summary>When the answer does not say how long its token lives (RFC 6749 section 5.1 only recommends it).</summary>
    private static readonly TimeSpan UnknownLifetime = TimeSpan.FromMinutes(30);

    /// <summary>After a 429 that does not say how long to wait.</summary>
    private static readonly TimeSpan PauseAfter429 = TimeSpan.FromSeconds(60);

    private const int LongestVerbatim = 2000;

    public Task<TokenAnswer> RedeemAsync(Provider provider, Uri url, string? secret, string code, string redirectUri, string verifier, string? scope, CancellationToken cancellation) =>
        AskAsync(provider, (client, stop) => client.RequestAuthorizationCodeTokenAsync(With(new AuthorizationCodeTokenRequest
        {
            Code = code, RedirectUri = redirectUri, CodeVerifier = verifier, Parameters = Scope(scope),
        }, provider, url, secret), stop), cancellation);

    public Task<TokenAnswer> RefreshAsync(Provider provider, Uri url, string? secret, string refreshToken, string? scope, CancellationToken cancellation) =>
        AskAsync(provider, (client, stop) => client.RequestRefreshTokenAsync(With(new RefreshTokenRequest
        {
            RefreshToken = refreshToken, Scope = scope,
        }, provider, url, secret), stop), cancellation);

    public Task<TokenAnswer> ClientCredentialsAsync(Provider provider, Uri url, string? secret, CancellationToken cancellation) =>
        AskAsync(provider, (client, stop) => client.RequestClientCredentialsTokenAsync(With(new ClientCredentialsTokenRequest
        {
            Scope = provider.Scope,
        }, provider, url, secret), stop), cancellation);

    private static T With<T>(T request, Provider provider, Uri url, string? secret) where T : TokenRequest
    {
        request.Address = url.AbsoluteUri;
        request.ClientId = provider.ClientId;
        request.ClientSecret = secret;
        request.ClientCredentialStyle = ClientCredentialStyle.PostBody;
        return request;
    }

    private static Parameters Scope(string? scope) => scope is null ? [] : new Parameters { { "scope", scope } };

    private async Task<TokenAnswer> AskAsync(Provider provider, Func<HttpClient, CancellationToken, Task<TokenResponse>> ask, CancellationToken cancellation)
    {
        using var timeOut = new CancellationTokenSource(TimeOut, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        using var client = clients.CreateClient(AccountsOptions.HttpClientName);
        try
        {
            var response = await ask(client, stop.Token);
            using (response.HttpResponse)
                return Read(provider, response);
        }
        catch (Exception wrong) when (wrong is HttpRequestException or OperationCanceledException or IOException && !cancellation.IsCancellationRequested)
        {
            return NotReached(provider, wrong);
        }
    }

    private TokenAnswer Read(Provider provider, TokenResponse response)
    {
        if (response.HttpResponse is not { } http)
            return NotReached(provider, response.Exception);
        var error = response.TryGet("error");
        var description = Shorten(response.TryGet("error_description"));
        if (http.StatusCode == HttpStatusCode.TooManyRequests)
            return new TokenAnswer.Unavailable(OAuthFailures.ForStatus(provider, 429), description, Arrival.TurnedAway, RetryAfter(http) ?? PauseAfter429);
        if ((int)http.StatusCode >= 500)
            return new TokenAnswer.Unavailable(OAuthFailures.ForStatus(provider, (int)http.StatusCode), description ?? $"HTTP {(int)http.StatusCode}", Arrival.Unknown, RetryAfter(http));
        if (error is not null)
        {
            var why = OAuthFailures.ForError(provider, error, description);
            return why.Repair == OAuthRepair.Wait
                ? new TokenAnswer.Unavailable(why, description, Arrival.TurnedAway, RetryAfter(http))
                : new TokenAnswer.Refused(error, description ?? error, why);
        }
        if (http.IsSuccessStatusCode && response.TryGet("access_token") is { Length: > 0 } token)
            return new TokenAnswer.Granted(token, response.TryGet("refresh_token") is { Length: > 0 } refresh ? refresh : null,
                response.TryGet("id_token"), response.TryGet("scope"), Lifetime(response));
        return new TokenAnswer.Unavailable(OAuthFailures.ForStatus(provider, http.IsSuccessStatusCode ? (int)http.StatusCode : 511),
            $"HTTP {(int)http.StatusCode}, {http.Content?.Headers.ContentType?.MediaType ?? "no content type"}", Arrival.TurnedAway, RetryAfter(http));
    }

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
