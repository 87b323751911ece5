using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>A step of the wizard before the provider is made: what was typed, and the provider where it has been made.</summary>
internal abstract class SetupPage(SetupDrafts drafts) : ConsolePage
{
    public SetupProgress Progress { get; private set; } = null!;

    protected abstract SetupStep Step { get; }

    /// <summary>What was typed so far, filled from the preset.</summary>
    public ProviderSettings Settings { get; private set; } = null!;

    public string Path(SetupStep step) => Url.Content("~" + Progress.PathOf(step));

    /// <returns>False when there is no such set-up.</returns>
    protected async Task<bool> FindAsync(string id, ProviderDirectory providers, CancellationToken cancellation)
    {
        if (await drafts.FindAsync(id, Step, cancellation) is not { Draft: { } draft } progress)
            return false;
        Progress = progress;
        Settings = progress.Made ?? (ProviderSettings)providers.Complete(ProviderFormValues.ToDraft(draft.Typed, null).Draft);
        return true;
    }

    protected IActionResult Gone() => Missing(T["There is no such set-up"]);
}
