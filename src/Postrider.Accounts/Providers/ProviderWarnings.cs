using System.Globalization;

namespace Postrider.Accounts.Providers;

/// <summary>What is accepted as typed and will probably not work, or not for long: the reason, and what works.</summary>
public static class ProviderWarnings
{
    private static readonly string[] OidcScopes = ["offline_access", "openid", "profile", "email"];
    private static readonly TimeSpan SecretEndsSoon = TimeSpan.FromDays(30);

    public static IReadOnlyList<FieldNote> Of(ProviderSettings provider, DateTimeOffset now, string? publicRedirectUri = null)
    {
        var notes = new List<FieldNote>();
        void Flag(string member, string? message)
        {
            if (message is not null)
                notes.Add(new(member, message));
        }
        if (provider.Type == ProviderType.Password)
        {
            Flag("security", provider.Security == SmtpSecurity.None && !ProviderValidation.IsLoopbackHost(provider.Address)
                ? "The password crosses the network in clear text. Use startTls or tls where the server can." : null);
            return notes;
        }
        Flag("clientSecretExpiresAt", SecretEnd(provider.ClientSecretExpiresAt, now));
        Flag("clientCertificate", CertificateEnd(provider, now));
        Flag("scope", provider is Provider { WorkingScope.Length: > 0 } repaired
            ? $"The token for \"{repaired.Scope}\" is made for Microsoft Graph, which Exchange's SMTP server refuses (535 5.7.3). Postrider asks for \"{repaired.WorkingScope}\" with the same grant instead, and mail flows. Keep it: postrider provider scope {repaired.Name} keep"
            : null);
        Flag("redirectUri", Redirect(provider, publicRedirectUri));
        if (provider.Type == ProviderType.Microsoft)
        {
            Flag("scope", provider is Provider { WorkingScope.Length: > 0 } ? null : MicrosoftScope(provider));
            Flag("clientId", Guid.TryParse(provider.ClientId, out _) || provider.ClientId.Length is 0 ? null : "An Application (client) ID of Microsoft is a GUID; it is on the application's overview page.");
            Flag("tenant", provider.Tenant == "common" ? "\"common\" only works for an application that is registered for any tenant; otherwise the sign-in ends in AADSTS50194. Write the tenant ID." : null);
        }
        Flag("scope", provider.ReadReports && ImapServer.ScopeMissing(provider) is { } reading
            ? $"Reading reports from the mailbox needs the permission IMAP.AccessAsUser.All. Give it to the application, add \"{reading}\" to the scope, then connect the provider again." : null);
        if (provider.Type == ProviderType.Google)
            Flag("scope", Scopes(provider).Contains("https://mail.google.com/") ? null : "Gmail's SMTP server takes tokens for \"https://mail.google.com/\" only; gmail.send works for the REST interface alone. Write \"https://mail.google.com/\".");
        return notes;
    }

    /// <summary>Which audience Exchange's SMTP accepts: a token for Microsoft Graph is answered with 535 5.7.3, although the portal lists
    /// the permission SMTP.Send under Microsoft Graph and published guides repeat it.</summary>
    private static string? MicrosoftScope(ProviderSettings provider)
    {
        var works = ProviderCatalog.Of(provider) is { Type: ProviderType.Microsoft } preset ? preset.Scope : ProviderCatalog.Find(ProviderType.Microsoft)!.Scope;
        var scopes = Scopes(provider).Where(scope => !OidcScopes.Contains(scope, StringComparer.OrdinalIgnoreCase)).ToList();
        if (scopes.Count is 0)
            return $"No scope for sending mail is asked for. Write \"{works}\".";
        var first = scopes[0];
        if (!first.Contains("://", StringComparison.Ordinal))
            return $"\"{first}\" without a resource means Microsoft Graph, and Exchange's SMTP server refuses tokens for Graph (535 5.7.3). Write \"{works}\".";
        if (first.Contains("graph.microsoft", StringComparison.OrdinalIgnoreCase) || first.Contains("microsoftgraph", StringComparison.OrdinalIgnoreCase))
            return scopes.Count > 1
                ? $"The token is made for the resource of the first scope, here Microsoft Graph, and Exchange's SMTP server refuses it (535 5.7.3). Write \"{works}\"."
                : $"Exchange's SMTP server refuses tokens for Microsoft Graph (535 5.7.3). Write \"{works}\".";
        if (scopes.Select(Resource).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1)
            return $"Scopes of several resources cannot be asked for in one token request (AADSTS28000). Write \"{works}\".";
        return first.EndsWith("/SMTP.Send", StringComparison.OrdinalIgnoreCase) || first.EndsWith("/.default", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"SMTP needs the permission SMTP.Send. Write \"{works}\".";
    }

    private static string? SecretEnd(DateTimeOffset? at, DateTimeOffset now) => at is not { } end ? null : (end - now) switch
    {
        { Ticks: <= 0 } => $"The client secret expired on {Day(end)}. Make a new one and enter it (clientSecret); nobody has to sign in again.",
        { } left when left <= SecretEndsSoon => $"The client secret expires on {Day(end)}. Make a new one before that day and enter it (clientSecret).",
        _ => null,
    };

    private static string? CertificateEnd(ProviderSettings settings, DateTimeOffset now) => settings is not Provider { ClientCertificateExpiresAt: { } end } provider
        ? null
        : provider.HasNextCertificate ? $"A new certificate waits to be accepted. Upload it to the application; Postrider uses it as soon as it is: postrider provider certificate {provider.Name} show"
        : end - now <= TimeSpan.Zero ? $"The certificate expired on {Day(end)}. Make a new one and upload it: postrider provider certificate {provider.Name} roll"
        : end - now <= SecretEndsSoon ? $"The certificate expires on {Day(end)}. Make a new one beside it and upload it before that day: postrider provider certificate {provider.Name} roll"
        : null;

    private static string? Redirect(ProviderSettings provider, string? ours) =>
        provider.Grant == ProviderGrant.AuthorizationCode && ours is not null && provider.RedirectUri.Length > 0 && provider.RedirectUri != ours
            ? $"Postrider does not answer at this address (it answers at {ours}). After the sign-in, copy the address from the browser and paste it to finish."
            : null;

    private static string[] Scopes(ProviderSettings provider) => provider.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Resource(string scope) => scope.LastIndexOf('/') is var slash and > 0 ? scope[..slash] : "";

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
