using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Client;
using Postrider.Mail.Alerts;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Alerts;

/// <summary>What is wrong and what was, and who is told of it.</summary>
internal sealed class AlertsModel(Incidents incidents, Webhooks webhooks, AlertMail mail, ProviderDirectory providers) : ConsolePage
{
    private const int Rows = 30, MostOpen = 200;

    public IReadOnlyList<Incident> Open { get; private set; } = [];
    public IReadOnlyList<Incident> Past { get; private set; } = [];
    public string? Older { get; private set; }
    public bool IsFirst { get; private set; }
    public IReadOnlyList<Webhook> Hooks { get; private set; } = [];
    public string To { get; private set; } = "";
    public string Through { get; private set; } = "";

    public IReadOnlyList<(string, string)> Providers => [("", T["Any that is ready"]), .. providers.All.Select(provider => (provider.Name, provider.DisplayName))];

    public Provider? ProviderOf(Incident incident) => incident.ProviderId is { } id ? providers.Find(id) : null;

    public static string Colour(Incident incident) => incident.Severity == FindingSeverity.Error ? "bad" : "warn";

    public async Task OnGetAsync(string? cursor, CancellationToken cancellation)
    {
        await LoadAsync(MessageIds.Parse(cursor), cancellation);
        var recipients = await mail.RecipientsAsync(cancellation);
        (To, Through) = (string.Join('\n', recipients.To), recipients.Provider is { } id ? providers.Find(id)?.Name ?? "" : "");
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostMailAsync(string? to, string? provider, CancellationToken cancellation)
    {
        var settings = new AlertMailSettings { To = Several(to), Provider = provider };
        (var recipients, Errors) = AlertRules.Read(settings, providers);
        if (recipients is null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            await LoadAsync(null, cancellation);
            (To, Through) = (to ?? "", provider ?? "");
            return Page();
        }
        await mail.SetRecipientsAsync(recipients, cancellation);
        HttpContext.Note("alert mail changed", string.Join(", ", recipients.To));
        Say(recipients.To.Count == 0 ? T["Nobody gets alert mail."] : T["Alert mail goes to {0}.", string.Join(", ", recipients.To)]);
        return LocalRedirect("~/alerts");
    }

    private async Task LoadAsync(string? cursor, CancellationToken cancellation)
    {
        IsFirst = cursor is null;
        Open = await incidents.ListAsync(all: false, null, null, MostOpen, cancellation);
        var all = await incidents.ListAsync(all: true, null, cursor, Rows + 1, cancellation);
        Past = [.. all.Take(Rows).Where(incident => !incident.Open)];
        Older = all.Count > Rows ? Url.Content("~/alerts?cursor=" + all[Rows - 1].Id) : null;
        Hooks = await webhooks.ListAsync(cancellation);
    }
}
