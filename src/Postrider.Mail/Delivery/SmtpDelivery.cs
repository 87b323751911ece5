using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Smtp;
using FailureStage = Postrider.Accounts.Failures.SmtpStage;

namespace Postrider.Mail.Delivery;

/// <summary>Opens authenticated sessions to a provider, and turns what prevents one into a fault of the provider: its mail waits and
/// no message is touched.</summary>
internal sealed class SmtpDelivery(
    TokenKeeper tokens, ProviderSecrets secrets, ProviderStates states, ReplyClassifier classifier, GatewayName name, SeenServers seen,
    TimeProvider time, IOptions<MailOptions> options, SmtpTimeouts timeouts, ILogger<SmtpDelivery> log)
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromMinutes(1);

    /// <summary>A session that has signed in.</summary>
    /// <param name="UseUntil">Shortly before its token expires; what Exchange does to a session after that is not documented.</param>
    /// <param name="Version">The provider's settings that it was opened with; others need another session.</param>
    public sealed record OpenSession(SmtpClientSession Smtp, DateTimeOffset UseUntil, long Version);

    /// <returns>Null when the gate has been told why not.</returns>
    public async Task<OpenSession?> OpenAsync(Provider provider, ProviderGate gate, CancellationToken cancellation)
    {
        RefusedToken? refused = null;
        var before = gate.Fault;
        while (true)
        {
            var (credential, expires) = await CredentialAsync(provider, gate, refused, cancellation);
            if (credential is null)
                return null;
            var session = await ConnectAsync(provider, gate, cancellation);
            if (session is null)
                return null;
            SmtpReply reply;
            try
            {
                reply = await session.AuthenticateAsync(credential, cancellation);
            }
            catch (SmtpConnectionException lost)
            {
                await session.DisposeAsync();
                await BlameAsync(provider, gate, classifier.Explain(provider, lost), ReplyClassifier.Wire(lost.Stage), lost.Message);
                return null;
            }
            if (reply.IsPositive)
            {
                gate.Opened(before);
                if (provider.State == ProviderState.NeedsAttention)
                    await states.ReadyAsync(provider.Id);
                return new OpenSession(session, expires, provider.Version);
            }
            await session.QuitAsync(cancellation);
            await session.DisposeAsync();
            var known = classifier.Explain(provider, null, FailureStage.Auth, reply);
            var words = reply.Challenge is { } challenge ? $"{reply.Verbatim} ({challenge})" : reply.Verbatim;
            // A token may be refused although it looks good: after a password reset, for example. One new one is worth the try.
            if (known.Class == RetryClass.Authentication && credential is SmtpCredential.OAuth oauth && refused is null)
            {
                refused = new RefusedToken(oauth.AccessToken, known, words);
                continue;
            }
            await BlameAsync(provider, gate, known, "auth", words);
            return null;
        }
    }

    /// <summary>A token that the server did not take, with what it said.</summary>
    private sealed record RefusedToken(string Value, KnownFailure Why, string Reply);

    private async Task<(SmtpCredential?, DateTimeOffset)> CredentialAsync(
        Provider provider, ProviderGate gate, RefusedToken? refused, CancellationToken cancellation)
    {
        if (provider.Type == ProviderType.Password)
            return (new SmtpCredential.Password(provider.UserName, await secrets.PasswordAsync(provider.Id, cancellation) ?? ""), DateTimeOffset.MaxValue);
        var result = refused is null
            ? await tokens.GetAsync(provider.Id, cancellation)
            : await tokens.RenewAsync(provider.Id, refused.Value, cancellation);
        switch (result)
        {
            case TokenResult.Ready { Token: var token } when token.Value != refused?.Value:
                var life = token.ExpiresAt - time.GetUtcNow();
                var margin = life / 10 < LongestMargin ? life / 10 : LongestMargin;
                return (new SmtpCredential.OAuth(provider.UserName, token.Value), token.ExpiresAt - margin);
            case TokenResult.Later later when refused is null || provider.State == ProviderState.Ready:
                Wait(provider, gate.Pause("token", later.Reason, later.Reason, later.Remedy, Positive(later.RetryAt - time.GetUtcNow())));
                return default;
            case TokenResult.Broken broken:
                // The keeper has put the provider in needsAttention, and said so; the gate is closed until somebody acts.
                gate.Pause("token", broken.Reason, broken.Reason, broken.Remedy, options.Value.ProbeInterval);
                return default;
            default:
                // A probe whose token is refused like the one before it: another renewal is not due, and what the server said stands.
                await BlameAsync(provider, gate, refused!.Why, "auth", refused.Reply);
                return default;
        }
    }

    private async Task<SmtpClientSession?> ConnectAsync(Provider provider, ProviderGate gate, CancellationToken cancellation)
    {
        try
        {
            return await seen.LookAsync(provider, SmtpClientSession.ConnectAsync(ProviderServer.Of(provider),
                new SmtpClientOptions { LocalName = name.ForEhlo, Timeouts = timeouts, TimeProvider = time }, cancellation));
        }
        catch (SmtpConnectionException lost)
        {
            await BlameAsync(provider, gate, classifier.Explain(provider, lost), ReplyClassifier.Wire(lost.Stage), lost.Reply?.Verbatim ?? lost.Message);
            return null;
        }
    }

    /// <summary>Closes the gate for what concerns the provider as a whole: for a while when waiting helps, until somebody acts when it does not.</summary>
    public async Task BlameAsync(Provider provider, ProviderGate gate, KnownFailure known, string stage, string reply)
    {
        switch (known.Class)
        {
            case RetryClass.RateLimited:
                Wait(provider, gate.SlowDown(stage, reply, known.Cause, known.Remedy, options.Value.LimitPause ?? known.Wait ?? TimeSpan.FromMinutes(1)));
                break;
            case RetryClass.Configuration or RetryClass.Authentication:
                await HoldAsync(provider, stage, reply, known.Cause, known.Remedy);
                break;
            default:
                Wait(provider, known.Wait is { } wait
                    ? gate.Pause(stage, reply, known.Cause, known.Remedy, wait, forAll: true)
                    : gate.Fail(stage, reply, known.Cause, known.Remedy));
                break;
        }
    }

    private async Task HoldAsync(Provider provider, string stage, string reply, string cause, string remedy)
    {
        DeliveryLog.ProviderHeld(log, provider.Name, stage, reply, remedy);
        await states.NeedsAttentionAsync(provider.Id, $"{cause} ({reply})", remedy, time.GetUtcNow() + options.Value.ProbeInterval);
    }

    /// <summary>Says that a provider's mail waits.</summary>
    public void Wait(Provider provider, ProviderFault fault) =>
        DeliveryLog.ProviderWaits(log, provider.Name, fault.Stage, fault.Reply, fault.Until, fault.Remedy);

    private static TimeSpan Positive(TimeSpan wait) => wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
}
