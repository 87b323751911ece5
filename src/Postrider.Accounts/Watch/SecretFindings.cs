using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Watch;

/// <summary>Ends of application secrets: entered with a provider, or read from the application where <see cref="SecretEnds"/> may. The permission
/// to send does not allow that (oauth-smtp reference 1.10), so mostly an administrator says them once.</summary>
internal sealed class SecretFindings(ProviderDirectory providers, TimeProvider time) : IFindingSource
{
    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<Finding>>([.. providers.All
            .Where(provider => provider is { State: not ProviderState.Disabled, HasClientSecret: true, ClientSecretExpiresAt: not null })
            .Select(provider => Of(provider, provider.ClientSecretExpiresAt!.Value, now)).OfType<Finding>()]);
    }

    private static Finding? Of(Provider provider, DateTimeOffset end, DateTimeOffset now)
    {
        if (ExpirySteps.Reached(end, now) is not { } step)
            return null;
        var over = step is 0;
        return new Finding($"secret:{provider.Id}", FindingKind.SecretExpiry, over ? FindingSeverity.Error : FindingSeverity.Warning,
            over ? $"The client secret of {provider.DisplayName} ended {ExpirySteps.When(end, now)}." : $"The client secret of {provider.DisplayName} ends {ExpirySteps.When(end, now)}.",
            over ? "No new access token can be had with it (AADSTS7000222 at Microsoft); mail waits as soon as the last one ends."
                : "When it ends, no new access token can be had, and mail waits.",
            $"{Where(provider)}\n    postrider provider set {provider.Name} --client-secret-file - --client-secret-expires-at {now.AddMonths(6).UtcDateTime:yyyy-MM-dd}\nThe refresh token stays good: nobody has to sign in again.")
        { ProviderId = provider.Id, Step = step };
    }

    private static string Where(Provider provider) => provider.Type switch
    {
        ProviderType.Microsoft => $"Make a new secret under Certificates & secrets ({PortalLinks.Credentials(provider)}), copy its Value, and set it with its end:",
        _ => "Make a new secret where the application is registered, and set it with its end:",
    };
}
