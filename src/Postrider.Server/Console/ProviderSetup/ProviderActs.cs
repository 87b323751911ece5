using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Server.Api;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>What pages do with a provider.</summary>
internal sealed class ProviderActs(ProviderDirectory providers, ConsentFlow consent, DeviceFlow device, ClientCertificates certificates, DoctorRuns doctor)
{
    public ProviderDirectory Providers => providers;
    public ConsentFlow Consent => consent;
    public DeviceFlow Device => device;
    public ClientCertificates Certificates => certificates;
    public DoctorRuns Doctor => doctor;

    /// <summary>The settings as they are, for whoever changes one of them.</summary>
    public static ProviderDraft DraftOf(Provider provider) => ProviderWire.Draft(ProviderWire.Input(provider), provider.Name, provider.ClientSecretExpiresAt);

    public Task<ProviderResult> PasteTokenAsync(Provider provider, string token, CancellationToken cancellation) =>
        providers.ReplaceAsync(provider.Id, DraftOf(provider) with { RefreshToken = SecretChange.To(token) }, provider.Version, cancellation);
}
