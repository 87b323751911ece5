using System.CommandLine;
using System.Text;
using Postrider.Client;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>Takes providers over from other programs, or from values copied out of a portal.</summary>
internal static class ProviderImportCommand
{
    private static readonly Argument<string[]> Files = new("file") { Description = "Files of one program, such as its configuration and its token files; - for standard input.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> From = new Option<string?>("--from") { HelpName = "email-oauth2-proxy|sasl-xoauth2|msmtp|postfix|paste", Description = "Whose files they are; found out when left out." }
        .AcceptOnlyFromAmong("email-oauth2-proxy", "sasl-xoauth2", "msmtp", "postfix", "paste");
    private static readonly Option<string[]> Only = new("--only") { HelpName = "account", Description = "Only this account; once for each." };
    private static readonly Option<string?> As = new("--name") { HelpName = "name", Description = "The provider's name, for one account." };
    private static readonly Option<string?> UserName = new("--user-name") { HelpName = "address", Description = "The mailbox, where the files do not say it." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be made, and make nothing." };

    public static Command Create() => new Verb("import", "Take providers over from other programs, or from values copied out of a portal: all or none.",
        "provider import emailproxy.config --dry-run", "provider import /etc/sasl-xoauth2.conf /etc/tokens/*", "provider import ~/.msmtprc --only work",
        "provider import /etc/postfix/sasl_passwd /etc/postfix/main.cf", "provider import - --from paste --user-name noreply@contoso.com") { Files, From, Only, As, UserName, DryRun }.Does(RunAsync);

    private static async Task<int> RunAsync(Call call)
    {
        var files = new List<ImportedFile>();
        foreach (var file in call.Get(Files))
            files.Add(new ImportedFile { Name = file == InputFile.StandardInput ? "" : Path.GetFileName(file), Content = Encoding.UTF8.GetString(await InputFile.ReadAsync(call, file)) });
        var result = await call.AskAsync(server => server.Providers.ImportAsync(new ProviderImportRequest
        {
            Files = files, From = call.Get(From), Only = call.Get(Only) ?? [], Name = call.Get(As), UserName = call.Get(UserName), DryRun = call.Get(DryRun),
        }, call.Cancellation));
        call.Output.Show(result, PostriderJson.Default.ProviderImportResult, _ => Write(call.Output, result));
        return result.Ok ? CommandLine.Done : CommandLine.Failed;
    }

    private static void Write(Output output, ProviderImportResult result)
    {
        if (result.From is { } from)
            output.Say($"Read as {from}.");
        foreach (var found in result.Providers)
            Write(output, found);
        foreach (var note in result.Notes)
            output.Say($"! {Plain.Text(note)}");
        if (!result.Ok && result.Providers.Any(found => found.Errors.Count > 0))
            output.Say("Nothing was imported. Mend what is marked, or name what is meant with --only.");
        else if (!result.Ok)
            output.Say("Nothing was imported.");
        else if (result.DryRun)
            output.Say($"A dry run: nothing was made. Without --dry-run {Plain.Count(result.Providers.Count, "provider")} will be.");
        foreach (var made in result.Providers.Where(found => found.Made))
            output.Say(made.Provider.Type == "password" || made.Secrets.Contains("refreshToken")
                ? $"See whether it works: postrider provider test {made.Provider.Name}" : $"Connect it: postrider provider connect {made.Provider.Name}");
    }

    private static void Write(Output output, ImportedProviderView found)
    {
        var mark = found switch { { Errors.Count: > 0 } => new StateMark(Color.Red, "✕", ""), { Made: true } => new StateMark(Color.Green, "✓", ""), _ => new StateMark(Color.Blue, "+", "") };
        var provider = found.Provider;
        output.Line(new Text($"{mark.Shape} {Plain.Text(provider.Name)}: {Plain.Text(provider.Type)} {Plain.Text(provider.UserName)} at {Plain.Text(provider.Address)}:{provider.Port}"
            + (found.Secrets.Count > 0 ? $", with {string.Join(", ", found.Secrets)}" : ""), mark.Style));
        foreach (var error in found.Errors)
            output.Say($"  ✕ {Plain.Text(error.Member)}: {Plain.Text(error.Message)}");
        foreach (var note in found.Notes)
            output.Say($"  ! {Plain.Text(note.Member)}: {Plain.Text(note.Message).Replace(" NAME", $" {Plain.Text(provider.Name)}", StringComparison.Ordinal)}");
    }
}
