using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.Json;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Runs one command line and turns every way to fail into words and one of three exit codes.</summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    // A gateway that stops finishes the messages in its hands; the other verbs end at once.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(60);

    // "@contoso.com" is a domain of senders here, not a file with more arguments.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        var parsed = CommandLineParser.Parse(Root(terminal), args, Parser);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = terminal.HearsSignals ? TimeToStop : null,
        };
        if (parsed.Action is ParseErrorAction errors)
        {
            // A verb was named: what is wrong with it is the answer, not a page of help that scrolls it away.
            errors.ShowHelp = parsed.CommandResult.Command is not Verb && parsed.UnmatchedTokens.Count == 0;
            await parsed.InvokeAsync(configuration);
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (UsageException problem)
        {
            await terminal.Error.WriteLineAsync($"postrider: {problem.Message}");
            return Usage;
        }
        catch (FailedException problem)
        {
            await terminal.Error.WriteLineAsync($"postrider: {problem.Message}");
            return Failed;
        }
        catch (PostriderException problem)
        {
            await SayAsync(problem.Problem, parsed.GetValue(GlobalOptions.Json), terminal.Error);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("postrider: stopped.");
            return Failed;
        }
    }

    private static PostriderCommand Root(Terminal terminal)
    {
        var root = new PostriderCommand(terminal);
        GlobalOptions.AddTo(root);
        foreach (var command in Program.Commands())
            root.Add(command);

        root.Options.OfType<VersionOption>().Single().Action = new SayVersion();
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static async Task SayAsync(Problem problem, bool json, TextWriter error)
    {
        if (json)
        {
            await error.WriteLineAsync(JsonSerializer.Serialize(problem, PostriderJson.Default.Problem));
            return;
        }

        await error.WriteLineAsync($"postrider: {Plain.Text(problem.Title)}");
        if (!string.IsNullOrEmpty(problem.Detail))
            await error.WriteLineAsync($"  {Plain.Text(problem.Detail)}");
        foreach (var (member, sentences) in problem.Errors ?? new Dictionary<string, string[]>())
        foreach (var sentence in sentences)
            await error.WriteLineAsync($"  {Plain.Text(member)}: {Plain.Text(sentence)}");
        if (!string.IsNullOrEmpty(problem.Remedy))
            await error.WriteLineAsync($"  {Plain.Text(problem.Remedy)}");
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
                output.WriteLine($"Examples:{Environment.NewLine}  postrider {string.Join($"{Environment.NewLine}  postrider ", verb.Examples)}");
            return Done;
        }
    }

    private sealed class SayVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(
                $"postrider {typeof(CommandLine).Assembly.GetName().Version?.ToString(3)}");
            return Done;
        }
    }
}
