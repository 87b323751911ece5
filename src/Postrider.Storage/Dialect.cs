using Microsoft.Data.Sqlite;

namespace Postrider.Storage;

/// <summary>What differs between the engines. Statements are written once; where an engine needs words of its own they stand in a
/// comment, <c>/*sqlite: … */</c>, which its dialect opens and the others skip.</summary>
public sealed class Dialect
{
    private readonly string mark;

    private Dialect(string engine) => mark = $"/*{engine}:";

    public static Dialect Sqlite { get; } = new("sqlite");

    public static Dialect For(string connectionString)
    {
        try
        {
            _ = new SqliteConnectionStringBuilder(connectionString);
            return Sqlite;
        }
        catch (ArgumentException wrong)
        {
            throw new StorageException(
                $"The database connection string is not one for SQLite ({wrong.Message.TrimEnd('.')}). Write it like \"Data Source=/var/lib/postrider/postrider.db\".", wrong);
        }
    }

    public string Translate(string sql)
    {
        for (var at = sql.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = sql.IndexOf(mark, StringComparison.Ordinal))
        {
            var end = sql.IndexOf("*/", at, StringComparison.Ordinal);
            sql = string.Concat(sql.AsSpan(0, at), sql.AsSpan(at + mark.Length, end - at - mark.Length), sql.AsSpan(end + 2));
        }
        return sql;
    }
}
