using Microsoft.Data.Sqlite;

namespace Postrider.Bench;

/// <summary>Fills a stopped gateway's database: one message that it accepted itself is copied, row by row in every table that knows it, so that
/// the copies look as the gateway's own whatever the tables are.</summary>
internal static class Backlog
{
    // Ids ascend with the moment of acceptance, as the gateway's own do; the copies are spread over the last thirty days.
    private const string NewId = "printf('%012x7%03x8000%012x', @first + i * @step, i % 4096, i)";

    private static readonly Dictionary<string, string> Varied = new()
    {
        ["messages.accepted_at"] = "@first + i * @step",
        ["messages.subject"] = "'Bench ' || i",
        ["messages.header_id"] = "printf('<%d@bench.example>', i)",
        ["recipients.address"] = "case when i % 100000 = 7 then 'rare@example.org' else printf('person%d@example.org', i % 5000) end",
    };

    public static void Copy(string data, int count)
    {
        using var connection = Open(data);
        var template = (string)Scalar(connection, "select id from messages order by id desc limit 1")!;
        var first = TimeProvider.System.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds();
        var step = (long)TimeSpan.FromDays(30).TotalMilliseconds / count;
        using var transaction = connection.BeginTransaction();
        foreach (var table in Strings(connection, "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"))
        {
            var columns = Strings(connection, $"select name from pragma_table_info('{table}')");
            var key = table == "messages" ? "id" : columns.Contains("message_id") ? "message_id" : null;
            if (key is null)
                continue;
            var values = columns.Select(column => column == key ? NewId : Varied.GetValueOrDefault($"{table}.{column}", "t." + column));
            using var insert = connection.CreateCommand();
            insert.CommandText = $"""
                with recursive n(i) as (select 1 union all select i + 1 from n where i < @count)
                insert into {table} ({string.Join(", ", columns)})
                select {string.Join(", ", values)} from n cross join (select * from {table} where {key} = @template) t
                """;
            insert.Parameters.AddWithValue("@count", count);
            insert.Parameters.AddWithValue("@template", template);
            insert.Parameters.AddWithValue("@first", first);
            insert.Parameters.AddWithValue("@step", step);
            insert.CommandTimeout = 0;
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    /// <summary>Most have been sent, some failed, some wait: the history of a gateway that has run for a month.</summary>
    public static void Age(string data)
    {
        using var connection = Open(data);
        Scalar(connection, """
            update messages set state = case when rowno % 200 = 0 then 'failed' when rowno % 100 = 1 then 'queued' when rowno % 1000 = 2 then 'cancelled' else 'sent' end,
                   finished_at = case when rowno % 100 = 1 then null else accepted_at + 1000 end,
                   mail_from = case when rowno % 100000 = 3 then 'rare@contoso.example' else printf('sender%d@contoso.example', rowno % 50) end
            from (select id as known, row_number() over (order by id) as rowno from messages) where id = known
            """);
        Scalar(connection, "delete from queue where message_id in (select id from messages where state <> 'queued')");
        Scalar(connection, "update recipients set state = (select state from messages where id = message_id)");
        Scalar(connection, "pragma wal_checkpoint(truncate)");
    }

    private static SqliteConnection Open(string data)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(data, "postrider.db")};Pooling=False;Default Timeout=0");
        connection.Open();
        Scalar(connection, "pragma synchronous = off");
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static List<string> Strings(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
            found.Add(reader.GetString(0));
        return found;
    }
}
