using Microsoft.Data.Sqlite;

namespace Postrider.Storage;

/// <summary>Where the database is.</summary>
public sealed class StorageOptions
{
    /// <summary>At most this many pieces of work share one commit, so that a burst does not make the first of them wait for the last.</summary>
    internal const int LargestBatch = 256;

    public required string ConnectionString { get; init; }

    /// <summary>Whether other processes may use it at the same time.</summary>
    public bool IsShared => Dialect.For(ConnectionString) == Dialect.Postgres;

    /// <summary>Where an embedded database lies.</summary>
    internal string File => new SqliteConnectionStringBuilder(ConnectionString).DataSource;

    public static StorageOptions ForFile(string path) =>
        new() { ConnectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString() };
}
