using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Who did what, from where.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 50;

    private static readonly Option<string?> Actor = new("--actor") { HelpName = "name", Description = "Only what this person or key did." };
    private static readonly Option<string?> Action = new("--action") { HelpName = "words", Description = "Only acts with these words, such as 'client removed'." };
    private static readonly Option<string?> Target = new("--target") { HelpName = "name", Description = "Only what was done to this, by name or id." };
    private static readonly Option<string?> Door = new("--door") { HelpName = "console|api", Description = "Only what came through this door." };
    private static readonly Option<string?> Since = new("--since") { HelpName = "moment", Description = "From then on: 2026-05-01, or 2h (30m, 7d) ago." };
    private static readonly Option<string?> Until = new("--until") { HelpName = "moment", Description = "Before then." };
    private static readonly Option<int?> Limit = new("--limit") { HelpName = "number", Description = $"How many at most, up to 500 (default {DefaultLimit})." };
    private static readonly Option<string?> Cursor = new("--cursor") { HelpName = "text", Description = "Go on after a list; its nextCursor with --json." };

    public static Command Create()
    {
        var audit = new Verb("audit", "List who did what, from where; the newest first.", "audit --since 1d", "audit --actor anna --action 'message content'")
            { Actor, Action, Target, Door.AcceptOnlyFromAmong("console", "api"), Since, Until, Limit, Cursor };
        audit.Add(new Verb("verify", "Tell whether the audit is as it was written; ends with 1 when it is not.", "audit verify", "audit verify --json").Does(VerifyAsync));
        return audit.Does(ListAsync);
    }

    private static async Task<int> VerifyAsync(Call call)
    {
        var seen = await call.AskAsync(server => server.Console.VerifyAuditAsync(call.Cancellation));
        call.Output.Show(seen, PostriderJson.Default.AuditVerification, _ =>
        {
            var mark = StateMark.OfStep(seen.Holds);
            call.Output.Line(new Spectre.Console.Text($"{mark.Shape} {(seen.Holds ? $"The audit is as it was written: {seen.Rows} rows, none changed, missing or put in." : "The audit is NOT as it was written.")}", mark.Style));
            foreach (var problem in seen.Problems)
                call.Output.Say($"  {Plain.Text(problem)}");
            if (seen.Unchained > 0)
                call.Output.Say($"{seen.Unchained} rows are from before rows were chained: nothing is known of them.");
            if (seen.Unjudged > 0)
                call.Output.Say($"{seen.Unjudged} rows were chained with a key that is lost: of them only the order is known.");
            if (seen.Head is { } head)
                call.Output.Say($"Head: row {head.Number}, {head.Hash}");
        });
        return seen.Holds ? CommandLine.Done : CommandLine.Failed;
    }

    private static async Task ListAsync(Call call)
    {
        var time = call.Terminal.Time;
        var question = new AuditQuestion
        {
            Actor = call.Get(Actor), Action = call.Get(Action), Target = call.Get(Target), Door = call.Get(Door),
            Since = Moments.Past(Since.Name, call.Get(Since), time), Until = Moments.Past(Until.Name, call.Get(Until), time),
        };
        var page = await call.AskAsync(server => server.Console.AuditAsync(question, call.Get(Limit) ?? DefaultLimit, call.Get(Cursor), call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageAuditView, _ => call.Output.Table(
            page.Items, "Nothing of that kind was done.",
            new("AT", entry => Moments.At(entry.At, time), whole: true),
            new("WHO", entry => entry.Actor),
            new("THROUGH", entry => entry.Door),
            new("DID", entry => entry.Action),
            new("TO", entry => entry.Target),
            new("DETAIL", entry => entry.Detail),
            new("FROM", entry => entry.Address)));
    }
}
