using System.Data.Common;
using Dapper;
using Postrider.Storage.Postgres;

namespace Postrider.Storage;

/// <summary>A connection inside its transaction, as the work of one caller sees it.</summary>
public readonly struct DbSession(DbConnection connection)
{
    public Task<int> ExecuteAsync(string sql, object? parameters = null) => connection.ExecuteAsync(sql, parameters);

    /// <summary>The same where nobody waits for how many rows it met. A server is sent such statements together: ahead of the next one that
    /// is answered for, or with the commit, which work that has no others shares. Several may stand in one text, with "; " between them.</summary>
    /// <param name="met">Told how many rows the statement, the only one of its text, met, before the work counts as done.</param>
    /// <param name="apart">Whether each statement of each call, of anybody, meets rows of its own: a server may be given all of them as one, in
    /// which none sees what another of the text wrote. There is no quoted $, an insert has no more than its values, an update and a delete no
    /// other table and a condition that begins with its key.</param>
    public Task ExecuteLaterAsync(string sql, object? parameters = null, Action<int>? met = null, bool apart = false)
    {
        var inner = connection;
        return inner is PostgresConnection server ? server.GatherAsync(() => server.ExecuteAsync(sql, parameters), met, apart) : NowAsync();

        async Task NowAsync()
        {
            var rows = await inner.ExecuteAsync(sql, parameters);
            met?.Invoke(rows);
        }
    }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await connection.QueryAsync<T>(sql, parameters)).AsList();

    public Task<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null) =>
        connection.QueryFirstOrDefaultAsync<T>(sql, parameters);

    public Task<T> SingleAsync<T>(string sql, object? parameters = null) => connection.QuerySingleAsync<T>(sql, parameters);

    /// <summary>Waits until nobody else holds the lock of this name, and holds it until the transaction ends. An embedded database has
    /// one writer: whoever runs holds them all.</summary>
    public Task LockAsync(string name) => ExecuteAsync("select 1 /*postgres: from pg_advisory_xact_lock(hashtextextended(@name, 0))*/", new { name });
}
