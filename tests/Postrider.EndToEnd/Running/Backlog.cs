using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Postrider.EndToEnd.Running;

/// <summary>Fills a stopped gateway's database: one message that it accepted itself is copied, row by row in every table that knows it, so that
/// the copies look as the gateway's own whatever the tables are.</summary>
internal static class Backlog
{
    // Ids ascend with the moment of acceptance, as the gateway's own do; the copies are spread over the last thirty days.
    private const string SqliteId = "printf('%012x7%03x8000%012x', @first + i * @step, i % 4096, i)";
    private const string PostgresId = "lpad(to_hex(@first + i * @step), 12, '0') || '7' || lpad(to_hex(i % 4096), 3, '0') || '8000' || lpad(to_hex(i), 12, '0')";

    private static readonly Dictionary<string, string> Varied = new()
    {
        ["messages.accepted_at"] = "@first + i * @step",
        ["messages.subject"] = "'Bench ' || i",
        ["messages.header_id"] = "'<' || i || '@bench.example>'",
        ["recipients.address"] = "case when i % 100000 = 7 then 'rare@example.org' else 'person' || (i % 5000) || '@example.org' end",
    };

    /// <summary>The database of a stopped gateway on SQLite.</summary>
    public static async Task<DbConnection> OpenAsync(string data)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(data, "postrider.db")};Pooling=False;Default Timeout=0");
        await connection.OpenAsync();
        await ScalarAsync(connection, "pragma synchronous = off");
        return connection;
    }

    /// <summary>The database of a stopped gateway on PostgreSQL.</summary>
    public static async Task<DbConnection> OpenServerAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=False;Command Timeout=0");
        await connection.OpenAsync();
        await ScalarAsync(connection, "set synchronous_commit = off");
        return connection;
    }

    /// <summary>Copies the message that was accepted last.</summary>
    public static async Task CopyAsync(DbConnection connection, int count)
    {
        var (isServer, template) = (connection is NpgsqlConnection, (string)(await ScalarAsync(connection, "select id from messages order by id desc limit 1"))!);
        var first = TimeProvider.System.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds();
        var step = (long)TimeSpan.FromDays(30).TotalMilliseconds / count;
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            foreach (var table in await StringsAsync(connection, isServer ? "select tablename from pg_tables where schemaname = current_schema()" : "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"))
            {
                var columns = await ColumnsAsync(connection, table);
                var key = table == "messages" ? "id" : columns.Contains("message_id") ? "message_id" : null;
                if (key is null)
                    continue;
                var values = columns.Select(column => column == key ? isServer ? PostgresId : SqliteId : Varied.GetValueOrDefault($"{table}.{column}", "t." + column));
                await ScalarAsync(connection, $"""
                    with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < @count)
                    insert into {table} ({string.Join(", ", columns)})
                    select {string.Join(", ", values)} from n cross join (select * from {table} where {key} = @template) t
                    """, ("@count", (long)count), ("@template", template), ("@first", first), ("@step", step));
            }
            await transaction.CommitAsync();
        }
        await KeepUpAsync(connection);
    }

    /// <summary>Leaves the first so many of those that wait.</summary>
    public static async Task KeepAsync(DbConnection connection, int count)
    {
        await ScalarAsync(connection, "delete from queue where message_id > (select message_id from queue order by message_id limit 1 offset @count)", ("@count", (long)count));
        await KeepUpAsync(connection);
    }

    // What an hour would have made the server do by itself: it looks through what has changed, and writes it to its place.
    private static async Task KeepUpAsync(DbConnection connection)
    {
        if (connection is NpgsqlConnection)
            foreach (var upkeep in new[] { "vacuum (analyze)", "checkpoint" })
                await ScalarAsync(connection, upkeep);
    }

    /// <summary>Most have been sent, some failed, some wait: the history of a gateway that has run for a month.</summary>
    public static async Task AgeAsync(string data)
    {
        await using var connection = await OpenAsync(data);
        await ScalarAsync(connection, """
            update messages set state = case when rowno % 200 = 0 then 'failed' when rowno % 100 = 1 then 'queued' when rowno % 1000 = 2 then 'cancelled' else 'sent' end,
                   finished_at = case when rowno % 100 = 1 then null else accepted_at + 1000 end,
                   mail_from = case when rowno % 100000 = 3 then 'rare@contoso.example' else printf('sender%d@contoso.example', rowno % 50) end
            from (select id as known, row_number() over (order by id) as rowno from messages) where id = known
            """);
        await ScalarAsync(connection, "delete from queue where message_id in (select id from messages where state <> 'queued')");
        await ScalarAsync(connection, "update recipients set state = (select state from messages where id = message_id)");
        await ScalarAsync(connection, "pragma wal_checkpoint(truncate)");
    }

    private static async Task<object?> ScalarAsync(DbConnection connection, string sql, params (string Name, object Value)[] values)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 0);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return await command.ExecuteScalarAsync();
    }

    private static async Task<List<string>> ColumnsAsync(DbConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"select * from {table} limit 0";
        await using var reader = await command.ExecuteReaderAsync();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    private static async Task<List<string>> StringsAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
            found.Add(reader.GetString(0));
        return found;
    }
}
