using Postrider.Accounts.Providers;

namespace Postrider.Server.Console.Pages;

internal sealed class ProvidersModel(ProviderDirectory providers) : ConsolePage
{
    public IReadOnlyList<Provider> All => providers.All;
}
