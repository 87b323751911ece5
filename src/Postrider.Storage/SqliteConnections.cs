using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Postrider.Storage;

/// <summary>Reading connections, kept open and lent out one query at a time.</summary>
internal sealed class SqliteReaders(string connectionString) : IDisposable
{
    private readonly ConcurrentBag<PreparedConnection> idle = [];

    public PreparedConnection Rent() => idle.TryTake(out var connection)
        ? connection
        : new PreparedConnection(SqliteConnections.Open(connectionString, "pragma query_only=on"));

    /// <summary>Closes those that are lent to nobody but one, which lets go of its pages.</summary>
    public void GiveBack()
    {
        if (!idle.TryTake(out var last))
            return;
        CloseIdle();
        last.GiveBack();
        Return(last);
    }

    public void Return(PreparedConnection connection) => idle.Add(connection);

    public void Dispose() => CloseIdle();

    private void CloseIdle()
    {
        while (idle.TryTake(out var connection))
            connection.Dispose();
    }
}

internal static class SqliteConnections
{
    /// <summary>Versions before this one can corrupt a database in WAL mode when two connections write and checkpoint at once
    /// (https://www.sqlite.org/wal.html#walresetbug).</summary>
    private static readonly Version OldestSafe = new(3, 51, 3);

    /// <summary>Seconds that the engine waits for a lock; the driver asks it again until the time-out of the connection string is over.</summary>
    private const int LongestWait = 5;

    // Each connection is used by one caller at a time, and nobody asks the engine for its counts: the locks for both cost seven percent of the
    // time of whoever writes. It takes this before its first use alone; should a host of ours have used it already, it stays as careful as it was.
    static SqliteConnections()
    {
        SQLitePCL.Batteries_V2.Init();
        _ = SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MULTITHREAD);
        _ = SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public static SqliteConnection Open(string connectionString, string pragmas)
    {
        // Our own two sets of connections live as long as the process: a pool under them would only hide them.
        var settings = new SqliteConnectionStringBuilder(connectionString) { Pooling = false };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            if (new Version(connection.ServerVersion) < OldestSafe)
                throw new StorageException($"SQLite {connection.ServerVersion} can corrupt a database in WAL mode. Version {OldestSafe} or newer is needed.");
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"pragma busy_timeout={Math.Min(settings.DefaultTimeout, LongestWait) * 1000}; pragma foreign_keys=on; pragma mmap_size=0; {pragmas}");
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException wrong)
        {
            connection.Dispose();
            throw new StorageException($"The database {settings.DataSource} cannot be opened: {wrong.Message}", wrong);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
