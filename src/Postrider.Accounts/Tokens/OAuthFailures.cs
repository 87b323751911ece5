using System.Net.Sockets;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Who can repair a refusal by the identity platform.</summary>
internal enum OAuthRepair
{
    /// <summary>Whoever may sign in as the mailbox: the grant is dead.</summary>
    SignIn,

    /// <summary>Whoever manages the application: the grant is alive, and a rare probe finds out what was repaired there.</summary>
    Administrator,

    /// <summary>Whoever manages Postrider: the request itself is wrong.</summary>
    Settings,

    /// <summary>Nobody: it passes.</summary>
    Wait,
}

/// <summary>A refusal in plain words.</summary>
internal sealed record OAuthExplanation(string Cause, string Remedy, OAuthRepair Repair);

/// <summary>Asks the failure catalogue about a provider's identity platform, and fills in the provider's own names.</summary>
internal static class OAuthFailures
{
    public static OAuthExplanation ForError(Provider provider, string error, string? description)
    {
        var failure = FailureCatalog.Default.ForOAuthError(provider.Type, error, description);
        return Explain(provider, failure, failure.Class switch
        {
            RetryClass.Authentication => OAuthRepair.SignIn,
            RetryClass.Transient or RetryClass.RateLimited => OAuthRepair.Wait,
            _ => error is "invalid_client" or "unauthorized_client" ? OAuthRepair.Administrator : OAuthRepair.Settings,
        });
    }

    /// <summary>For answers without an OAuth error, and for 429 in any case.</summary>
    public static OAuthExplanation ForStatus(Provider provider, int status) =>
        Explain(provider, FailureCatalog.Default.ForHttpStatus(status), OAuthRepair.Wait);

    public static OAuthExplanation ForNetwork(Provider provider, Exception? wrong) => wrong switch
    {
        OperationCanceledException => ForNetwork(provider, SmtpStage.Connect, NetworkFault.TimedOut),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => ForNetwork(provider, SmtpStage.Tls, NetworkFault.TlsFailed),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => ForNetwork(provider, SmtpStage.Connect, NetworkFault.NameNotFound),
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => ForNetwork(provider, SmtpStage.Connect, NetworkFault.Refused),
        _ => ForNetwork(provider, SmtpStage.Connect, NetworkFault.ConnectionLost),
    };

    /// <summary>An <c>invalid_grant</c> after a refresh that was cut off: with strict rotation the new token went down with it.</summary>
    public static OAuthExplanation RotationLost(Provider provider) => new(
        "The last refresh was cut off after the identity platform had replaced the refresh token, and the new one was lost on the way.",
        $"Connect the provider again and sign in as {provider.UserName}. Nothing needs changing otherwise.", OAuthRepair.SignIn);

    private static OAuthExplanation ForNetwork(Provider provider, SmtpStage stage, NetworkFault fault) =>
        Explain(provider, FailureCatalog.Default.ForNetwork(stage, fault), OAuthRepair.Wait);

    private static OAuthExplanation Explain(Provider provider, KnownFailure failure, OAuthRepair repair)
    {
        var platform = provider.TokenUrl.Length > 0 ? provider.TokenUrl : provider.Authority;
        var uri = Uri.TryCreate(platform, UriKind.Absolute, out var known) ? known : null;
        var filled = failure.Fill(new Dictionary<string, string>
        {
            [Placeholders.Mailbox] = provider.UserName,
            [Placeholders.ClientId] = provider.ClientId,
            [Placeholders.Tenant] = provider.Tenant,
            [Placeholders.Authority] = provider.Authority.TrimEnd('/'),
            [Placeholders.RedirectUri] = provider.RedirectUri,
            [Placeholders.Host] = uri?.Host ?? "",
            [Placeholders.Port] = uri?.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
        });
        return new(filled.Cause, filled.Remedy, repair);
    }
}
