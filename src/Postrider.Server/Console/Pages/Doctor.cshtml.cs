using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;

namespace Postrider.Server.Console.Pages;

/// <summary>The installation and every provider looked over, line by line.</summary>
internal sealed class DoctorModel(DoctorRuns runs, ProviderDirectory providers) : ConsolePage
{
    public DoctorRun? Installation { get; private set; }
    public IReadOnlyList<(Provider Provider, DoctorRun? Run)> Providers { get; private set; } = [];

    public void OnGet()
    {
        Installation = runs.Latest(DoctorRun.Installation);
        Providers = [.. providers.All.Select(provider => (provider, runs.Latest(provider.Id)))];
        if (Providers.Select(one => one.Run).Append(Installation).Any(run => run is { IsOver: false }))
            ViewData["Refresh"] = 2;
    }

    /// <summary>One test, or all of them.</summary>
    /// <param name="subject">A provider's id, or the installation; empty: everything.</param>
    [Needs(Right.Operate)]
    public IActionResult OnPost(string? subject)
    {
        if (subject is null or DoctorRun.Installation)
            runs.StartInstallation();
        foreach (var provider in providers.All.Where(provider => subject is null ? provider.State != ProviderState.Disabled : provider.Id == subject))
            runs.Start(provider, null);
        HttpContext.Note("tested", subject is null ? "everything" : providers.Find(subject)?.Name ?? "installation");
        return LocalRedirect("~/doctor");
    }

    public async Task<IActionResult> OnGetRunAsync(string? subject, string? run, int seen, CancellationToken cancellation)
    {
        if (runs.Find(run, subject ?? "") is not { } found)
            return NotFound();
        await runs.MoreAsync(found, seen, cancellation);
        return Partial("_DoctorRows", Rows(found, Math.Max(0, seen), live: true));
    }

    public DoctorRows Rows(DoctorRun run, int seen = 0, bool live = false) =>
        new(run, Url.Content($"~/doctor?handler=Run&subject={Uri.EscapeDataString(run.Subject)}"), seen, live, $"summary-{run.Subject}");
}
