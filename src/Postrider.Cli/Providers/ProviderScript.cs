using System.CommandLine;
using System.Text.Json.Nodes;

namespace Postrider.Cli;

/// <summary>Prints the script that registers a provider's application.</summary>
internal static class ProviderScript
{
    private static readonly Option<string> For = Choice("--for", "What runs it (default azure-cli).", "azure-cli", "powershell", "graph");
    private static readonly Option<string> Way = Choice("--way", "For client credentials: the Entra role SMTP.SendAsApp (default), or RBAC for Applications in Exchange.", "app-role", "rbac");
    private static readonly Option<string> Credential = Choice("--credential", "What the application proves itself with (default secret).", "secret", "certificate");

    public static Command Create(Argument<string> name) => new Verb("script", "Print the script that registers its application, with the values filled in.",
        "provider script microsoft365 > register.sh", "provider script microsoft365 --for powershell > register.ps1", "provider script app-only --for azure-cli --way rbac") { name, For, Way, Credential }.Does(call => RunAsync(call, name));

    private static async Task RunAsync(Call call, Argument<string> name)
    {
        var text = await call.AskAsync(server => server.Providers.ScriptAsync(call.Get(name), call.Get(For) ?? "azure-cli", call.Get(Way), call.Get(Credential), call.Cancellation));
        if (call.Json)
            call.Output.Json(new JsonObject { ["script"] = text });
        else
            await call.Terminal.Out.WriteAsync(text);
    }

    private static Option<string> Choice(string name, string description, params string[] values) =>
        new Option<string>(name) { HelpName = string.Join('|', values), Description = description }.AcceptOnlyFromAmong(values);
}
