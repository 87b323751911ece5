using System.Data;
using System.Threading.Channels;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>Commits together what several callers want written who ask for nothing in return (group commit): while one group is being
/// flushed, the next gathers. The server shares a flush only among those that happen to commit at the same moment, and each of them
/// costs a message, a transaction and an answer of its own.</summary>
internal sealed class PostgresGroups : IAsyncDisposable
{
    /// <summary>One group is written while the other is flushed.</summary>
    public const int Connections = 2;

    private const int LargestGroup = 64;

    private readonly Channel<Piece> waiting = Channel.CreateUnbounded<Piece>();
    private readonly PostgresPool pool;
    private readonly Task running;

    public PostgresGroups(PostgresPool pool)
    {
        this.pool = pool;
        running = Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(CommitAllAsync)));
    }

    /// <returns>True when it is committed; false when it must be done again alone, because one of the group failed: nothing was written.</returns>
    public Task<bool> CommitAsync(IReadOnlyList<Gathered> statements)
    {
        var piece = new Piece(statements);
        if (!waiting.Writer.TryWrite(piece))
            throw new StorageException("The database is closed: the program is stopping.");
        return piece.Done.Task;
    }

    private async Task CommitAllAsync()
    {
        var group = new List<Piece>(LargestGroup);
        NpgsqlConnection? connection = null;
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (group.Count < LargestGroup && waiting.Reader.TryRead(out var piece))
                group.Add(piece);
            if (group.Count > 0)
                connection = await CommitAsync(group, connection);
            group.Clear();
        }
        if (connection is not null)
            await pool.ReturnAsync(connection);
    }

    /// <returns>The connection, which has everything prepared, for the next group; null when it is of no use any more.</returns>
    private async Task<NpgsqlConnection?> CommitAsync(List<Piece> group, NpgsqlConnection? connection)
    {
        try
        {
            if (connection is { State: not ConnectionState.Open } ended)
            {
                connection = null;
                await pool.ReturnAsync(ended);
            }
            connection ??= await pool.RentAsync(CancellationToken.None);
            await Gathered.SendAsync(connection, group.Select(piece => piece.Statements), null);
            group.ForEach(piece => piece.Done.TrySetResult(true));
            return connection;
        }
        catch (PostgresException wrong) when (group.Count > 1 && (PostgresFailure.MetAnother(wrong) || PostgresFailure.Explain(wrong) is null))
        {
            group.ForEach(piece => piece.Done.TrySetResult(false));
        }
        catch (Exception wrong)
        {
            group.ForEach(piece => piece.Done.TrySetException(wrong));
        }
        if (connection is not null)
            await pool.ReturnAsync(connection);
        return null;
    }

    /// <summary>Commits what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await running;
    }

    private sealed record Piece(IReadOnlyList<Gathered> Statements)
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
