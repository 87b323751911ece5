using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Server.Api;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>Who may hand in mail.</summary>
internal sealed class AppsModel(ClientDirectory clients, ApiKeys keys, ProviderDirectory providers) : ConsolePage
{
    private const int EndedShown = 50;

    public ListPage<MailClient> Clients => ListPage.Of(Request, "c", clients.All, client => client.Name, client => $"{client.Name} {client.UserName} {string.Join(' ', client.Senders)}");
    public ListPage<ApiKeys.ApiKey> Keys => ListPage.Of(Request, "k", keys.All.Where(key => !HasEnded(key)), key => $"{key.Name} {key.Id}", key => $"{key.Name} {key.Id}");

    /// <summary>The last ones, the newest first.</summary>
    public IReadOnlyList<ApiKeys.ApiKey> Ended => [.. keys.All.Where(HasEnded).TakeLast(EndedShown).Reverse()];

    public string ProviderOf(MailClient client) => client.ProviderId is not { } id ? T["by the usual rules"] : providers.Find(id)?.DisplayName ?? T["(removed)"];

    public static string May(ApiKeys.ApiKey key) => string.Join(", ", key.Scopes.Split(' ').Select(scope => scope switch
    {
        ApiKeys.Admin => "everything", ApiKeys.Send => "send", _ => "read",
    }));

    private bool HasEnded(ApiKeys.ApiKey key) => key.RevokedAt is not null || key.ExpiresAt <= Now.ToUnixTimeMilliseconds();
}
