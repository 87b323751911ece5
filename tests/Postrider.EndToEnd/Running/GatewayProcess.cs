using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace Postrider.EndToEnd.Running;

/// <summary>The real gateway, as <c>postrider serve</c> in a process of its own, so that it can be killed and leaves what it leaves.</summary>
public sealed class GatewayProcess : RunningGateway
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30), StopTime = TimeSpan.FromSeconds(60);
    private readonly Process process;

    private GatewayProcess(Process process, ConcurrentQueue<string> output, string dataDirectory, Uri httpUrl, IPEndPoint smtp, IPEndPoint? smtps, string? adminKey)
        : base(output, dataDirectory, httpUrl, smtp, smtps, adminKey) => this.process = process;

    public int ProcessId => process.Id;

    /// <param name="settings">Environment of the process, for example <c>POSTRIDER__Mail__Lifetime</c>.</param>
    /// <param name="executable">Of another version; this one's when left out.</param>
    /// <param name="wrap">Program and arguments to run the gateway under, such as strace.</param>
    public static async Task<GatewayProcess> StartAsync(string dataDirectory, IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyList<string>? arguments = null, IReadOnlyList<string>? wrap = null, string smtp = "127.0.0.1:0", string? adminKey = null, string? executable = null)
    {
        List<string> command = [.. wrap ?? [], executable ?? Executable, "serve", "--data", dataDirectory, "--http", "127.0.0.1:0", "--smtp", smtp, .. arguments ?? []];
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
        process.Exited += async (_, _) =>
        {
            if (ready.Task.IsCompleted)
                return;
            // Waits for the last of its words too.
            await process.WaitForExitAsync();
            ready.TrySetException(new InvalidOperationException("The gateway ended before it was ready:\n" + string.Join('\n', output)));
        };
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
    public override async Task<int> StopAsync()
    {
        if (!process.HasExited)
            Signal(process.Id, 15);
        await process.WaitForExitAsync().WaitAsync(StopTime);
        return process.ExitCode;
    }

    /// <summary>Waits for it to end by itself.</summary>
    public async Task<int> EndsAsync(TimeSpan within)
    {
        await process.WaitForExitAsync().WaitAsync(within);
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

    private protected override async Task EndAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }
}
