using Microsoft.Data.Sqlite;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What a stopped gateway left on disk, read without any of its code.</summary>
internal static class DatabaseFile
{
    public static IReadOnlyList<string> Query(string dataDirectory, string sql)
    {
        var file = Directory.GetFiles(dataDirectory, "*.db").Single();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        return rows;
    }
}
