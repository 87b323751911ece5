using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Postrider.Client;
using Postrider.Server;

namespace Postrider.Cli;

/// <summary>The real gateway as a child process. It has to be one: which certificates a process trusts is settled when it starts.</summary>
internal sealed class DemoGateway : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30), StopTime = TimeSpan.FromSeconds(20);
    private readonly Process process;

    private DemoGateway(Process process, string dataDirectory, Uri http, IPEndPoint smtp)
    {
        (this.process, DataDirectory, Http, Smtp) = (process, dataDirectory, http, smtp);
        Api = PostriderClient.For(new HttpClient(), http, File.ReadAllText(Path.Combine(dataDirectory, "admin.key")).Trim());
    }

    public string DataDirectory { get; }
    public Uri Http { get; }
    public IPEndPoint Smtp { get; }
    public PostriderClient Api { get; }

    private static string Executable => Environment.ProcessPath ?? throw new FailedException("The path of the running program cannot be found.");

    public static async Task<DemoGateway> StartAsync(string data, string? http, string? smtp, string caFile, CancellationToken cancellation)
    {
        var start = Command(["serve", "--data", data, "--http", http ?? FreeOr(GatewayArguments.DefaultHttp), "--smtp", smtp ?? FreeOr(GatewayArguments.DefaultSmtp)]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["SSL_CERT_FILE"] = caFile;
        var process = Process.Start(start)!;
        // Kept for the case that it does not start; afterwards it is only drained.
        var log = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(StartTime);
        if (await process.StandardOutput.ReadLineAsync(patience.Token) is not { } ready || !ready.StartsWith("ready ", StringComparison.Ordinal))
            throw new FailedException($"The gateway did not start: {(process.HasExited ? (await log).Trim() : "it said nothing")}");
        var doors = ready.Split(' ').Skip(1).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new DemoGateway(process, data, new Uri(doors["http"]), IPEndPoint.Parse(doors["smtp"]));
    }

    /// <summary>Runs another verb of this program against the gateway, as a person would.</summary>
    public async Task RunCliAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = Command(arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        start.Environment["POSTRIDER_DATA"] = DataDirectory;
        using var cli = Process.Start(start)!;
        cli.StandardInput.Close();
        var (said, wrong) = (cli.StandardOutput.ReadToEndAsync(cancellation), cli.StandardError.ReadToEndAsync(cancellation));
        await cli.WaitForExitAsync(cancellation);
        if (cli.ExitCode != CommandLine.Done)
            throw new FailedException($"postrider send failed: {await wrong}{await said}");
    }

    public Task EndedAsync(CancellationToken cancellation) =>
        process.WaitForExitAsync(cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private static ProcessStartInfo Command(IEnumerable<string> arguments) => new(Executable, arguments);

    /// <summary>The usual door where nobody else has it, and otherwise a free one.</summary>
    private static string FreeOr(string usual)
    {
        try
        {
            using var probe = new TcpListener(IPEndPoint.Parse(usual));
            probe.Start();
            return usual;
        }
        catch (SocketException)
        {
            return "127.0.0.1:0";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var term = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            try
            {
                await process.WaitForExitAsync().WaitAsync(StopTime);
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }
        process.Dispose();
    }
}
