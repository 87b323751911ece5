using System.Globalization;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>The access token: whether there is one, how long it holds, and what it says of itself. It is the one that delivery uses.</summary>
internal sealed class TokenSteps(TokenKeeper keeper)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <returns>Null when there is none, or none is needed.</returns>
    public async Task<AccessToken?> ObtainAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        if (provider.Type == ProviderType.Password)
        {
            checkup.LeaveOut(Step.Token, "not needed: this provider signs in with a password");
            checkup.LeaveOut(Step.Claims, "not needed: there is no token");
            return null;
        }
        var token = await GetAsync(provider, checkup, cancellation);
        if (token is null)
            checkup.Skip(Step.Claims, Step.Token);
        else
            Judge(provider, token, checkup);
        return token;
    }

    private async Task<AccessToken?> GetAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        var started = checkup.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        TokenResult result;
        try
        {
            result = await keeper.GetAsync(provider.Id, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            checkup.Fail(Step.Token, $"no answer within {Limit.TotalSeconds:0} s", "The identity platform takes long to answer.",
                "The request goes on by itself. Test again in a minute.", Limit);
            return null;
        }
        var took = checkup.Time.GetElapsedTime(started);
        switch (result)
        {
            case TokenResult.Ready { Token: var token }:
                checkup.Hide(token.Value);
                var left = token.ExpiresAt - checkup.Time.GetUtcNow();
                checkup.Pass(Step.Token, string.Create(CultureInfo.InvariantCulture,
                    $"good for {(left < TimeSpan.FromMinutes(2) ? $"{left.TotalSeconds:0} s" : $"{Math.Floor(left.TotalMinutes):0} min")}, until {token.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC"), took);
                return token;
            case TokenResult.Later later:
                checkup.Fail(Step.Token, string.Create(CultureInfo.InvariantCulture, $"none now, asked for again at {later.RetryAt.UtcDateTime:HH:mm:ss} UTC"), later.Reason, later.Remedy, took);
                return null;
            case TokenResult.Broken broken:
                checkup.Fail(Step.Token, "none, and none can be had before somebody acts", broken.Reason, broken.Remedy, took);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Judge(Provider provider, AccessToken token, Checkup checkup)
    {
        if (TokenClaims.Read(token.Value) is not { } claims)
        {
            checkup.LeaveOut(Step.Claims, "left out: the token is opaque, which is as good");
            return;
        }
        var detail = $"audience {ClaimsNeeded.InWords(claims.Audience)}"
            + string.Concat(claims.Scopes.Concat(claims.Roles).Select(permission => $", {permission}"))
            + (claims.Account is { } account ? $", {account}" : "");
        if (ClaimsNeeded.Missing(provider, claims) is { } missing)
            checkup.Fail(Step.Claims, detail, missing.Cause, missing.Remedy);
        else if (claims.ExpiresAt <= checkup.Time.GetUtcNow())
            checkup.Fail(Step.Claims, detail, "By its own words the token has expired, though the identity platform said that it lives longer: one of the two clocks is wrong.", PlatformProbe.ClockRemedy);
        else if (provider.WorkingScope.Length > 0)
            checkup.Warn(Step.Claims, detail, $"The token fits because it was asked for with the scope \"{provider.WorkingScope}\": the one in the settings, \"{provider.Scope}\", is for Microsoft Graph, and Exchange refuses it.",
                $"Keep the scope that works:\n    postrider provider scope {provider.Name} keep");
        else
            checkup.Pass(Step.Claims, detail);
    }
}
