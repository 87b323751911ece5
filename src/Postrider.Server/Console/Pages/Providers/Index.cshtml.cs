using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

internal sealed class IndexModel(ProviderDirectory providers, SetupDrafts drafts, UnfinishedProviders unfinished, ProviderRows rows) : ConsolePage
{
    public IReadOnlyList<Provider> All => providers.All;

    public IReadOnlyList<ProviderRow> Rows { get; private set; } = [];

    public ListPage<Provider> List => ListPage.Of(Request, "", providers.All, provider => provider.Name, provider => $"{provider.Name} {provider.DisplayName} {provider.UserName} {provider.Address}");

    /// <summary>Set-ups that were left midway; for owners alone.</summary>
    public IReadOnlyList<SetupProgress> Unfinished { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Rows = await rows.OfAsync(List.Shown, cancellation);
        if (May(Right.Own))
            Unfinished = await drafts.ListAsync(cancellation);
    }

    /// <summary>What was typed is deleted. A provider that was made of it stays.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostForgetAsync(string id, CancellationToken cancellation)
    {
        if (await unfinished.FindAsync(id, cancellation) is { } draft)
        {
            await unfinished.RemoveAsync(id);
            HttpContext.Note("provider set-up discarded", draft["name"]);
            Say(draft.ProviderId is null ? T[$"What was typed about {draft["displayName"]} is deleted."] : T["The set-up is hidden. The provider stays."]);
        }
        return Again();
    }
}
