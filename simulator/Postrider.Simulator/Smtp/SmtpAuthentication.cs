using System.Buffers.Text;
using System.Text;

namespace Postrider.Simulator;

/// <summary>Who a session is.</summary>
/// <param name="Mailbox">The mailbox that sends.</param>
/// <param name="As">The person's address, or the client id of an application (reference 1.11).</param>
internal sealed record SignedIn(Account Mailbox, string As, string Mechanism)
{
    /// <summary>An application with rights on a mailbox sends as it; a person as themselves or by SendAs (reference 3.6).</summary>
    public bool MaySendAs(Account other) =>
        other.SendAs.Contains(As, StringComparer.OrdinalIgnoreCase)
        || (other.Address.Equals(Mailbox.Address, StringComparison.OrdinalIgnoreCase)
            && (As.Equals(Mailbox.Address, StringComparison.OrdinalIgnoreCase) || !As.Contains('@')));
}

/// <summary>AUTH (RFC 4954) with XOAUTH2, OAUTHBEARER (RFC 7628), PLAIN and LOGIN.</summary>
internal sealed class SmtpAuthentication(SmtpSession session, SmtpWire wire, SimulatorState state)
{
    private const string Cancelled = "501 5.5.2 Authentication cancelled or not base64";

    /// <summary>How many connections the mailbox had when this one came.</summary>
    private int _rank;

    public SignedIn? SignedIn { get; private set; }

    public void Leave()
    {
        if (SignedIn is { } who)
            state.Limits.Leave(who.Mailbox.Address);
        SignedIn = null;
    }

    /// <summary>More connections than the mailbox may have, and this is one of the later ones.</summary>
    public bool IsOverLimit => SignedIn is { } who && session.Settings.ConnectionsPerMailbox is > 0 and var limit
        && _rank > limit && state.Limits.Connections(who.Mailbox.Address) > limit;

    public async ValueTask AuthAsync(string arguments, bool inTransaction, CancellationToken ct)
    {
        var words = arguments.Split(' ', 2);
        var mechanism = words[0].ToUpperInvariant();
        if (session.ClientName is null || SignedIn is not null || inTransaction)
        {
            wire.Reply(Replies.BadSequence);
            return;
        }
        if (wire.TlsVersion is null || !session.Settings.Mechanisms.Contains(mechanism))
        {
            wire.Reply(Replies.UnknownMechanism);
            return;
        }
        state.Counters.AuthAttempt(mechanism);
        var answer = mechanism switch
        {
            "XOAUTH2" or "OAUTHBEARER" => await BearerAsync(mechanism, words, ct),
            "PLAIN" => await PlainAsync(words, ct),
            _ => await LoginAsync(words, ct),
        };
        if (answer is null)
            return;
        if (answer != Replies.Authenticated)
            state.Counters.AuthFailure(mechanism);
        session.ReplyAndMaybeClose(answer);
    }

    /// <summary>The reply, or null when it was given already.</summary>
    private async ValueTask<string?> BearerAsync(string mechanism, string[] words, CancellationToken ct)
    {
        var message = await FirstAsync(words, "334 ", ct);
        if (message is null)
            return Cancelled;
        var (user, token) = mechanism == "XOAUTH2" ? ReadXOAuth2(message) : ReadOAuthBearer(message);
        if (await session.MeetsFaultAsync(SmtpStage.Auth, user, ct))
        {
            state.Counters.AuthFailure(mechanism);
            return null;
        }
        var (who, refusal) = CheckToken(mechanism, user, token);
        if (who is not null)
            return Enter(who);
        if (refusal == Replies.TokenRefused && (session.Settings.ChallengeOnFailure || mechanism == "OAUTHBEARER"))
        {
            // The client has to answer the challenge before it hears the refusal (reference 3.2, 3.3).
            var json = mechanism == "XOAUTH2"
                ? "{\"status\":\"401\",\"schemes\":\"bearer mac\",\"scope\":\"https://mail.google.com/\"}"
                : "{\"status\":\"invalid_token\",\"scope\":\"https://mail.google.com/\"}";
            wire.Reply("334 " + Convert.ToBase64String(Encoding.UTF8.GetBytes(json)));
            if (await wire.ReadLineAsync(ct) is null)
                return null;
            if (session.Settings.ChallengeOnFailure)
                return "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.google.com/mail/?p=BadCredentials - gsmtp";
        }
        return refusal;
    }

    private async ValueTask<string?> PlainAsync(string[] words, CancellationToken ct)
    {
        if (await FirstAsync(words, "334 ", ct) is not { } message)
            return Cancelled;
        // authzid NUL authcid NUL password (RFC 4616).
        return message.Split('\0') is [_, var user, var password] ? await PasswordAsync("PLAIN", user, password, ct) : Replies.PasswordRefused;
    }

    private async ValueTask<string?> LoginAsync(string[] words, CancellationToken ct)
    {
        if (await FirstAsync(words, "334 VXNlcm5hbWU6", ct) is not { } user)
            return Cancelled;
        if (await FirstAsync([], "334 UGFzc3dvcmQ6", ct) is not { } password)
            return Cancelled;
        return await PasswordAsync("LOGIN", user, password, ct);
    }

    private async ValueTask<string?> PasswordAsync(string mechanism, string user, string password, CancellationToken ct)
    {
        if (await session.MeetsFaultAsync(SmtpStage.Auth, user, ct))
        {
            state.Counters.AuthFailure(mechanism);
            return null;
        }
        if (!session.Settings.PasswordsAllowed)
            return Replies.BasicDisabled;
        if (state.Directory.FindAccount(user) is not { Password: { } right } account || right != password)
            return Replies.PasswordRefused;
        return account.SmtpAuthDisabled ? Replies.MailboxDisabled : Enter(new SignedIn(account, account.Address, mechanism));
    }

    /// <summary>The client's first message, decoded; null when it cancelled or sent something else than base64.</summary>
    private async ValueTask<string?> FirstAsync(string[] words, string prompt, CancellationToken ct)
    {
        string? text;
        if (words.Length > 1)
        {
            text = words[1] == "=" ? "" : words[1];
        }
        else
        {
            wire.Reply(prompt);
            text = await wire.ReadLineAsync(ct);
        }
        if (text is null || !Base64.IsValid(text))
            return null;
        return Encoding.UTF8.GetString(Convert.FromBase64String(text));
    }

    /// <summary><c>user=</c> … 0x01 <c>auth=Bearer </c> … 0x01 0x01 (reference 3.2).</summary>
    private static (string? User, string? Token) ReadXOAuth2(string message)
    {
        var parts = message.Split('\u0001');
        return parts is [var user, var auth, "", ""] && user.StartsWith("user=", StringComparison.Ordinal)
            ? (user[5..], Bearer(auth))
            : (null, null);
    }

    private static (string? User, string? Token) ReadOAuthBearer(string message)
    {
        var parts = message.Split('\u0001');
        if (parts[0].Split(',') is not [_, var name, ..] || !name.StartsWith("a=", StringComparison.Ordinal))
            return (null, null);
        var user = name[2..].Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        return (user, Bearer(parts.FirstOrDefault(p => p.StartsWith("auth=", StringComparison.Ordinal)) ?? ""));
    }

    private static string? Bearer(string auth) =>
        auth.StartsWith("auth=Bearer ", StringComparison.OrdinalIgnoreCase) ? auth["auth=Bearer ".Length..] : null;

    private (SignedIn? Who, string Refusal) CheckToken(string mechanism, string? user, string? text)
    {
        var settings = session.Settings;
        if (text is null || state.Directory.FindAccount(user) is not { } mailbox || state.Tokens.Read(text) is not { } token
            || !settings.Audiences.Contains(token.Audience))
            return (null, Replies.TokenRefused);
        bool allowed;
        if (token.AppOnly)
        {
            // With or without roles: RBAC for Applications has none (reference 1.11 B). What counts is the right on the mailbox.
            allowed = mailbox.Applications.Contains(token.AppId);
        }
        else
        {
            allowed = token.Scopes.Intersect(settings.Scopes).Any()
                && (mailbox.Address.Equals(token.Upn, StringComparison.OrdinalIgnoreCase) || mailbox.FullAccess.Contains(token.Upn, StringComparer.OrdinalIgnoreCase));
        }
        if (!allowed)
            return (null, Replies.TokenRefused);
        return mailbox.SmtpAuthDisabled
            ? (null, Replies.MailboxDisabled)
            : (new SignedIn(mailbox, token.Upn ?? token.AppId.ToString(), mechanism), "");
    }

    private string Enter(SignedIn who)
    {
        var settings = session.Settings;
        _rank = state.Limits.Enter(who.Mailbox.Address);
        if (settings is { ConnectionLimitAt: ConnectionLimitStage.Auth, ConnectionsPerMailbox: > 0 } && _rank > settings.ConnectionsPerMailbox)
        {
            state.Limits.Leave(who.Mailbox.Address);
            state.Counters.Throttled("432");
            return Replies.ConcurrentLimit;
        }
        state.Counters.ConnectionsOf(who.Mailbox.Address, _rank);
        SignedIn = who;
        return Replies.Authenticated;
    }
}
