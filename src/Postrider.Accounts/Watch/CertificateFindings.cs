using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Watch;

/// <summary>Ends of the certificates that applications prove themselves with. Both are good while one takes over from the other, so that
/// there is time to upload the next.</summary>
internal sealed class CertificateFindings(ProviderDirectory providers, TimeProvider time) : IFindingSource
{
    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<Finding>>([.. providers.All
            .Where(provider => provider is { State: not ProviderState.Disabled, HasClientCertificate: true, ClientCertificateExpiresAt: not null })
            .Select(provider => Of(provider, provider.ClientCertificateExpiresAt!.Value, now)).OfType<Finding>()]);
    }

    private static Finding? Of(Provider provider, DateTimeOffset end, DateTimeOffset now)
    {
        if (ExpirySteps.Reached(end, now) is not { } step)
            return null;
        var over = step is 0;
        return new Finding($"certificate:{provider.Id}", FindingKind.CertificateExpiry, over ? FindingSeverity.Error : FindingSeverity.Warning,
            over ? $"The certificate of {provider.DisplayName}'s application ended {ExpirySteps.When(end, now)}." : $"The certificate of {provider.DisplayName}'s application ends {ExpirySteps.When(end, now)}.",
            over ? "No new access token can be had with it; mail waits as soon as the last one ends." : "When it ends, no new access token can be had, and mail waits.",
            provider.HasNextCertificate
                ? $"The next one is made and not accepted yet. Upload it to the application:\n    postrider provider certificate {provider.Name} show"
                : $"Make the next one and upload it to the application; both are good until it takes over:\n    postrider provider certificate {provider.Name} roll")
        { ProviderId = provider.Id, Step = step };
    }
}
