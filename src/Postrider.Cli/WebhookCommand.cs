using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Receivers of events over HTTP.</summary>
internal static class WebhookCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The webhook's name." };
    private static readonly Argument<string> Url = new("url") { Description = "Where events go: https, or http to this machine." };
    private static readonly Argument<string> Delivery = new("delivery") { Description = "The delivery's id, as in 'webhook deliveries'." };
    private static readonly Option<string[]> Event = new("--event")
    {
        HelpName = "type", Description = "Only events of this type, once for each: alert.opened, alert.reminded, alert.recovered, message.failed, message.sent, message.bounced, message.delivered. Without it all but message.sent and message.delivered.", AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create() => new Command("webhook", "Receivers of events over HTTP, signed as Standard Webhooks describes.")
    {
        new Verb("add", "Add a receiver and print its secret, this once.", "webhook add on-call https://alerts.contoso.com/postrider", "webhook add failures https://hooks.contoso.com/mail --event message.failed") { Name, Url, Event }.Does(AddAsync),
        new Verb("list", "List the receivers.", "webhook list").Does(ListAsync),
        new Verb("test", "Send an event of type webhook.test now.", "webhook test on-call") { Name }.Does(TestAsync),
        new Verb("enable", "Tell it again, after it was switched off.", "webhook enable on-call") { Name }.Does(call => SwitchAsync(call, true)),
        new Verb("disable", "Tell it nothing for now.", "webhook disable on-call") { Name }.Does(call => SwitchAsync(call, false)),
        new Verb("renew-secret", "Make another secret and print it, this once; the old one signs beside it for a day.", "webhook renew-secret on-call") { Name }.Does(RenewAsync),
        new Verb("deliveries", "List what was sent to it and what came of that.", "webhook deliveries on-call") { Name }.Does(DeliveriesAsync),
        new Verb("replay", "Deliver something again.", "webhook replay on-call msg_0198f2") { Name, Delivery }.Does(ReplayAsync),
        new Verb("remove", "Remove a receiver with its deliveries.", "webhook remove on-call") { Name, Confirmation.Yes }.Does(RemoveAsync),
    };

    private static async Task AddAsync(Call call)
    {
        var created = await call.AskAsync(server => server.Webhooks.AddAsync(
            new WebhookInput { Name = call.Get(Name), Url = call.Get(Url), Events = call.Has(Event) ? call.Get(Event) : null }, call.Cancellation));
        Say(call, created, $"Added {created.Name}.");
        if (!call.Json)
            call.Output.Say($"See whether it arrives: postrider webhook test {created.Name}");
    }

    private static async Task RenewAsync(Call call) =>
        Say(call, await call.AskAsync(server => server.Webhooks.RenewSecretAsync(call.Get(Name), call.Cancellation)), "The old secret signs beside the new one for a day.");

    private static void Say(Call call, WebhookCreated created, string words) => call.Output.Show(created, PostriderJson.Default.WebhookCreated, _ =>
    {
        call.Output.Say($"{words} The secret that signs its requests is not shown again:");
        call.Output.Say(created.Secret);
    });

    private static async Task ListAsync(Call call)
    {
        var time = call.Terminal.Time;
        var page = await call.AskAsync(server => server.Webhooks.ListAsync(call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageWebhookView, _ => call.Output.Table(
            page.Items, "No webhooks. Add one with: postrider webhook add NAME URL",
            new("NAME", webhook => webhook.Name, whole: true),
            new("URL", webhook => webhook.Url),
            new("EVENTS", webhook => webhook.Events.Count == 0 ? "usual" : string.Join(", ", webhook.Events)),
            new("STATE", webhook => webhook switch
            {
                { DisabledReason: { } why } => $"off: {why}",
                { Enabled: false } => "off",
                { FailingSince: { } since } => $"failing since {Moments.Since(since, time)}: {webhook.LastError}",
                _ => "works",
            })));
    }

    private static async Task<int> TestAsync(Call call)
    {
        var delivery = await call.AskAsync(server => server.Webhooks.TestAsync(call.Get(Name), call.Cancellation));
        call.Output.Show(delivery, PostriderJson.Default.WebhookDeliveryView, _ => call.Output.Say(delivery.State == "delivered"
            ? $"Delivered: the receiver answered {delivery.Status}." : $"Not delivered: {Plain.Text(delivery.Error)}"));
        return delivery.State == "delivered" ? CommandLine.Done : CommandLine.Failed;
    }

    private static async Task SwitchAsync(Call call, bool on)
    {
        var webhook = await call.AskAsync(server => server.Webhooks.ChangeAsync(call.Get(Name), new WebhookInput { Enabled = on }, call.Cancellation));
        call.Output.Show(webhook, PostriderJson.Default.WebhookView, _ => call.Output.Say($"{webhook.Name} is {(on ? "on" : "off")}."));
    }

    private static async Task DeliveriesAsync(Call call)
    {
        var time = call.Terminal.Time;
        var page = await call.AskAsync(server => server.Webhooks.DeliveriesAsync(call.Get(Name), cancellation: call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageWebhookDeliveryView, _ => call.Output.Table(
            page.Items, "Nothing was sent to it yet. Try it with: postrider webhook test NAME",
            new("ID", delivery => delivery.Id, whole: true),
            new("TYPE", delivery => delivery.Type),
            new("STATE", delivery => delivery.State),
            new("ATTEMPTS", delivery => $"{delivery.Attempts}"),
            new("LAST", delivery => delivery.LastAt is { } last ? Moments.Since(last, time) : ""),
            new("ANSWER", delivery => delivery.Error ?? (delivery.Status is { } status ? $"{status}" : ""))));
    }

    private static async Task ReplayAsync(Call call)
    {
        var delivery = await call.AskAsync(server => server.Webhooks.ReplayAsync(call.Get(Name), call.Get(Delivery), call.Cancellation));
        call.Output.Show(delivery, PostriderJson.Default.WebhookDeliveryView, _ => call.Output.Say($"{delivery.Id} is delivered again; see 'postrider webhook deliveries {call.Get(Name)}'."));
    }

    private static async Task RemoveAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Remove {call.Get(Name)}? What it was sent is forgotten, and its secret with it."))
            return;
        await call.AskAsync(server => server.Webhooks.RemoveAsync(call.Get(Name), call.Cancellation));
        call.Output.Did("removed", call.Get(Name), $"Removed {call.Get(Name)}.");
    }
}
