using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Accounts.Consent;

/// <summary>A sign-in on another device, under way or ended.</summary>
/// <param name="VerificationUriComplete">The page with the code filled in, where the platform offers it.</param>
/// <param name="State"><c>waiting</c>, <c>connected</c> or <c>failed</c>.</param>
/// <param name="Account">Who signed in, once somebody has.</param>
public sealed record DeviceSignIn(string UserCode, string VerificationUri, string? VerificationUriComplete, DateTimeOffset ExpiresAt, string State, string? Account = null, ConsentFailure? Why = null)
{
    public const string Waiting = "waiting", Connected = "connected", Failed = "failed";
}

/// <summary>The answer to "start a sign-in on another device".</summary>
public abstract record DeviceStart
{
    private DeviceStart() { }

    public sealed record Started(DeviceSignIn SignIn) : DeviceStart;

    public sealed record Refused(ConsentFailure Why) : DeviceStart;
}

/// <summary>Signs in where no browser reaches the gateway: a person types a short code on a page, and the gateway asks until that is done
/// (RFC 8628). A sign-in lives in memory; a restart ends it, and a new one is started with a new code.</summary>
public sealed class DeviceFlow : IDisposable
{
    private static readonly TimeSpan Slower = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, DeviceSignIn> signIns = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private readonly ProviderDirectory directory;
    private readonly OAuthEndpoints endpoints;
    private readonly TokenEndpoint tokens;
    private readonly ClientProofs proofs;
    private readonly GrantKeeper keeper;
    private readonly TimeProvider time;
    private readonly ILogger<ConsentFlow> log;

    internal DeviceFlow(ProviderDirectory directory, OAuthEndpoints endpoints, TokenEndpoint tokens, ClientProofs proofs, GrantKeeper keeper, TimeProvider time, ILogger<ConsentFlow> log)
    {
        (this.directory, this.endpoints, this.tokens, this.proofs, this.keeper, this.time, this.log) = (directory, endpoints, tokens, proofs, keeper, time, log);
        directory.Removed += provider => signIns.TryRemove(provider.Id, out _);
    }

    /// <returns>The last one of the provider; null when none was started since the gateway started.</returns>
    public DeviceSignIn? Find(string providerId) => signIns.GetValueOrDefault(providerId);

    /// <summary>Asks for a code and begins to wait. A sign-in that was under way is given up.</summary>
    public async Task<DeviceStart> StartAsync(Provider provider, string actor, CancellationToken cancellation)
    {
        if (Unfit(provider) is { } unfit)
            return new DeviceStart.Refused(unfit);
        var (urls, why) = await endpoints.FindAsync(provider, cancellation);
        if (urls is null)
            return new DeviceStart.Refused(GrantKeeper.Failure(why!));
        if (urls.Device is null)
            return new DeviceStart.Refused(new("It is not known where device codes are had.", "Write deviceUrl, or connect with a browser or a pasted address."));
        // Microsoft's page for codes takes applications as they name themselves; others ask for their proof already here (RFC 8628 section 3.1).
        IReadOnlyList<ClientProof> ways = [new ClientProof.None()];
        if (provider.Type != ProviderType.Microsoft)
            (ways, why) = await proofs.ForAsync(provider, urls.Token, urls.Issuer, cancellation);
        if (why is not null)
            return new DeviceStart.Refused(GrantKeeper.Failure(why));
        var (code, refused) = await tokens.DeviceCodeAsync(provider, urls.Device, ways, GrantKeeper.Scope(provider), cancellation);
        if (code is null)
            return new DeviceStart.Refused(GrantKeeper.Failure(refused!));
        var signIn = new DeviceSignIn(code.UserCode, code.VerificationUri, code.VerificationUriComplete, time.GetUtcNow() + code.Lifetime, DeviceSignIn.Waiting);
        signIns[provider.Id] = signIn;
        _ = Task.Run(() => WaitAsync(provider.Id, signIn, code, urls, actor), CancellationToken.None);
        return new DeviceStart.Started(signIn);
    }

    private static ConsentFailure? Unfit(Provider provider) => provider switch
    {
        { Type: ProviderType.Password } => new("This provider signs in with a password.", "Set its password; there is nothing to connect."),
        { Type: ProviderType.Google } => new("Google's device flow does not permit the mail scope.", "Connect with a browser, or paste the address that the sign-in ended on."),
        { Grant: ProviderGrant.ClientCredentials } => new("This provider gets its tokens with client credentials.", "Nobody has to sign in. To sign in as the mailbox, write grant \"deviceCode\"."),
        _ => null,
    };

    private async Task WaitAsync(string providerId, DeviceSignIn signIn, DeviceCode code, OAuthUrls urls, string actor)
    {
        DeviceSignIn ended;
        try
        {
            ended = await PollAsync(providerId, signIn, code, urls, actor);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception wrong)
        {
            AccountsLog.DeviceFailed(log, wrong);
            ended = Fail(signIn, new("The sign-in failed unexpectedly.", "Look at the log, then connect again."));
        }
        // Another one may have been started meanwhile.
        signIns.TryUpdate(providerId, ended, signIn);
    }

    private async Task<DeviceSignIn> PollAsync(string providerId, DeviceSignIn signIn, DeviceCode code, OAuthUrls urls, string actor)
    {
        var interval = code.Interval;
        while (true)
        {
            await Task.Delay(interval, time, stop.Token);
            if (directory.Find(providerId) is not { } provider)
                return Fail(signIn, new("The provider was removed meanwhile.", "Add it again, then connect."));
            if (signIns.GetValueOrDefault(providerId) != signIn)
                return Fail(signIn, new("Another sign-in was started meanwhile.", "Use its code."));
            if (time.GetUtcNow() >= signIn.ExpiresAt)
                return Fail(signIn, new("Nobody typed the code in time.", "Connect again and type the new code before it ends."));
            var begun = time.GetUtcNow();
            var (ways, why) = await proofs.ForAsync(provider, urls.Token, urls.Issuer, stop.Token);
            switch (why ?? await tokens.DeviceTokenAsync(provider, urls.Token, ways, code.Value, stop.Token))
            {
                case TokenAnswer.Pending { Slower: var slower }:
                    interval += slower ? Slower : TimeSpan.Zero;
                    break;
                case TokenAnswer.Unavailable:
                    // RFC 8628 section 3.5 asks for an exponential pause where the endpoint cannot be reached.
                    interval += interval < TimeSpan.FromSeconds(30) ? interval : TimeSpan.Zero;
                    break;
                case TokenAnswer.Granted granted:
                    return await keeper.KeepAsync(provider, urls.Token, ways, granted, ProviderGrant.DeviceCode, begun, actor) switch
                    {
                        ConsentResult.Connected connected => signIn with { State = DeviceSignIn.Connected, Account = connected.Account },
                        ConsentResult.Refused refused => Fail(signIn, refused.Why),
                        _ => throw new System.Diagnostics.UnreachableException(),
                    };
                case var refused:
                    return Fail(signIn, GrantKeeper.Failure(refused));
            }
        }
    }

    private DeviceSignIn Fail(DeviceSignIn signIn, ConsentFailure why)
    {
        AccountsLog.NotConnected(log, why.Cause, why.Verbatim);
        return signIn with { State = DeviceSignIn.Failed, Why = why };
    }

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }
}
