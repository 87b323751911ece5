using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Watch;

/// <summary>What was seen on the way to an identity platform, before any token is asked for.</summary>
/// <param name="Detail">What was seen.</param>
/// <param name="Skew">By how much this machine's clock is ahead of the platform's; null when the platform did not say its time.</param>
/// <param name="Cause">What is wrong; null when nothing is.</param>
/// <param name="Reached">Somebody answered who may be the platform; a warning then, else a failure.</param>
public sealed record PlatformSight(string Detail, TimeSpan? Skew, string? Cause, string? Remedy, bool Reached);

/// <summary>Tells a network that is in the way from a platform that says no: it asks the platform for what it tells everybody.</summary>
public sealed class PlatformProbe(IHttpClientFactory clients, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>More is a clock that is wrong; less is the way of the answer and its rounding to seconds.</summary>
    public static readonly TimeSpan NoticeableSkew = TimeSpan.FromMinutes(1), HarmfulSkew = TimeSpan.FromMinutes(5);

    /// <returns>Null when the provider has no identity platform.</returns>
    public async Task<PlatformSight?> LookAsync(Provider provider, CancellationToken cancellation)
    {
        if (Address(provider) is not { } address)
            return null;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var client = clients.CreateClient(AccountsOptions.HttpClientName);
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.BadRequest ? await response.Content.ReadAsStringAsync(either.Token) : "";
            return Judge(provider, address, response, body);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Unreached(address, $"no answer within {Limit.TotalSeconds:0} s", NetworkFault.TimedOut, provider);
        }
        catch (HttpRequestException wrong)
        {
            var fault = Fault(wrong);
            var detail = fault is NetworkFault.CertificateNotTrusted && await IssuerAsync(address, cancellation) is { } issuer
                ? $"the certificate for {address.Host} was issued by {issuer}" : Words(wrong);
            return Unreached(address, detail, fault, provider);
        }
    }

    private PlatformSight Judge(Provider provider, Uri address, HttpResponseMessage response, string body)
    {
        var (status, type) = ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "");
        var skew = response.Headers.Date is { } date ? time.GetUtcNow() - date : (TimeSpan?)null;
        var seen = $"{address.Host} answered {status}{Proxy(address)}";
        PlatformSight Wrong(string cause, string remedy, bool reached) => new(seen, skew, cause, remedy, reached);
        if (status is >= 300 and < 400)
            return Wrong($"Something between here and {address.Host} sends the request elsewhere ({response.Headers.Location?.OriginalString ?? "it does not say where"}): a captive portal, or a proxy that wants a sign-in.",
                $"Let this machine reach {address.Host} on port {address.Port} without a sign-in of its own. If there is a proxy for that, set HTTPS_PROXY.", false);
        if (status is (int)HttpStatusCode.ProxyAuthenticationRequired)
            return Wrong("The outbound proxy wants a name and a password.", "Write them into HTTPS_PROXY, as in http://name:password@proxy.example.com:3128, and start Postrider again.", false);
        if (type.Contains("html", StringComparison.OrdinalIgnoreCase) && response.IsSuccessStatusCode)
            return Wrong($"What answered for {address.Host} is a web page, and not the identity platform: a captive portal, or a filter in between.",
                $"Let this machine reach {address.Host} on port {address.Port} unfiltered. If there is a proxy for that, set HTTPS_PROXY.", false);
        if (status >= 500 || status is (int)HttpStatusCode.TooManyRequests)
            return Wrong("The identity platform has trouble of its own, or asks for fewer requests.", "Nothing needs doing: Postrider tries again by itself.", true);
        if (provider.Type == ProviderType.Microsoft && status is (int)HttpStatusCode.BadRequest && new FailureExplainer(FailureCatalog.Default).Explain(body, ProviderType.Microsoft) is [{ Failure: { Known: true } known }, ..])
        {
            var filled = known.Fill(ProviderWords.Of(provider));
            return Wrong(filled.Cause, filled.Remedy, true);
        }
        return skew?.Duration() > NoticeableSkew ? Wrong(ClockCause(skew.Value), ClockRemedy, true) : new(seen, skew, null, null, true);
    }

    /// <summary>How the clock is wrong and what that does.</summary>
    public static string ClockCause(TimeSpan skew) => skew > TimeSpan.Zero
        ? $"This machine's clock is {Length(skew.Duration())} ahead of the identity platform's. Tokens seem to end early or late, assertions are refused (AADSTS700024), and certificates may seem expired."
        : $"This machine's clock is {Length(skew.Duration())} behind the identity platform's. Tokens seem to end early or late, assertions are refused (AADSTS700024), and certificates may seem expired.";

    public const string ClockRemedy = "Let the clock follow a time server:\n    timedatectl set-ntp true";

    private static PlatformSight Unreached(Uri address, string detail, NetworkFault fault, Provider provider)
    {
        var stage = fault is NetworkFault.CertificateNotTrusted or NetworkFault.CertificateWrongName or NetworkFault.CertificateExpired or NetworkFault.TlsFailed ? SmtpStage.Tls : SmtpStage.Connect;
        var words = ProviderWords.Of(provider);
        (words[Placeholders.Host], words[Placeholders.Port]) = (address.Host, address.Port.ToString(CultureInfo.InvariantCulture));
        var known = FailureCatalog.Default.ForNetwork(stage, fault).Fill(words);
        var cause = fault is NetworkFault.CertificateNotTrusted
            ? $"{known.Cause} A proxy that looks into TLS does that with a certificate of its own." : $"{known.Cause} This is the network, and not the sign-in.";
        var remedy = fault is NetworkFault.CertificateNotTrusted
            ? $"If your organisation inspects TLS, name its authority in SSL_CERT_FILE and start Postrider again, or have {address.Host} left out of the inspection.\n{known.Remedy}"
            : $"{known.Remedy}\nIf this machine reaches the internet through a proxy, set HTTPS_PROXY and start Postrider again.";
        return new($"{address.Host}: {detail}{Proxy(address)}", null, cause, remedy, false);
    }

    private static Uri? Address(Provider provider)
    {
        if (provider.Type == ProviderType.Password)
            return null;
        var text = provider.Type == ProviderType.Microsoft ? $"{provider.Authority.TrimEnd('/')}/{Uri.EscapeDataString(provider.Tenant)}/v2.0/.well-known/openid-configuration"
            : provider.Authority.Length > 0 ? $"{provider.Authority.TrimEnd('/')}/.well-known/openid-configuration" : provider.TokenUrl;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;
    }

    private static NetworkFault Fault(HttpRequestException wrong) => wrong switch
    {
        { HttpRequestError: HttpRequestError.NameResolutionError } => NetworkFault.NameNotFound,
        { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException.Message: var text } =>
            text.Contains("NameMismatch", StringComparison.OrdinalIgnoreCase) ? NetworkFault.CertificateWrongName
            : text.Contains("NotTimeValid", StringComparison.Ordinal) ? NetworkFault.CertificateExpired
            : text.Contains("certificate", StringComparison.OrdinalIgnoreCase) ? NetworkFault.CertificateNotTrusted : NetworkFault.TlsFailed,
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => NetworkFault.Refused,
        { InnerException: SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } } => NetworkFault.Unreachable,
        { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut } } => NetworkFault.TimedOut,
        _ => NetworkFault.ConnectionLost,
    };

    private static string Words(HttpRequestException wrong) => (wrong.InnerException?.Message ?? wrong.Message).TrimEnd('.');

    /// <summary>Reads who issued the certificate that is shown to us. The handshake is refused all the same: nothing is sent.</summary>
    private static async Task<string?> IssuerAsync(Uri address, CancellationToken cancellation)
    {
        string? issuer = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Limit);
            using var socket = new TcpClient();
            await socket.ConnectAsync(address.Host, address.Port, limit.Token);
            await using var tls = new SslStream(socket.GetStream(), false, (_, certificate, _, errors) =>
            {
                issuer = certificate?.Issuer;
                return errors == SslPolicyErrors.None;
            });
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host }, limit.Token);
        }
        catch (Exception wrong) when (wrong is IOException or SocketException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            // As it should be: the certificate is not trusted. What was to be learnt has been.
        }
        return issuer;
    }

    private static string Proxy(Uri address) => HttpClient.DefaultProxy.GetProxy(address) is { } proxy && proxy != address ? $" (through the proxy {proxy.Host}:{proxy.Port})" : "";

    private static string Length(TimeSpan time) => time.TotalHours >= 1.5 ? $"{time.TotalHours:0} h" : time.TotalMinutes >= 1.5 ? $"{time.TotalMinutes:0} min" : $"{time.TotalSeconds:0} s";
}
