using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Postrider.Storage;

/// <summary>The only connection that writes. Everyone's work queues up here; whatever has gathered while the last commit was being
/// flushed shares the next one (group commit). Nobody is answered before the flush. A piece that fails undoes itself alone: the others
/// are then done again, each under a savepoint, which costs too much to have one for every piece that does not fail.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    // Result codes of https://www.sqlite.org/rescode.html.
    private const int Busy = 5, OutOfMemory = 7, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private const int PageSize = 4096, MostLeftOfLog = 64 << 20;

    // A commit that has balanced a tree looks through all of the cache: three times as much made nothing quicker.
    private const int CacheKibibytes = 12 * 1024;

    private readonly Channel<Work> waiting = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    private readonly SqliteConnection connection;
    private readonly PreparedConnection prepared;
    private readonly FileStream? lockFile;
    private readonly DiskRoom room;
    private readonly ILogger log;
    private readonly SqliteCommand begin, commit, rollback, savepoint, release, undo;
    private readonly Thread thread;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? broken;

    private SqliteWriter(SqliteConnection connection, FileStream? lockFile, DiskRoom room, ILogger log)
    {
        this.connection = connection;
        this.lockFile = lockFile;
        this.room = room;
        this.log = log;
        prepared = new PreparedConnection(connection);
        begin = Prepared("begin immediate");
        commit = Prepared("commit");
        rollback = Prepared("rollback");
        savepoint = Prepared("savepoint work");
        release = Prepared("release work");
        undo = Prepared("rollback to work");
        // A thread of its own: it spends its life waiting for the disk, and what waits for it runs on the others.
        thread = new Thread(Loop) { IsBackground = true, Name = "database writer" };
        thread.Start();
    }

    public event Action<Exception>? Broken;

    public static SqliteWriter Open(StorageOptions options, DiskRoom room, ILogger log)
    {
        var lockFile = Claim(options.File);
        // FULL: the write-ahead log is flushed at every commit, so that a power cut cannot take back what was acknowledged
        // (https://www.sqlite.org/pragma.html#pragma_synchronous). The size limit returns the log's space after a burst.
        var connection = SqliteConnections.Open(options.ConnectionString,
            string.Create(CultureInfo.InvariantCulture, $"pragma journal_mode=wal; pragma synchronous=full; pragma journal_size_limit={MostLeftOfLog}; pragma cache_size=-{CacheKibibytes}; pragma wal_autocheckpoint={room.LongestLog / PageSize}"));
        // Without it, what a value may change about the plan, such as how many rows are asked for, is found out anew for each value: that
        // was more than half of this thread's time while little mail came.
        _ = SQLitePCL.raw.sqlite3_db_config(connection.Handle, SQLitePCL.raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
        using var check = connection.CreateCommand();
        check.CommandText = "select (select journal_mode from pragma_journal_mode) || '/' || (select synchronous from pragma_synchronous)";
        if (check.ExecuteScalar() is not "wal/2" and var got)
        {
            connection.Dispose();
            throw new StorageException($"The database does not accept write-ahead logging with full flushing (it says {got}). A network file system cannot hold it.");
        }
        return new SqliteWriter(connection, lockFile, room, log);
    }

    // The leases of an embedded database are ended at start, so a second process on it would send what the first has in hand. Mail lies
    // in the file in clear text: nobody else reads it, and SQLite gives its companions the same mode.
    private static FileStream? Claim(string file)
    {
        if (file.Length == 0 || file == ":memory:")
            return null;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                if (!File.Exists(file))
                    new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = options.UnixCreateMode }).Dispose();
            }
            return new FileStream(file + ".lock", options);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The database {file} cannot be opened, perhaps because another Postrider uses it: {wrong.Message}", wrong);
        }
    }

    public Task<T> RunAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = new Work<T>(work);
        if (broken is not null || !waiting.Writer.TryWrite(item))
            throw new StorageException("The database is closed: the program is stopping.", broken);
        return item.Done;
    }

    /// <inheritdoc cref="PreparedConnection.GiveBack"/>
    public Task GiveBackAsync(CancellationToken cancellation) => RunAsync(_ =>
    {
        prepared.GiveBack();
        return Task.FromResult(true);
    }, cancellation);

    private void Loop()
    {
        var batch = new List<Work>(StorageOptions.LargestBatch);
        while (Complete(waiting.Reader.WaitToReadAsync().AsTask()))
        {
            while (batch.Count < StorageOptions.LargestBatch && waiting.Reader.TryRead(out var next))
                batch.Add(next);
            if (broken is null)
                Commit(batch);
            else
                batch.ForEach(item => item.Fail(broken));
            batch.Clear();
        }
        stopped.SetResult();
    }

    private void Commit(List<Work> batch)
    {
        try
        {
            begin.ExecuteNonQuery();
            if (!TryTogether(batch))
            {
                rollback.ExecuteNonQuery();
                begin.ExecuteNonQuery();
                OneByOne(batch);
            }
            commit.ExecuteNonQuery();
        }
        catch (Exception wrong)
        {
            Fail(batch, wrong);
            return;
        }
        foreach (var item in batch)
            item.Finish();
    }

    /// <returns>False when a piece failed: what the transaction holds is of no use then.</returns>
    private bool TryTogether(List<Work> batch)
    {
        try
        {
            foreach (var item in batch)
                Complete(item.RunAsync(new DbSession(prepared)));
            return true;
        }
        catch (Exception own) when (!IsOfTheEngine(own))
        {
            return false;
        }
    }

    private void OneByOne(List<Work> batch)
    {
        foreach (var item in batch)
        {
            savepoint.ExecuteNonQuery();
            try
            {
                Complete(item.RunAsync(new DbSession(prepared)));
            }
            catch (Exception own) when (!IsOfTheEngine(own))
            {
                undo.ExecuteNonQuery();
                item.Refuse(own);
            }
            release.ExecuteNonQuery();
        }
    }

    // This engine does everything on the calling thread: its tasks are complete when they are returned.
    private static void Complete(Task task) => task.GetAwaiter().GetResult();

    private static bool Complete(Task<bool> task) => task.GetAwaiter().GetResult();

    /// <summary>Whether the whole transaction is in doubt, and not only the statement that met the error.</summary>
    private static bool IsOfTheEngine(Exception wrong) => wrong is SqliteException
    {
        SqliteErrorCode: Busy or OutOfMemory or ReadOnly or InputOutput or Corrupt or Full or CannotOpen or NotADatabase,
    };

    // A full disk heals, and so does a file that another program has locked. Any other failure of the engine does not: after a failed flush the kernel may have dropped the very pages
    // that a second flush would then report as written, so the process ends and recovery reads what is really there.
    private void Fail(List<Work> batch, Exception wrong)
    {
        try
        {
            rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // The engine has already rolled back by itself, as it does on most of these errors.
        }
        if (wrong is SqliteException { SqliteErrorCode: Full })
        {
            room.AskAnew();
            StorageLog.Full(log, batch.Count);
            wrong = new StorageFullException(wrong);
        }
        else if (wrong is SqliteException { SqliteErrorCode: Busy })
        {
            StorageLog.Locked(log, batch.Count);
            wrong = new StorageUnavailableException("Another program keeps the database file locked. End it; \"postrider backup\" copies the database while mail goes on.", wrong);
        }
        else
        {
            StorageLog.Broken(log, wrong);
            broken = new StorageException("The database failed and the program is stopping.", wrong);
            Broken?.Invoke(wrong);
            wrong = broken;
        }
        batch.ForEach(item => item.Fail(wrong));
    }

    private SqliteCommand Prepared(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Prepare();
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await stopped.Task;
        foreach (var command in new[] { begin, commit, rollback, savepoint, release, undo })
            command.Dispose();
        prepared.Dispose();
        lockFile?.Dispose();
    }

    private abstract class Work
    {
        public abstract Task RunAsync(DbSession session);
        public abstract void Refuse(Exception why);
        public abstract void Finish();
        public abstract void Fail(Exception why);
    }

    private sealed class Work<T>(Func<DbSession, Task<T>> work) : Work
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? refused;

        public Task<T> Done => done.Task;

        public override async Task RunAsync(DbSession session) => result = await work(session);

        public override void Refuse(Exception why) => refused = why;

        public override void Finish()
        {
            if (refused is null)
                done.SetResult(result!);
            else
                done.SetException(refused);
        }

        public override void Fail(Exception why) => done.SetException(why);
    }
}
