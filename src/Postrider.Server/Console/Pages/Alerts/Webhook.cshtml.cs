using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Postrider.Mail.Alerts;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Alerts;

/// <summary>A receiver of events: its state, what was sent to it, its secret.</summary>
internal sealed class WebhookModel(Webhooks webhooks) : ConsolePage
{
    private const int Rows = 30;

    public static readonly IReadOnlyList<(string Type, Phrase Words)> Words =
    [
        (EventType.AlertOpened, T["Something is wrong (alert.opened)"]), (EventType.AlertReminded, T["It is still wrong (alert.reminded)"]), (EventType.AlertRecovered, T["It is over (alert.recovered)"]),
        (EventType.MessageFailed, T["A message was given up (message.failed)"]), (EventType.MessageSent, T["A message was sent (message.sent): one request for each"]),
        (EventType.MessageBounced, T["A recipient bounced (message.bounced)"]), (EventType.MessageDelivered, T["A recipient has it (message.delivered): one request for each report"]),
    ];

    public Webhook Webhook { get; private set; } = null!;
    public IReadOnlyList<WebhookDelivery> Deliveries { get; private set; } = [];
    public string? Older { get; private set; }
    public string? Secret { get; private set; }
    public Confirmation? Confirm { get; private set; }

    public static IHtmlContent StateOf(Webhook hook) => hook switch
    {
        { Enabled: false, DisabledReason: not null } => State.Badge("bad", "▲", T["Switched itself off"]),
        { Enabled: false } => State.Badge("muted", "○", T["Off"]),
        { FailingSince: not null } => State.Badge("warn", "◷", T["Failing"]),
        _ => State.Badge("ok", "●", T["On"]),
    };

    public static IHtmlContent StateOf(WebhookDelivery delivery) => delivery.State switch
    {
        "delivered" => State.Badge("ok", "✓", T["Delivered"]),
        "failed" => State.Badge("bad", "✕", T["Failed"]),
        _ => State.Badge("muted", "○", T["On its way"]),
    };

    public static string Told(Webhook hook) => string.Join(", ", hook.Events.Count == 0 ? EventType.Usual : hook.Events);

    /// <summary>An address may hold a token of its receiver: only those who may change it see the whole.</summary>
    public string Shown => May(Right.Own) ? Webhook.Url.AbsoluteUri : $"{Webhook.Url.GetLeftPart(UriPartial.Authority)}/…";

    public async Task<IActionResult> OnGetAsync(string name, string? cursor, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        Secret = May(Right.Own) ? TakeOnce(Webhook.Id) : null;
        var found = await webhooks.DeliveriesAsync(Webhook.Id, cursor, Rows + 1, cancellation);
        Deliveries = [.. found.Take(Rows)];
        Older = found.Count > Rows ? $"{Here}?cursor={Uri.EscapeDataString(Deliveries[^1].Id)}" : null;
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostTestAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        HttpContext.Note("webhook tested", Webhook.Name);
        var sent = await webhooks.TestAsync(Webhook, cancellation);
        Say(sent switch
        {
            { State: "delivered" } => T[$"It arrived: the receiver answered {sent.Status}."],
            { Status: not null } => T["It did not arrive: the receiver answered {0}. {1}", sent.Status, T.Told(sent.Error)],
            _ => T["It did not arrive: {0}", T.Told(sent.Error)],
        }, sent.State == "delivered");
        return LocalRedirect(Here);
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostReplayAsync(string name, string id, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        HttpContext.Note("webhook delivery replayed", Webhook.Name, id);
        var again = Webhook.Enabled ? await webhooks.ReplayAsync(Webhook.Id, id, cancellation) : null;
        Say(again is not null ? T["It is delivered again, under the same id."] : Webhook.Enabled ? T["There is no such delivery any more."] : T["The webhook is off. Switch it on first."], again is not null);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public Task<IActionResult> OnPostOnAsync(string name, CancellationToken cancellation) => SwitchAsync(name, true, cancellation);

    [Needs(Right.Own)]
    public Task<IActionResult> OnPostOffAsync(string name, CancellationToken cancellation) => SwitchAsync(name, false, cancellation);

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostSecretAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        ShowOnce(Webhook.Id, await webhooks.RenewSecretAsync(Webhook.Id, cancellation));
        HttpContext.Note("webhook secret changed", Webhook.Name);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnGetRemoveAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        Confirm = new(T[$"Remove {Webhook.Name}"], [T[$"{Webhook.Url.Host} is told nothing more. What is still on its way to it is dropped, and the list of what was sent goes with it."]], T[$"Remove {Webhook.Name}"], Here + "?handler=Remove", Here);
        return Page();
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRemoveAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        await webhooks.RemoveAsync(Webhook.Id, cancellation);
        HttpContext.Note("webhook removed", Webhook.Name);
        Say(T[$"{Webhook.Name} is removed."]);
        return LocalRedirect("~/alerts");
    }

    public string Here => Url.Content("~/alerts/webhooks/" + Webhook.Name);

    private async Task<IActionResult> SwitchAsync(string name, bool on, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such webhook"]);
        await webhooks.ChangeAsync(Webhook with { Enabled = on }, cancellation);
        HttpContext.Note(on ? "webhook switched on" : "webhook switched off", Webhook.Name);
        Say(on ? T["It is told again."] : T["It is told nothing until it is switched on."]);
        return LocalRedirect(Here);
    }

    private async Task<bool> FindAsync(string name, CancellationToken cancellation)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } found)
            return false;
        Webhook = found;
        return true;
    }
}
