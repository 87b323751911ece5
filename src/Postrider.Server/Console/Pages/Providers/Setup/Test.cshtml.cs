using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>Step 5: each step that a message meets, tried one after another.</summary>
[Needs(Right.Own)]
internal sealed class TestModel(SetupDrafts drafts, UnfinishedProviders unfinished, ProviderActs acts, AccountsOptions options) : SetupProviderPage(drafts, acts, options)
{
    protected override SetupStep Step => SetupStep.Test;

    /// <summary>The set-up is over: nothing of it is kept but the provider.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostFinishAsync(CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        await unfinished.RemoveAsync(Progress.Draft!.Id);
        HttpContext.Note("provider set-up finished", Provider.Name);
        return LocalRedirect(Url.Content($"~{ProviderPaths.Use(Provider)}?done=true"));
    }
}
