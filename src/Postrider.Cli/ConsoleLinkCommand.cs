using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>A way into the console for somebody who has the server's data directory or an administrator's key.</summary>
internal static class ConsoleLinkCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Whose password it sets; left out, it makes the first owner.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<bool> Reset = new("--reset-codes") { Description = "Also take away codes and passkeys, for one who has lost the device." };

    public static Command Create() => new Verb("console-link", "Make a link into the console that works once: for the first owner, or to set a password.",
        "console-link", "console-link anna", "console-link anna --reset-codes") { Name, Reset }.Does(MakeAsync);

    private static async Task MakeAsync(Call call)
    {
        if (call.Get(Reset) && call.Get(Name) is null)
            throw new UsageException("--reset-codes needs the name of the person.");
        var link = await call.AskAsync(server => call.Get(Reset) ? server.Console.ResetAsync(call.Get(Name)!, call.Cancellation) : server.Console.LinkAsync(call.Get(Name), call.Cancellation));
        call.Output.Show(link, PostriderJson.Default.ConsoleLink, _ =>
        {
            call.Output.Say($"Open this within the hour; it works once: {link.Url}");
        });
    }
}
