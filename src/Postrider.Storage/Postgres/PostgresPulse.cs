using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>Asks the database every few seconds whether it is there and what time it is, and says so when something about it is wrong.</summary>
internal sealed class PostgresPulse(NpgsqlDataSource source, DatabaseClock clock, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(3), BeatWhenLost = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WorthTelling = TimeSpan.FromSeconds(5), LongestStart = TimeSpan.FromSeconds(60);
    private const int PatienceSeconds = 5;

    private const string AskTime = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
    private const string AskDurable = "select current_setting('fsync'), current_setting('full_page_writes')";

    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim look = new(0, 1);
    private Task running = Task.CompletedTask;
    private long lostAt;
    private bool differs;

    public bool Answers { get; private set; } = true;

    /// <summary>The first look: the server's version and settings are judged once. A server that is just starting is waited for.</summary>
    public async Task FirstAsync(Version oldest, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellation);
                if (connection.PostgreSqlVersion < oldest)
                    throw new StorageException($"PostgreSQL {connection.PostgreSqlVersion} is too old. Postrider needs {oldest.Major} or newer.");
                await AskTimeAsync(connection, cancellation);
                await using var command = new NpgsqlCommand(AskDurable, connection);
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                await reader.ReadAsync(cancellation);
                for (var at = 0; at < reader.FieldCount; at++)
                    if (reader.GetString(at) == "off")
                        StorageLog.NotDurable(log, at == 0 ? "fsync" : "full_page_writes");
                return;
            }
            catch (PostgresException starting) when (PostgresFailure.IsStarting(starting) && Stopwatch.GetElapsedTime(began) < LongestStart)
            {
                StorageLog.Waiting(log, starting.MessageText);
                await Task.Delay(BeatWhenLost, cancellation);
            }
    }

    public void Start() => running = Task.Run(BeatAsync);

    /// <summary>Somebody's work has just failed: looks at once.</summary>
    public void Look()
    {
        try
        {
            if (look.CurrentCount == 0)
                look.Release();
        }
        catch (Exception raced) when (raced is SemaphoreFullException or ObjectDisposedException)
        {
            // Another one was faster, or the end has come.
        }
    }

    private async Task BeatAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await look.WaitAsync(Answers ? Beat : BeatWhenLost, stopping.Token);
                await using var connection = await source.OpenConnectionAsync(stopping.Token);
                await AskTimeAsync(connection, stopping.Token);
                if (!Answers)
                    StorageLog.Found(log, Stopwatch.GetElapsedTime(lostAt).TotalSeconds);
                Answers = true;
                Warn();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                if (Answers)
                {
                    lostAt = Stopwatch.GetTimestamp();
                    Answers = false;
                    StorageLog.Lost(log, PostgresFailure.Explain(wrong)?.Message ?? wrong.Message);
                }
                await Task.Delay(BeatWhenLost, CancellationToken.None);
            }
        }
    }

    private async Task AskTimeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(AskTime, connection) { CommandTimeout = PatienceSeconds };
        var asked = clock.GetTimestamp();
        var microseconds = (long)(await command.ExecuteScalarAsync(cancellation))!;
        clock.Learn(asked, DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds));
    }

    private void Warn()
    {
        var ahead = clock.AheadOfMachine;
        if (ahead.Duration() > WorthTelling && !differs)
            StorageLog.ClockDiffers(log, -ahead.TotalSeconds);
        differs = ahead.Duration() > WorthTelling;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
        look.Dispose();
    }
}
