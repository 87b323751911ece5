using System.CommandLine;
using Postrider.Client;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>Explains an error that somebody has in hand.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string[]> Said = new("error") { Description = "The error as it was said: an SMTP reply, an OAuth error, an AADSTS number, or words of one; - for standard input.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Type = new Option<string?>("--type") { HelpName = "microsoft|google|oauth2|password", Description = "Whose words they are, where that is not plain." }
        .AcceptOnlyFromAmong("microsoft", "google", "oauth2", "password");

    public static Command Create() => new Verb("explain", "Say what an error means and what to do about it.",
        "explain \"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox\"", "explain AADSTS7000222", "explain - < error.txt") { Said, Type }.Does(RunAsync);

    private static async Task<int> RunAsync(Call call)
    {
        var said = call.Get(Said) is [InputFile.StandardInput]
            ? System.Text.Encoding.UTF8.GetString(await InputFile.ReadAsync(call, InputFile.StandardInput)) : string.Join(' ', call.Get(Said));
        var page = await call.AskAsync(server => server.Alerts.ExplainAsync(said.Trim(), call.Get(Type), call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageFailureView, _ => Write(call.Output, page.Items));
        return page.Items.Count > 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static void Write(Output output, IReadOnlyList<FailureView> found)
    {
        if (found.Count == 0)
            output.Say("Nothing in this is known. Give the whole reply with its numbers, such as \"535 5.7.3 Authentication unsuccessful\".");
        foreach (var (index, failure) in found.Index())
        {
            if (index > 0)
                output.Say("");
            output.Line(new Text(Plain.Text(failure.Title), new Style(decoration: Decoration.Bold)));
            Remedies.Write(output, "Cause", failure.Cause);
            Remedies.Write(output, "Remedy", failure.Remedy);
            if (failure.Documentation is { } page)
                Remedies.Write(output, "See", page.AbsoluteUri);
        }
    }
}
