using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A provider's moments and settings, in words.</summary>
internal static class ProviderMoments
{
    /// <summary>On the line of time; the oldest first.</summary>
    public static IEnumerable<TimeMark> Of(Provider provider, TokenLife life)
    {
        var marks = life.Ended.Take(3).Select(ended => new TimeMark("grant died", ended, "bad", "The grant ended, and somebody had to sign in again.")).ToList();
        void Add(string label, DateTimeOffset? at, string colour, string meaning)
        {
            if (at is { } moment)
                marks.Add(new(label, moment, colour, meaning));
        }
        Add("signed in", life.SignedInAt, "ok", "Somebody signed in, or a refresh token was pasted.");
        Add("token issued", life.IssuedAt, "ok", "The identity platform gave the access token that is in use.");
        Add("renewed from here", life.RenewsAt, "accent", "A token in use is renewed from this moment on, before a message has to wait for it; without mail it is renewed once a week.");
        Add("token ends", life.ExpiresAt, "muted", "The access token is no longer used after this.");
        Add("grant ends if unused", life.IdleEndsAt, "warn", "A refresh token that nobody uses dies. Postrider uses it every week, so this moves on.");
        if (provider.HasClientSecret)
            Add("client secret ends", provider.ClientSecretExpiresAt, "bad", "A new secret has to be entered before. Nobody has to sign in for that.");
        Add("certificate ends", provider.ClientCertificateExpiresAt, "bad", "A new certificate has to be made and uploaded before.");
        if (provider.State == ProviderState.NeedsAttention)
            Add("needs you", provider.StateSince, "bad", provider.StateReason ?? "It cannot send.");
        return marks.OrderBy(mark => mark.At);
    }

    public static IEnumerable<(string Name, string Value)> Facts(Provider provider)
    {
        yield return ("Name", provider.Name);
        yield return ("Kind", ProviderCatalog.Of(provider).Title);
        yield return ("Sends as", provider.UserName);
        if (provider.Domain.Length > 0 || provider.Senders.Count > 0)
            yield return ("And for", string.Join(", ", provider.Senders.Prepend(provider.Domain.Length > 0 ? "@" + provider.Domain : "").Where(text => text.Length > 0)));
        yield return ("Server", $"{provider.Address}:{provider.Port}, {provider.Security switch { SmtpSecurity.StartTls => "STARTTLS", SmtpSecurity.Tls => "TLS", _ => "not encrypted" }}");
        if (provider.Type != ProviderType.Password)
        {
            yield return ("Signs in", Grant(provider));
            if (provider.ServiceAccount.Length > 0)
                yield return ("Service account", provider.ServiceAccount);
            if (provider.Type == ProviderType.Microsoft)
                yield return ("Tenant", provider.Tenant);
            if (provider.ClientId.Length > 0)
                yield return ("Application (client) ID", provider.ClientId);
            yield return ("Scope", provider.Scope);
            if (provider.Grant == ProviderGrant.AuthorizationCode)
                yield return ("Redirect URI", provider.RedirectUri);
            yield return ("Identity platform", provider.Authority.Length > 0 ? provider.Authority : provider.TokenUrl);
        }
        if (provider.Default)
            yield return ("Default", "it sends what no other provider is named for");
        if (provider.Failover.Length > 0)
            yield return ("When it cannot send", $"its mail goes through {provider.Failover}");
        if (provider.ReadReports)
            yield return ("Bounces", $"read from {provider.ImapAddress}, {(provider.ImapFolder.Length > 0 ? provider.ImapFolder : "the inbox")}");
    }

    private static string Grant(Provider provider) => provider.Grant switch
    {
        ProviderGrant.AuthorizationCode => provider.SignedInAs.Length > 0 ? $"by the consent of {provider.SignedInAs}" : "by somebody's consent in a browser",
        ProviderGrant.DeviceCode => provider.SignedInAs.Length > 0 ? $"by the consent of {provider.SignedInAs}, on another device" : "by somebody's consent on another device",
        ProviderGrant.ClientCredentials => ClientAuthentication.Of(provider) switch { ClientAuthentication.PrivateKeyJwt => "by itself, with a certificate", ClientAuthentication.Federated => "by itself, with a federated token", _ => "by itself, with a client secret" },
        ProviderGrant.ServiceAccount => "by itself, with a service account's key",
        _ => "with a refresh token that was pasted",
    };
}
