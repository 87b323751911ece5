using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>Tells the other nodes of changes, and hears of theirs. What is told within a moment goes out together, apart from the
/// transactions themselves: those that notify commit one after another (https://www.postgresql.org/docs/current/sql-notify.html).</summary>
internal sealed class PostgresHints(NpgsqlDataSource source, Action<string?> heard) : IAsyncDisposable
{
    private const string Channel = "postrider";
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50), Pause = TimeSpan.FromSeconds(1);

    private readonly string self = Guid.NewGuid().ToString("N")[..12];
    private readonly ConcurrentDictionary<string, bool> waiting = new(StringComparer.Ordinal);
    private readonly Channel<bool> wake = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public void Start() => running = Task.WhenAll(Task.Run(TellAllAsync), Task.Run(ListenAsync));

    public void Tell(string what)
    {
        if (waiting.TryAdd(what, true))
            wake.Writer.TryWrite(true);
    }

    private async Task TellAllAsync()
    {
        string[] now = [];
        while (!stopping.IsCancellationRequested)
            try
            {
                await wake.Reader.ReadAsync(stopping.Token);
                await Task.Delay(Gather, stopping.Token);
                now = [.. waiting.Keys.Where(what => waiting.TryRemove(what, out _))];
                await using var command = source.CreateCommand($"select pg_notify('{Channel}', what) from unnest($1) what");
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. now.Select(what => $"{self} {what}")] });
                await command.ExecuteNonQueryAsync(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // Whatever is wrong with the database, it is said elsewhere: what was to be told is told when that is over.
                await PauseAsync();
                Array.ForEach(now, Tell);
            }
    }

    private async Task ListenAsync()
    {
        while (!stopping.IsCancellationRequested)
            try
            {
                await using var connection = await source.OpenConnectionAsync(stopping.Token);
                connection.Notification += (_, told) =>
                {
                    var space = told.Payload.IndexOf(' ', StringComparison.Ordinal);
                    if (space > 0 && !told.Payload.AsSpan(0, space).SequenceEqual(self))
                        heard(told.Payload[(space + 1)..]);
                };
                await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stopping.Token);
                heard(null);
                while (true)
                    await connection.WaitAsync(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                await PauseAsync();
            }
    }

    private Task PauseAsync() => Task.Delay(Pause, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }
}
