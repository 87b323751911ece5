using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A provider's moments and settings, in words.</summary>
internal static class ProviderMoments
{
    /// <summary>On the line of time; the oldest first.</summary>
    public static IEnumerable<TimeMark> Of(Provider provider, TokenLife life)
    {
        var marks = life.Ended.Take(3).Select(ended => new TimeMark(T["grant died"], ended, "bad", T["The grant ended, and somebody had to sign in again."])).ToList();
        void Add(string label, DateTimeOffset? at, string colour, string meaning)
        {
            if (at is { } moment)
                marks.Add(new(label, moment, colour, meaning));
        }
        Add(T["signed in"], life.SignedInAt, "ok", T["Somebody signed in, or a refresh token was pasted."]);
        Add(T["token issued"], life.IssuedAt, "ok", T["The identity platform gave the access token that is in use."]);
        Add(T["renewed from here"], life.RenewsAt, "accent", T["A token in use is renewed from this moment on, before a message has to wait for it; without mail it is renewed once a week."]);
        Add(T["token ends"], life.ExpiresAt, "muted", T["The access token is no longer used after this."]);
        Add(T["grant ends if unused"], life.IdleEndsAt, "warn", T["A refresh token that nobody uses dies. Postrider uses it every week, so this moves on."]);
        if (provider.HasClientSecret)
            Add(T["client secret ends"], provider.ClientSecretExpiresAt, "bad", T["A new secret has to be entered before. Nobody has to sign in for that."]);
        Add(T["certificate ends"], provider.ClientCertificateExpiresAt, "bad", T["A new certificate has to be made and uploaded before."]);
        if (provider.State == ProviderState.NeedsAttention)
            Add(T["needs you"], provider.StateSince, "bad", T.Told(provider.StateReason) ?? T["It cannot send."]);
        return marks.OrderBy(mark => mark.At);
    }

    public static IEnumerable<(string Name, string Value)> Facts(Provider provider)
    {
        yield return (T["Name"], provider.Name);
        yield return (T["Kind"], T.Told(ProviderCatalog.Of(provider).Title));
        yield return (T["Sends as"], provider.UserName);
        if (provider.Domain.Length > 0 || provider.Senders.Count > 0)
            yield return (T["And for"], string.Join(", ", provider.Senders.Prepend(provider.Domain.Length > 0 ? "@" + provider.Domain : "").Where(text => text.Length > 0)));
        yield return (T["Server"], $"{provider.Address}:{provider.Port}, {provider.Security switch { SmtpSecurity.StartTls => "STARTTLS", SmtpSecurity.Tls => "TLS", _ => T["not encrypted"] }}");
        if (provider.Type != ProviderType.Password)
        {
            yield return (T["Signs in"], Grant(provider));
            if (provider.ServiceAccount.Length > 0)
                yield return (T["Service account"], provider.ServiceAccount);
            if (provider.Type == ProviderType.Microsoft)
                yield return (T["Tenant"], provider.Tenant);
            if (provider.ClientId.Length > 0)
                yield return (T["Application (client) ID"], provider.ClientId);
            yield return (T["Scope"], provider.Scope);
            if (provider.Grant == ProviderGrant.AuthorizationCode)
                yield return (T["Redirect URI"], provider.RedirectUri);
            yield return (T["Identity platform"], provider.Authority.Length > 0 ? provider.Authority : provider.TokenUrl);
        }
        if (provider.Default)
            yield return (T["Default"], T["it sends what no other provider is named for"]);
        if (provider.Failover.Length > 0)
            yield return (T["When it cannot send"], T[$"its mail goes through {provider.Failover}"]);
        if (provider.ReadReports)
            yield return (T["Bounces"], provider.ImapFolder.Length > 0 ? T[$"read from {provider.ImapAddress}, {provider.ImapFolder}"] : T[$"read from {provider.ImapAddress}, the inbox"]);
    }

    private static string Grant(Provider provider) => provider.Grant switch
    {
        ProviderGrant.AuthorizationCode => provider.SignedInAs.Length > 0 ? T[$"by the consent of {provider.SignedInAs}"] : T["by somebody's consent in a browser"],
        ProviderGrant.DeviceCode => provider.SignedInAs.Length > 0 ? T[$"by the consent of {provider.SignedInAs}, on another device"] : T["by somebody's consent on another device"],
        ProviderGrant.ClientCredentials => ClientAuthentication.Of(provider) switch { ClientAuthentication.PrivateKeyJwt => T["by itself, with a certificate"], ClientAuthentication.Federated => T["by itself, with a federated token"], _ => T["by itself, with a client secret"] },
        ProviderGrant.ServiceAccount => T["by itself, with a service account's key"],
        _ => T["with a refresh token that was pasted"],
    };
}
