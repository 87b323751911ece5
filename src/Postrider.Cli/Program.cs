using System.CommandLine;

namespace Postrider.Cli;

/// <summary>The table of contents: one line a noun or a verb without one.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Terminal.OfThisProcess());

    internal static IEnumerable<Command> Commands() =>
    [
        ServeCommand.Create(),
        DemoCommand.Create(),
        ProviderCommand.Create(),
        ClientCommand.Create(),
        KeyCommand.Create(),
        SendCommand.Create(),
        MessageCommand.Create(),
        QueueCommand.Create(),
        RouteCommand.Create(),
        DoctorCommand.Create(),
        ConsoleLinkCommand.Create(),
        ExplainCommand.Create(),
        AlertCommand.Create(),
        AuditCommand.Create(),
        SecretsCommand.Create(),
        WebhookCommand.Create(),
        ReportsCommand.Create(),
        SuppressionsCommand.Create(),
        .. CopyCommands.Create(),
    ];
}
