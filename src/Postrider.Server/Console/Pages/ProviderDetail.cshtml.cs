using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Mail.Doctor;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages;

internal sealed class ProviderDetailModel(ProviderDirectory providers, ConsentFlow consent, ProviderDoctor doctor, FlowFigures figures, AccountsOptions options) : ConsolePage
{
    public Provider Provider { get; private set; } = null!;
    public long Waiting { get; private set; }
    public string? Problem { get; private set; }
    public DoctorReport? Report { get; private set; }

    public IReadOnlyList<FieldNote> Notes => ProviderWarnings.Of(Provider, Now, options.DefaultRedirectUri);

    public IEnumerable<(string Name, string Value)> Facts
    {
        get
        {
            var limits = Provider.Limits;
            yield return ("Name", Provider.Name);
            yield return ("Server", $"{Provider.Address}:{Provider.Port} ({Provider.Security})");
            yield return ("Sends as", Provider.UserName);
            if (Provider.Type != ProviderType.Password)
            {
                yield return ("Application", Provider.ClientId);
                yield return ("Tenant", Provider.Tenant);
                yield return ("Scope", Provider.Scope);
                yield return ("Grant", Provider.Grant);
            }
            if (Provider.ClientSecretExpiresAt is { } ends)
                yield return ("Client secret ends", ends.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            yield return ("Limits", $"{Limit(limits.Connections)} connections, {Limit(limits.MessagesPerMinute)} messages a minute, {Limit(limits.RecipientsPerDay)} recipients a day");
            if (Provider.Failover.Length > 0)
                yield return ("When it cannot send", $"its mail goes through {Provider.Failover}");
        }
    }

    public string Act(string handler) => Url.Content($"~/providers/{Uri.EscapeDataString(Provider.Name)}?handler={handler}");

    public static IHtmlContent Mark(DoctorStep step) => step.Status switch
    {
        DoctorStatus.Ok => State.Badge("ok", "✓", "done"),
        DoctorStatus.Warning => State.Badge("warn", "◷", "warning"),
        DoctorStatus.Failed => State.Badge("bad", "✕", "failed"),
        _ => State.Badge("muted", "–", "skipped"),
    };

    public async Task<IActionResult> OnGetAsync(string name, CancellationToken cancellation) => await FindAsync(name, cancellation) ? Page() : Missing("such provider");

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostConnectAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing("such provider");
        HttpContext.Note("sign-in started", name);
        switch (await consent.StartAsync(Provider, Actor, cancellation))
        {
            case ConsentStart.Started { AuthorizeUrl: var authorize }:
                return Redirect(authorize.AbsoluteUri);
            case ConsentStart.Refused { Why: var why }:
                Problem = $"{why.Cause} {why.Remedy}";
                break;
        }
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostTestAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing("such provider");
        HttpContext.Note("provider tested", name);
        Report = await doctor.TestAsync(Provider, null, cancellation);
        return Page();
    }

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostPauseAsync(string name, CancellationToken cancellation) =>
        SwitchAsync(name, "provider paused", "Its mail is held until you let it go again.", providers.PauseAsync, cancellation);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostResumeAsync(string name, CancellationToken cancellation) =>
        SwitchAsync(name, "provider resumed", "Its mail goes again.", providers.ResumeAsync, cancellation);

    private async Task<IActionResult> SwitchAsync(string name, string act, string done, Func<string, CancellationToken, Task<ProviderResult>> change, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing("such provider");
        HttpContext.Note(act, name);
        var result = await change(name, cancellation);
        Say(result is ProviderResult.Refused refused ? $"{refused.Cause} {refused.Remedy}" : done, result is ProviderResult.Saved);
        return Again();
    }

    private async Task<bool> FindAsync(string name, CancellationToken cancellation)
    {
        if (providers.Find(name) is not { } provider)
            return false;
        Provider = provider;
        Waiting = (await figures.GetAsync(cancellation)).WaitingFor(provider.Id);
        // A browser follows the form on to the identity platform only where the page allows it.
        Response.AllowFormTo(provider.AuthorizeUrl.Length > 0 ? provider.AuthorizeUrl : provider.Authority);
        return true;
    }

    private static string Limit(int limit) => limit == 0 ? "any number of" : Moment.Number(limit);
}
