using System.Data;
using Microsoft.Extensions.Logging;
using Postrider.Storage.Postgres;

namespace Postrider.Storage;

/// <summary>The one database of an installation. What <see cref="WriteAsync{T}"/> returns has been committed and
/// flushed to disk; what it throws has not happened. Which engine holds the rows is the <see cref="Storage.Dialect"/>'s business.</summary>
public sealed class Database : IAsyncDisposable
{
    private readonly Engine engine;

    static Database()
    {
        Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
        // A list is one value: as many names as it has texts would be another statement for each length.
        Dapper.SqlMapper.AddTypeHandler(new TextList());
    }

    private Database(Dialect dialect, Engine engine) => (Dialect, this.engine) = (dialect, engine);

    public Dialect Dialect { get; }

    /// <summary>Whether other processes may work on it at the same time. One that may not is locked by the process that has it open.</summary>
    public bool IsShared => engine.IsShared;

    /// <summary>Whether it answered when it was last asked; an embedded one always does.</summary>
    public bool Answers => engine.Answers;

    /// <summary>Whether new mail of so many octets may be stored: the last of an embedded database's disk is kept for what becomes of
    /// the mail that was accepted.</summary>
    public bool HasRoomFor(long octets) => engine.HasRoomFor(octets);

    /// <summary>What time it is for everyone who shares the database: leases and limits are judged by one clock, however wrong those of
    /// the machines are.</summary>
    public TimeProvider Clock => engine.Clock;

    /// <summary>How far this machine's clock is ahead of the database's; an embedded one has no other.</summary>
    public TimeSpan MachineAhead => engine.MachineAhead;

    /// <summary>Opens the database, creates its tables where there are none, and brings its schema up to date.</summary>
    /// <exception cref="StorageException">It cannot be opened, belongs to a newer version, or is in use by another process.</exception>
    public static async Task<Database> OpenAsync(StorageOptions options, TimeProvider time, ILogger<Database> log, CancellationToken cancellation)
    {
        var dialect = Dialect.For(options.ConnectionString);
        Engine engine = dialect == Dialect.Sqlite
            ? SqliteEngine.Open(options, time, log)
            : await PostgresEngine.OpenAsync(options, time, log, cancellation);
        try
        {
            var applied = await Migrator.RunAsync(engine, dialect, time, cancellation);
            if (applied > 0)
                StorageLog.SchemaUpdated(log, applied);
            return new Database(dialect, engine);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction. It may share its commit with the work of others, but not their failures:
    /// an exception undoes this work alone. It must only talk to the session it is given, and may be run again from its start when its
    /// transaction met another, or when another's work fails.</summary>
    /// <exception cref="StorageFullException">The disk has no room: nothing was written, and a later try may succeed.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer; whether the work was done is not known.</exception>
    public Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation = default) =>
        engine.WriteAsync(work, cancellation);

    public Task WriteAsync(Func<DbSession, Task> work, CancellationToken cancellation = default) =>
        engine.WriteAsync(async session => { await work(session); return true; }, cancellation);

    /// <summary>Runs a query against what is committed.</summary>
    public Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return engine.ReadAsync(query, oneMoment: false, cancellation);
    }

    /// <summary>The same where several statements tell of one thing: what others commit in the meantime is seen by none of them.</summary>
    public Task<T> ReadAtOneMomentAsync<T>(Func<DbSession, Task<T>> query, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return engine.ReadAsync(query, oneMoment: true, cancellation);
    }

    /// <summary>Tells the other processes that share the database that something has changed. A hint: it may get lost, and whoever
    /// must know looks now and then.</summary>
    public void Tell(string what) => engine.Tell(what);

    /// <summary>What another process told; null: something may have been missed.</summary>
    public event Action<string?>? Heard
    {
        add => engine.Heard += value;
        remove => engine.Heard -= value;
    }

    /// <summary>Tells of a fault after which nothing may be acknowledged any more, such as a failed flush. The process should end.</summary>
    public event Action<Exception>? Broken
    {
        add => engine.Broken += value;
        remove => engine.Broken -= value;
    }

    /// <summary>How many octets it takes up.</summary>
    public Task<long> SizeAsync(CancellationToken cancellation) => ReadAsync(session => session.SingleAsync<long>(IsShared
        ? "select pg_database_size(current_database())" : "select page_count * page_size from pragma_page_count(), pragma_page_size()"), cancellation);

    /// <summary>Lets go of the parts of the database that this process keeps in memory: what is asked for is read again.</summary>
    public Task GiveBackAsync(CancellationToken cancellation) => engine.GiveBackAsync(cancellation);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private sealed class TextList : Dapper.SqlMapper.TypeHandler<string[]>
    {
        public override void SetValue(IDbDataParameter parameter, string[]? value) => parameter.Value = value;

        public override string[] Parse(object value) => throw new NotSupportedException("A list is given and not kept.");
    }
}
