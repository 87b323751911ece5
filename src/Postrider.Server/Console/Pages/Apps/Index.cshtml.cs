using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Server.Api;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>Who may hand in mail.</summary>
internal sealed class AppsModel(ClientDirectory clients, ApiKeys keys, ProviderDirectory providers) : ConsolePage
{
    public IReadOnlyList<MailClient> Clients => [.. clients.All];
    public IReadOnlyList<ApiKeys.ApiKey> Keys => [.. keys.All.Where(key => !HasEnded(key))];
    public IReadOnlyList<ApiKeys.ApiKey> Ended => [.. keys.All.Where(HasEnded).Reverse()];

    public string ProviderOf(MailClient client) => client.ProviderId is not { } id ? "by the usual rules" : providers.Find(id)?.DisplayName ?? "(removed)";

    public static string May(ApiKeys.ApiKey key) => string.Join(", ", key.Scopes.Split(' ').Select(scope => scope switch
    {
        ApiKeys.Admin => "everything", ApiKeys.Send => "send", _ => "read",
    }));

    private bool HasEnded(ApiKeys.ApiKey key) => key.RevokedAt is not null || key.ExpiresAt <= Now.ToUnixTimeMilliseconds();
}
