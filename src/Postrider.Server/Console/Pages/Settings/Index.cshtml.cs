using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>Leads to the part that one most likely looks for.</summary>
internal sealed class SettingsModel : ConsolePage
{
    public IActionResult OnGet() => LocalRedirect(May(Right.Own) ? "~/settings/installation" : "~/settings/you");
}
