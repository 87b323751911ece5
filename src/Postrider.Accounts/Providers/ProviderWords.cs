using System.Globalization;
using Postrider.Accounts.Failures;

namespace Postrider.Accounts.Providers;

/// <summary>A provider's own names for the placeholders of causes and remedies.</summary>
public static class ProviderWords
{
    public static Dictionary<string, string> Of(Provider provider) => new()
    {
        [Placeholders.Mailbox] = provider.UserName, [Placeholders.ClientId] = provider.ClientId, [Placeholders.Tenant] = provider.Tenant,
        [Placeholders.Authority] = provider.Authority.TrimEnd('/'), [Placeholders.RedirectUri] = provider.RedirectUri, [Placeholders.Host] = provider.Address,
        [Placeholders.Port] = provider.Port.ToString(CultureInfo.InvariantCulture),
    };
}
