using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A program that is not ours, as Debian packages it. One that is missing fails the test: what was not tried is not known to work.</summary>
internal sealed class ForeignProgram : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60), StopTime = TimeSpan.FromSeconds(10), RunTime = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> output = new();
    private readonly Process process;

    private ForeignProgram(string path, IReadOnlyList<string> arguments)
    {
        process = new Process { StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', output);

    /// <summary>Starts a server. Servers give up root for the users that their packages made, so they need to be root first.</summary>
    public static ForeignProgram Start(string name, string package, params IReadOnlyList<string> arguments)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Fail($"{name} changes to users of its own, so this test must be run by root.");
        return new ForeignProgram(Find(name, package), arguments);
    }

    /// <summary>Runs a client to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, string package, string input, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Find(name, package), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var client = Process.Start(start)!;
        var (text, error) = (client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.StandardInput.WriteAsync(input);
        client.StandardInput.Close();
        try
        {
            await client.WaitForExitAsync().WaitAsync(RunTime);
        }
        catch (TimeoutException)
        {
            client.Kill(entireProcessTree: true);
            throw;
        }
        return (client.ExitCode, await text + await error);
    }

    /// <summary>Waits until a server greets on a port.</summary>
    public async Task GreetsAsync(int port)
    {
        try
        {
            await GatewayProcess.EventuallyAsync(() => GreetingAsync(port), $"a greeting on port {port}", StartTime);
        }
        catch (TimeoutException silence)
        {
            throw new TimeoutException($"{silence.Message}\n{Output}", silence);
        }
    }

    private async Task<string?> GreetingAsync(int port)
    {
        if (process.HasExited)
            throw new InvalidOperationException($"{process.StartInfo.FileName} ended:\n{Output}");
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port);
            using var reader = new StreamReader(socket.GetStream());
            return await reader.ReadLineAsync().WaitAsync(StopTime) is { } line && line.StartsWith("220", StringComparison.Ordinal) ? line : null;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            return null;
        }
    }

    /// <summary>Waits until the program has written something.</summary>
    public Task SaysAsync(string text) => GatewayProcess.EventuallyAsync(() => Task.FromResult(Output is var said && said.Contains(text, StringComparison.Ordinal) ? said : null),
        $"{Path.GetFileName(process.StartInfo.FileName)} says \"{text}\"");

    /// <summary>SIGTERM, and wait.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            GatewayProcess.Signal(process.Id, Terminate);
        // Not for the end of what it writes: a child that still has a connection holds that open, and ends with it.
        if (!await Task.Run(() => process.WaitForExit(StopTime)))
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    // /usr/sbin, where servers live, is not on everybody's path.
    private static string Find(string name, string package)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/usr/bin"]);
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Fail($"This test needs {name}. Install it: apt-get install {package}");
        return found;
    }
}
