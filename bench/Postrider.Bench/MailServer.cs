using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postrider.Bench;

/// <summary>A mail server that this machine can install, with a configuration and a queue of its own in a temporary directory.</summary>
internal abstract class MailServer : IAsyncDisposable
{
    private Process? process;

    public IPEndPoint Smtp { get; } = new(IPAddress.Loopback, FreePort());

    public int Pid => process?.Id ?? 0;

    /// <summary>Its unprivileged user passes through to its queue.</summary>
    protected string Directory { get; } = Open(System.IO.Directory.CreateTempSubdirectory("postrider-peer-").FullName, everybodyWrites: false);

    protected async Task StartAsync(string program, params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var said = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        for (var patience = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(Smtp);
                if (await socket.ReceiveAsync(new byte[512]) > 0)
                    return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
            if (process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(20))
                throw new InvalidOperationException($"{program} does not answer: {(process.HasExited ? await said : "no greeting within 20 s")}");
        }
    }

    protected static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, failed) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        return run.ExitCode == 0 ? await said : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {(await failed).Trim()}");
    }

    protected string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    protected string Folder(string name, bool everybodyWrites = false) =>
        Open(System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName, everybodyWrites);

    private static string Open(string directory, bool everybodyWrites)
    {
        // None of these mail servers runs on Windows.
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(directory, everybodyWrites ? read | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite : read);
        }
        return directory;
    }

    protected string Port => Smtp.Port.ToString(CultureInfo.InvariantCulture);

    protected virtual Task StopAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            try
            {
                await StopAsync();
            }
            finally
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
