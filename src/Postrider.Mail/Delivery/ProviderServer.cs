using Postrider.Accounts.Providers;
using Postrider.Smtp;
using SmtpSecurity = Postrider.Smtp.SmtpSecurity;

namespace Postrider.Mail.Delivery;

/// <summary>Where a provider's server listens, in the words of the protocol's room.</summary>
internal static class ProviderServer
{
    public static SmtpEndpoint Of(Provider provider) => new(provider.Address, provider.Port, provider.Security switch
    {
        Accounts.Providers.SmtpSecurity.Tls => SmtpSecurity.Tls,
        Accounts.Providers.SmtpSecurity.None => SmtpSecurity.None,
        _ => SmtpSecurity.StartTls,
    });
}
