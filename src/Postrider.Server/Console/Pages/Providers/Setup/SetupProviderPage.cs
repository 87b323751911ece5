using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>A step of the wizard after the provider is made.</summary>
internal abstract class SetupProviderPage(SetupDrafts drafts, ProviderActs acts, AccountsOptions options) : ProviderPage(acts)
{
    public SetupProgress Progress { get; private set; } = null!;

    protected abstract SetupStep Step { get; }

    public override string Here => Path(Step);
    public override string AfterConnecting => Path(SetupStep.Test);

    public string Path(SetupStep step) => Url.Content("~" + Progress.PathOf(step));

    protected override async Task<IActionResult?> FindAsync(CancellationToken cancellation)
    {
        if (await drafts.FindAsync(RouteData.Values["id"]?.ToString() ?? "", Step, cancellation) is not { } progress)
            return Missing(T["There is no such set-up"]);
        Progress = progress;
        if (progress.Made is not { } made)
            return LocalRedirect(Path(SetupStep.Details));
        Provider = made;
        ViewData["OwnRedirectUri"] = options.DefaultRedirectUri;
        return null;
    }
}
