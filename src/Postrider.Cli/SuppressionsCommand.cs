using System.CommandLine;
using System.Text;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>The addresses that nothing is sent to.</summary>
internal static class SuppressionsCommand
{
    private const int DefaultLimit = 100;

    private static readonly Argument<string> Address = new("address") { Description = "The whole address." };
    private static readonly Argument<string> File = new("file") { Description = "An address a line, with a comma and the reason behind it; - reads standard input." };
    private static readonly Option<string?> Find = new("--find") { HelpName = "text", Description = "Only addresses with this in them." };
    private static readonly Option<string?> Detail = new("--detail") { HelpName = "words", Description = "Why, for those who find it there." };
    private static readonly Option<int?> Limit = new("--limit") { HelpName = "number", Description = $"How many at most, up to 500 (default {DefaultLimit})." };
    private static readonly Option<string?> Cursor = new("--cursor") { HelpName = "text", Description = "Go on after a list; its nextCursor with --json." };

    public static Command Create() => new Command("suppressions", "Addresses that nothing is sent to.")
    {
        new Verb("list", "List them, the newest first.", "suppressions list", "suppressions list --find @example.org") { Find, Limit, Cursor }.Does(ListAsync),
        new Verb("add", "Send nothing more to an address.", "suppressions add someone@example.org --detail 'asked to be left alone'") { Address, Detail }.Does(AddAsync),
        new Verb("remove", "Send to an address again.", "suppressions remove someone@example.org") { Address }.Does(RemoveAsync),
        new Verb("import", "Put many on the list; ends with 1 when a line was not taken.", "suppressions import addresses.csv") { File }.Does(ImportAsync),
    };

    private static async Task ListAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Suppressions.ListAsync(call.Get(Find), call.Get(Cursor), call.Get(Limit) ?? DefaultLimit, call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageSuppressionView, _ => call.Output.Table(
            page.Items, call.Has(Find) ? "No such address is on the list." : "Nobody is on the list: everything is sent.",
            new("ADDRESS", one => one.Address, whole: true),
            new("SINCE", one => Moments.Since(one.AddedAt, call.Terminal.Time)),
            new("BY", one => one.Reason == "bounce" ? "bounce" : one.Actor),
            new("WHY", one => one.Detail ?? ""),
            new("MESSAGE", one => one.Message ?? "", whole: true)));
    }

    private static async Task AddAsync(Call call)
    {
        var added = await call.AskAsync(server => server.Suppressions.AddAsync(new SuppressionInput { Address = call.Get(Address)!, Detail = call.Get(Detail) }, call.Cancellation));
        call.Output.Show(added, PostriderJson.Default.SuppressionView, _ => call.Output.Say($"Nothing is sent to {Plain.Text(added.Address)}."));
    }

    private static async Task RemoveAsync(Call call)
    {
        await call.AskAsync(server => server.Suppressions.RemoveAsync(call.Get(Address)!, call.Cancellation));
        call.Output.Did("removed", call.Get(Address)!, $"{Plain.Text(call.Get(Address))} is sent to again. Messages that failed are sent again with: postrider message retry ID");
    }

    private static async Task<int> ImportAsync(Call call)
    {
        var lines = Encoding.UTF8.GetString(await InputFile.ReadAsync(call, call.Get(File)!));
        var done = await call.AskAsync(server => server.Suppressions.ImportAsync(lines, call.Cancellation));
        call.Output.Show(done, PostriderJson.Default.SuppressionsImported, _ =>
        {
            call.Output.Say($"Added {done.Added}; {done.Known} were on the list already, {done.NotTakenCount} lines were not taken.");
            foreach (var one in done.NotTaken)
                call.Output.Say($"  line {one.Line}: {Plain.Text(one.Text)}: {Plain.Text(one.Why)}");
        });
        return done.NotTakenCount == 0 ? CommandLine.Done : CommandLine.Failed;
    }
}
