using Microsoft.AspNetCore.Mvc;
using Postrider.Client;
using Postrider.Mail.Alerts;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Alerts;

/// <summary>Adds a receiver of events. Its secret is shown by the page that it lands on.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class AddWebhookModel(Webhooks webhooks) : ConsolePage
{
    public string? Name { get; private set; }
    public string? Address { get; private set; }
    public IReadOnlyList<string> Events { get; private set; } = EventType.Usual;

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string? name, string? url, string[] events, CancellationToken cancellation)
    {
        (Name, Address, Events) = (name?.Trim(), url?.Trim(), events);
        var input = new WebhookInput { Name = Name, Url = Address, Events = events };
        Errors = AlertRules.WrongIn(input, Name ?? "", Address ?? "");
        if (events.Length == 0)
            Errors["events"] = [T["Tick what it is told of."]];
        if (Errors.Count == 0 && await webhooks.AddAsync(Name!, new Uri(Address!), events, cancellation) is var (added, secret))
        {
            HttpContext.Note("webhook added", added.Name, added.Url.Host);
            ShowOnce(added.Id, secret);
            return LocalRedirect($"~/alerts/webhooks/{added.Name}");
        }
        if (Errors.Count == 0)
            Errors["name"] = [T["There is a webhook with this name already. Take another one."]];
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
