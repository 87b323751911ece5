using System.Text;
using System.Text.Json.Nodes;
using Postrider.Cli;

namespace Postrider.Tests.Cli;

/// <summary>Runs command lines in this process, against a fake gateway, with nothing of this machine's environment.</summary>
internal sealed class Shell : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("postrider-cli-");
    private readonly Dictionary<string, string> environment = [];

    private Shell(FakeGateway gateway) => Gateway = gateway;

    public FakeGateway Gateway { get; }
    public string Out { get; private set; } = "";
    public string Error { get; private set; } = "";
    public JsonNode Json => JsonNode.Parse(Out)!;

    /// <summary>Whether a person sits at standard input; standard output is always a pipe.</summary>
    public bool SomeoneTypes { get; init; }

    public static async Task<Shell> StartAsync(bool someoneTypes = false)
    {
        var gateway = await FakeGateway.StartAsync();
        var shell = new Shell(gateway) { SomeoneTypes = someoneTypes };
        return shell.With("POSTRIDER_URL", gateway.Url).With("POSTRIDER_KEY", "the-key");
    }

    public Shell With(string variable, string value)
    {
        environment[variable] = value;
        return this;
    }

    public Shell Without(string variable)
    {
        environment.Remove(variable);
        return this;
    }

    public string File(string name, string content)
    {
        var path = Path.Combine(directory.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    public Task<int> RunAsync(params string[] args) => RunWithInputAsync("", args);

    public async Task<int> RunWithInputAsync(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var typed = new MemoryStream(Encoding.UTF8.GetBytes(input));
        var code = await CommandLine.RunAsync(args, new Terminal
        {
            Out = output,
            Error = error,
            In = typed,
            InIsTerminal = SomeoneTypes,
            Environment = name => environment.GetValueOrDefault(name),
            WorkingDirectory = directory.FullName,
            LookEvery = TimeSpan.FromMilliseconds(5),
        });
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        directory.Delete(recursive: true);
        await Gateway.DisposeAsync();
    }
}

/// <summary>Options are shared between the commands of one process, which runs one command line at a time.</summary>
[CollectionDefinition(Name)]
public sealed class OneCommandLineAtATime
{
    public const string Name = "command line";
}
