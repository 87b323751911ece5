using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Postrider.Storage;

/// <summary>The one database of an installation. What <see cref="WriteAsync{T}"/> returns has been committed and
/// flushed to disk; what it throws has not happened. Which engine holds the rows is the <see cref="Storage.Dialect"/>'s business.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;

    static Database() => Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;

    private Database(Dialect dialect, SqliteWriter writer, SqliteReaders readers)
    {
        Dialect = dialect;
        this.writer = writer;
        this.readers = readers;
    }

    public Dialect Dialect { get; }

    /// <summary>Opens the database, creates it where it does not exist, and brings its schema up to date.</summary>
    /// <exception cref="StorageException">The file cannot be opened, belongs to a newer version, or is in use by another process.</exception>
    public static async Task<Database> OpenAsync(StorageOptions options, TimeProvider time, ILogger<Database> log, CancellationToken cancellation)
    {
        var dialect = Dialect.For(options.ConnectionString);
        var writer = SqliteWriter.Open(options, log);
        try
        {
            var applied = await Migrator.RunAsync(writer, dialect, time, cancellation);
            if (applied > 0)
                StorageLog.SchemaUpdated(log, applied);
            return new Database(dialect, writer, new SqliteReaders(options.ConnectionString));
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction. It may share its commit with the work of others, but not their failures:
    /// an exception undoes this work alone. It runs on the writer and must only talk to the session it is given.</summary>
    /// <exception cref="StorageFullException">The disk has no room: nothing was written, and a later try may succeed.</exception>
    public Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation = default) =>
        writer.RunAsync(work, cancellation);

    public Task WriteAsync(Func<DbSession, Task> work, CancellationToken cancellation = default) =>
        writer.RunAsync(async session => { await work(session); return true; }, cancellation);

    /// <summary>Runs a query against what is committed.</summary>
    public async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var connection = readers.Rent();
        try
        {
            return await query(new DbSession(connection));
        }
        finally
        {
            readers.Return(connection);
        }
    }

    /// <summary>Tells of a fault after which nothing may be acknowledged any more, such as a failed flush. The process should end.</summary>
    public event Action<Exception>? Broken
    {
        add => writer.Broken += value;
        remove => writer.Broken -= value;
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        readers.Dispose();
    }
}
