using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>A PostgreSQL of the tests' own, as Debian's package brings it and with its defaults: every commit is flushed. One a test run,
/// a database a test. It ends with the process that started it, however that ends.</summary>
internal sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> One = new(() => Task.Run(() => StartAsync()));
    private static int databases;

    private readonly string directory;
    private readonly int port;
    private Process? process;

    private readonly Lazy<Task<string>> template;

    private PostgresServer(string directory, int port)
    {
        (this.directory, this.port) = (directory, port);
        template = new(MakeTemplateAsync);
    }

    /// <summary>The server that the tests share. Whoever stops a server starts one of their own.</summary>
    public static Task<PostgresServer> SharedAsync() => One.Value;

    public int Port => port;

    /// <summary>The process whose children are the server's.</summary>
    public int ProcessId => process!.Id;

    /// <returns>The connection string of an empty database.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref databases)}");
        await RunAsync($"create database {name}");
        return ConnectionString(name);
    }

    /// <returns>The connection string of a database that has the schema already, which is quicker than making it each time.</returns>
    public async Task<string> NewInstallationAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref databases)}");
        await RunAsync($"create database {name} template {await template.Value}");
        return ConnectionString(name);
    }

    private async Task<string> MakeTemplateAsync()
    {
        await RunAsync("create database template_of_tests");
        await (await Database.OpenAsync(new StorageOptions { ConnectionString = ConnectionString("template_of_tests") }, TimeProvider.System,
            NullLogger<Database>.Instance, CancellationToken.None)).DisposeAsync();
        return "template_of_tests";
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={port};Username=postgres;Database={database}";

    /// <summary>Runs statements as the server's administrator.</summary>
    public async Task RunAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=False;Timeout=15;Command Timeout=60");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<PostgresServer> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("postrider-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            await ShellAsync($"chown postgres '{directory}'", asPostgres: false);
        await ShellAsync($"'{Program("initdb")}' -D '{directory}/data' -U postgres -A trust -E UTF8 --no-sync >/dev/null", asPostgres: true);
        var server = new PostgresServer(directory, FreePort());
        await server.UpAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.process?.StandardInput.Close();
        return server;
    }

    /// <summary>Starts the server and waits until it answers.</summary>
    public async Task UpAsync()
    {
        // The shell ends the server when its input ends, which it does when this process is gone: at once, since nobody reads its files again,
        // and with no hold on our output, whose reader would wait for it.
        var run = $"""
            '{Program("postgres")}' -D '{directory}/data' -p {port} -h 127.0.0.1 -k '{directory}' -c max_connections=250 -c shared_buffers=64MB -c log_min_messages=fatal >>'{directory}/log' 2>&1 &
            pid=$!; rm -f '{directory}/stay'; exec >/dev/null 2>&1; cat; kill -QUIT $pid; wait $pid; [ -e '{directory}/stay' ] || rm -rf '{directory}'
            """;
        var start = Shell(run, asPostgres: true);
        start.RedirectStandardInput = true;
        process = Process.Start(start)!;
        for (var tries = 0; ; tries++)
            try
            {
                await RunAsync("select 1");
                return;
            }
            catch (Exception wrong) when (wrong is NpgsqlException && tries < 300)
            {
                await Task.Delay(50);
            }
    }

    /// <summary>Stops the server as <c>pg_ctl stop</c> does: "fast" ends all sessions, "immediate" is as good as a crash.</summary>
    public async Task DownAsync(string mode)
    {
        await ShellAsync($"touch '{directory}/stay'; '{Program("pg_ctl")}' -D '{directory}/data' -m {mode} -w stop >/dev/null", asPostgres: true);
        process!.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await DownAsync("immediate");
        Directory.Delete(directory, recursive: true);
    }

    private static ProcessStartInfo Shell(string script, bool asPostgres) =>
        asPostgres && Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", "sh", "-c", script]) { WorkingDirectory = "/" }
            : new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = "/" };

    private static async Task ShellAsync(string script, bool asPostgres)
    {
        var start = Shell(script, asPostgres);
        start.RedirectStandardError = true;
        using var shell = Process.Start(start)!;
        var error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        if (shell.ExitCode != 0)
            throw new InvalidOperationException($"{script}\n{error}");
    }

    private static string Program(string name) =>
        (Directory.Exists("/usr/lib/postgresql") ? (IEnumerable<string>)Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal) : Enumerable.Empty<string>())
        .Select(version => Path.Combine(version, "bin", name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{name} is missing: apt-get install postgresql");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
