using System.CommandLine;
using System.Text.Json.Nodes;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>What came back about mail that a provider took.</summary>
internal static class ReportsCommand
{
    private const int DefaultLimit = 50;

    private static readonly Option<string?> Kind = new("--kind") { HelpName = "kind", Description = "Only bounce, delay, delivery, relay, receipt, complaint, reply or unread." };
    private static readonly Option<string?> About = new("--class") { HelpName = "class", Description = "Only bounces and delays about: address, full, mailbox, size, server, routing, content, policy, expired or other." };
    private static readonly Option<string?> Message = new("--message") { HelpName = "id", Description = "Only what is about this message." };
    private static readonly Option<string?> Recipient = new("--recipient") { HelpName = "address", Description = "Only what is about this address." };
    private static readonly Option<int?> Limit = new("--limit") { HelpName = "number", Description = $"How many at most, up to 500 (default {DefaultLimit})." };
    private static readonly Option<string?> Cursor = new("--cursor") { HelpName = "text", Description = "Go on after a list; its nextCursor with --json." };
    private static readonly Argument<string> File = new("file") { Description = "The mail that came back, complete; - reads standard input." };
    private static readonly Argument<string> Id = new("id") { Description = "The report's id, as in 'reports'." };

    public static Command Create()
    {
        var reports = new Verb("reports", "List what came back about mail that was sent: bounces, delays, deliveries; the newest first.", "reports", "reports --kind bounce --class address")
            { Kind, About, Message, Recipient, Limit, Cursor };
        reports.Add(new Verb("add", "Hand in a mail that came back.", "reports add bounce.eml", "reports add - < bounce.eml") { File }.Does(AddAsync));
        reports.Add(new Verb("show", "Print the mail that a report was in, as it came.", "reports show 0190aaaabbbb7cccdddd000000000001") { Id }.Does(ShowAsync));
        return reports.Does(ListAsync);
    }

    private static async Task ListAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Reports.ListAsync(call.Get(Kind), call.Get(About), call.Get(Message), call.Get(Recipient), call.Get(Cursor), call.Get(Limit) ?? DefaultLimit, call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageReportView, _ => Write(call, page.Items));
    }

    private static async Task AddAsync(Call call)
    {
        using var content = new MemoryStream(await InputFile.ReadAsync(call, call.Get(File)!));
        var taken = await call.AskAsync(server => server.Reports.AddAsync(content, call.Cancellation));
        call.Output.Show(taken, PostriderJson.Default.ReportsTaken, _ =>
        {
            if (taken.Known)
                call.Output.Say("It was handed in before; nothing is done again.");
            Write(call, taken.Reports);
        });
    }

    private static async Task ShowAsync(Call call)
    {
        using var answer = await call.AskAsync(server => server.Reports.ContentAsync(call.Get(Id)!, call.Cancellation));
        var mail = await answer.Content.ReadAsStringAsync(call.Cancellation);
        if (call.Json)
            call.Output.Json(new JsonObject { ["content"] = mail });
        else
            await call.Terminal.Out.WriteAsync(mail);
    }

    private static void Write(Call call, IReadOnlyList<ReportView> reports) => call.Output.Table(
        reports, "Nothing came back.",
        new("RECEIVED", report => Moments.Since(report.ReceivedAt, call.Terminal.Time)),
        new("KIND", report => StateMark.OfReport(report.Kind).Text, Whole: true),
        new("RECIPIENT", report => report.Recipient ?? "", whole: true),
        new("ABOUT", report => string.Join(' ', new[] { report.Class, report.Status }.OfType<string>())),
        new("MESSAGE", report => report.Message is null ? "" : report.Certainty == "certain" ? report.Message : $"{report.Message} ({report.Certainty})", whole: true),
        new("SAID", report => report.Diagnostic ?? report.Subject),
        new("ID", report => report.Id, whole: true));
}
