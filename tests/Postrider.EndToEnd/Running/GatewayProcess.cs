using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Postrider.Client;

namespace Postrider.EndToEnd.Running;

/// <summary>The real gateway, as <c>postrider serve</c> in a process of its own, so that it can be killed and leaves what it leaves.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30), StopTime = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly ConcurrentQueue<string> output;
    private readonly HttpClient http;

    private GatewayProcess(Process process, ConcurrentQueue<string> output, string dataDirectory, Uri httpUrl, IPEndPoint smtp, IPEndPoint? smtps, string? adminKey)
    {
        (this.process, this.output, DataDirectory, HttpUrl, Smtp, Smtps) = (process, output, dataDirectory, httpUrl, smtp, smtps);
        http = new HttpClient { BaseAddress = httpUrl, Timeout = TimeSpan.FromSeconds(60) };
        // A node that joins others has no first key of its own: it knows theirs.
        AdminKey = File.Exists(Path.Combine(dataDirectory, "admin.key")) ? File.ReadAllText(Path.Combine(dataDirectory, "admin.key")).Trim() : adminKey!;
        http.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        Api = PostriderClient.For(new HttpClient(), httpUrl, AdminKey);
    }

    public string DataDirectory { get; }
    public Uri HttpUrl { get; }
    public IPEndPoint Smtp { get; }
    public IPEndPoint? Smtps { get; }
    public string AdminKey { get; }
    public int ProcessId => process.Id;

    /// <summary>The typed client with the administrator's key.</summary>
    public PostriderClient Api { get; }

    /// <summary>A plain HTTP client with the administrator's key, for requests that the typed one would not make.</summary>
    public HttpClient Http => http;

    /// <summary>Everything that the process wrote to standard output and error so far.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>The executable that the build left beside the tests.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "postrider");

    /// <param name="settings">Environment of the process, for example <c>POSTRIDER__Mail__Lifetime</c>.</param>
    /// <param name="wrap">Program and arguments to run the gateway under, such as strace.</param>
    public static async Task<GatewayProcess> StartAsync(string dataDirectory, IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyList<string>? arguments = null, IReadOnlyList<string>? wrap = null, string smtp = "127.0.0.1:0", string? adminKey = null)
    {
        List<string> command = [.. wrap ?? [], Executable, "serve", "--data", dataDirectory, "--http", "127.0.0.1:0", "--smtp", smtp, .. arguments ?? []];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var output = new ConcurrentQueue<string>();
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                return;
            output.Enqueue(line.Data);
            if (line.Data.StartsWith("ready ", StringComparison.Ordinal))
                ready.TrySetResult(line.Data);
        };
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The gateway ended before it was ready:\n" + string.Join('\n', output)));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var words = (await ready.Task.WaitAsync(StartTime)).Split(' ').Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new GatewayProcess(process, output, dataDirectory, new Uri(words["http"]), IPEndPoint.Parse(words["smtp"]),
            words.TryGetValue("smtps", out var smtps) ? IPEndPoint.Parse(smtps) : null, adminKey);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().WaitAsync(StopTime);
    }

    /// <summary>SIGTERM, and wait.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
            Signal(process.Id, 15);
        await process.WaitForExitAsync().WaitAsync(StopTime);
        return process.ExitCode;
    }

    public static void Signal(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
            throw new InvalidOperationException($"kill({processId}, {signal}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        // To look into a failure: POSTRIDER_TEST_LOG=FILE keeps what the gateways said.
        if (Environment.GetEnvironmentVariable("POSTRIDER_TEST_LOG") is { Length: > 0 } file)
            await File.AppendAllTextAsync(file, Output + "\n");
        process.Dispose();
        http.Dispose();
    }

    /// <summary>Runs the command line against this gateway, as a person would in another terminal.</summary>
    public Task<(int ExitCode, string Output, string Error)> CliAsync(params string[] arguments) => CliAsync("", arguments);

    public async Task<(int ExitCode, string Output, string Error)> CliAsync(string input, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["POSTRIDER_DATA"] = DataDirectory;
        using var cli = Process.Start(start)!;
        await cli.StandardInput.WriteAsync(input);
        cli.StandardInput.Close();
        var (text, error) = (cli.StandardOutput.ReadToEndAsync(), cli.StandardError.ReadToEndAsync());
        await cli.WaitForExitAsync().WaitAsync(StopTime);
        return (cli.ExitCode, await text, await error);
    }

    /// <summary>Waits for something to become true, asking again at short intervals; the way to watch a process from outside.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T?>> look, string what, TimeSpan? within = null) where T : class
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } seen)
                return seen;
            if (patience.Elapsed > (within ?? TimeSpan.FromSeconds(30)))
                throw new TimeoutException($"It did not come to pass: {what}");
            await Task.Delay(25);
        }
    }

    /// <summary>Waits until a message has the state.</summary>
    public Task<MessageDetail> MessageIsAsync(string id, string state, TimeSpan? within = null) => EventuallyAsync(
        async () => await Api.Messages.GetAsync(id, CancellationToken.None) is var message && message.State == state ? message : null, $"message {id} is {state}", within);
}
