using System.CommandLine;

namespace Postrider.Cli;

/// <summary>Asks before an act that cannot be undone, where somebody sits there to be asked. Scripts said what they want by calling.</summary>
internal static class Confirmation
{
    public static Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do not ask first." };

    /// <summary>True when the person agrees, said <c>--yes</c>, or nobody is there.</summary>
    public static async Task<bool> AskUnlessScriptedAsync(Call call, string question) =>
        call.Get(Yes) || call.Json || !call.Terminal.InIsTerminal || await AskAsync(call, question);

    public static async Task<bool> AskAsync(Call call, string question)
    {
        await call.Terminal.Out.WriteAsync($"{question} [y/N] ");
        using var reader = new StreamReader(call.Terminal.In, leaveOpen: true);
        var agreed = (await reader.ReadLineAsync(call.Cancellation))?.Trim() is "y" or "Y" or "yes";
        if (!agreed)
            call.Output.Say("Nothing changed.");
        return agreed;
    }
}
