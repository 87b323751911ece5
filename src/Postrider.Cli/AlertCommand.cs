using System.CommandLine;
using Postrider.Client;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>What is wrong, and who is told.</summary>
internal static class AlertCommand
{
    private static readonly Option<bool> All = new("--all") { Description = "Also what has recovered." };
    private static readonly Option<string?> Provider = new("--provider") { HelpName = "name", Description = "Only what is about this provider." };
    private static readonly Option<string[]> To = new("--to") { HelpName = "address", Description = "Who gets alert mail; once for each address.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Through = new("--through") { HelpName = "provider", Description = "Which provider it goes through; never the one that it is about. Left out: any that is ready." };
    private static readonly Option<bool> Nobody = new("--nobody") { Description = "Send none." };

    public static Command Create()
    {
        var alerts = new Verb("alerts", "List what is wrong and what to do about it.", "alerts", "alerts --all --provider microsoft365") { All, Provider };
        alerts.Add(new Verb("mail", "Show or say who gets alert mail.", "alerts mail", "alerts mail --to ops@contoso.com --through google", "alerts mail --nobody") { To, Through, Nobody }.Does(MailAsync));
        return alerts.Does(ListAsync);
    }

    private static async Task<int> ListAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Alerts.ListAsync(call.Get(All), call.Get(Provider), limit: 200, cancellation: call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageAlertView, _ => Write(call, page.Items));
        return page.Items.Any(alert => alert is { State: "open", Severity: "error" }) ? CommandLine.Failed : CommandLine.Done;
    }

    private static void Write(Call call, IReadOnlyList<AlertView> alerts)
    {
        if (alerts.Count == 0)
            call.Output.Say(call.Get(All) ? "Nothing is wrong, and nothing was." : "Nothing is wrong.");
        foreach (var (index, alert) in alerts.Index())
        {
            if (index > 0)
                call.Output.Say("");
            var mark = StateMark.OfAlert(alert.State, alert.Severity);
            call.Output.Line(new Text($"{mark.Shape} {Plain.Text(alert.Title)}", mark.Style));
            call.Output.Say($"  Since {Moments.At(alert.OpenedAt, call.Terminal.Time)}{(alert.RecoveredAt is { } end ? $", until {Moments.At(end, call.Terminal.Time)}" : "")}");
            Remedies.Write(call.Output, "Detail", alert.Detail);
            if (alert.State == "open")
                Remedies.Write(call.Output, "Remedy", alert.Remedy);
        }
    }

    private static async Task MailAsync(Call call)
    {
        if (call.Get(Nobody) && (call.Has(To) || call.Has(Through)))
            throw new UsageException("--nobody excludes --to and --through.");
        var set = call.Get(Nobody) || call.Has(To) || call.Has(Through);
        var before = await call.AskAsync(server => server.Alerts.MailAsync(call.Cancellation));
        var mail = !set ? before : await call.AskAsync(server => server.Alerts.SetMailAsync(call.Get(Nobody) ? new() : new AlertMailSettings
        {
            To = call.Has(To) ? call.Get(To)! : before.To, Provider = call.Has(Through) ? call.Get(Through) : before.Provider,
        }, call.Cancellation));
        call.Output.Show(mail, PostriderJson.Default.AlertMailSettings, _ => call.Output.Say(mail.To.Count == 0
            ? "Nobody gets alert mail. Say who: postrider alerts mail --to ADDRESS"
            : $"Alert mail goes to {string.Join(", ", mail.To.Select(Plain.Text))} through {(mail.Provider is { } provider ? $"{Plain.Text(provider)}, or another where that one is broken" : "any provider that is ready")}."));
    }
}
