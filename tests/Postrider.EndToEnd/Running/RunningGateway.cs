using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Postrider.Client;

namespace Postrider.EndToEnd.Running;

/// <summary>A gateway at work with its doors open, and how a test gets at it.</summary>
public abstract class RunningGateway : IAsyncDisposable
{
    private static readonly TimeSpan CliTime = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> output;

    private protected RunningGateway(ConcurrentQueue<string> output, string dataDirectory, Uri httpUrl, IPEndPoint smtp, IPEndPoint? smtps, string? adminKey)
    {
        (this.output, DataDirectory, HttpUrl, Smtp, Smtps) = (output, dataDirectory, httpUrl, smtp, smtps);
        Http = new HttpClient { BaseAddress = httpUrl, Timeout = TimeSpan.FromSeconds(60) };
        // A node that joins others has no first key of its own: it knows theirs.
        AdminKey = File.Exists(Path.Combine(dataDirectory, "admin.key")) ? File.ReadAllText(Path.Combine(dataDirectory, "admin.key")).Trim() : adminKey!;
        Http.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        Api = PostriderClient.For(new HttpClient(), httpUrl, AdminKey);
    }

    public string DataDirectory { get; }
    public Uri HttpUrl { get; }
    public IPEndPoint Smtp { get; }
    public IPEndPoint? Smtps { get; }
    public string AdminKey { get; }

    /// <summary>The typed client with the administrator's key.</summary>
    public PostriderClient Api { get; }

    /// <summary>A plain HTTP client with the administrator's key, for requests that the typed one would not make.</summary>
    public HttpClient Http { get; }

    /// <summary>Everything that it has said so far.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>The executable that the build left beside the tests.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "postrider");

    /// <summary>Ends it as an administrator does, and waits.</summary>
    /// <returns>The exit code.</returns>
    public abstract Task<int> StopAsync();

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        // To look into a failure: POSTRIDER_TEST_LOG=FILE keeps what the gateways said.
        if (Environment.GetEnvironmentVariable("POSTRIDER_TEST_LOG") is { Length: > 0 } file)
            await File.AppendAllTextAsync(file, Output + "\n");
        Http.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends it if it has not ended, without waiting for what it is at.</summary>
    private protected abstract Task EndAsync();

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
        await cli.WaitForExitAsync().WaitAsync(CliTime);
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
