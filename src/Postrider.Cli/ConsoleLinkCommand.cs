using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>A way into the console for somebody who has the server's data directory or an administrator's key.</summary>
internal static class ConsoleLinkCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Whose password it sets; left out, it makes the first owner.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create() => new Verb("console-link", "Make a link into the console that works once: for the first owner, or to set a password.",
        "console-link", "console-link anna") { Name }.Does(MakeAsync);

    private static async Task MakeAsync(Call call)
    {
        var link = await call.AskAsync(server => server.Console.LinkAsync(call.Get(Name), call.Cancellation));
        call.Output.Show(link, PostriderJson.Default.ConsoleLink, _ =>
        {
            call.Output.Say($"Open this within the hour; it works once: {link.Url}");
        });
    }
}
