using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

/// <summary>The end of the wizard, and a page to come back to: how printers, programs and code hand in mail for a provider.</summary>
internal sealed class UseModel(ProviderDirectory providers, HandingIn how) : ConsolePage
{
    public Provider Provider { get; private set; } = null!;
    public HandingIn How => how;

    /// <summary>The wizard ended here.</summary>
    public bool Done { get; private set; }

    public IActionResult OnGet(string name, bool done)
    {
        if (providers.Find(name) is not { } provider)
            return Missing(T["There is no such provider"]);
        (Provider, Done) = (provider, done);
        return Page();
    }
}
