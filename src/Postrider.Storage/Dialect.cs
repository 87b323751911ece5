using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Postrider.Storage.Postgres;

namespace Postrider.Storage;

/// <summary>What differs between the engines. Statements are written once; where an engine needs words of its own they stand in a
/// comment, <c>/*sqlite: … */</c> or <c>/*postgres: … */</c>, which its dialect opens and the others skip. The texts of a list, an array
/// of them, are one value however many they are: <c>in @ids</c>.</summary>
public sealed partial class Dialect
{
    private readonly string mark, list;

    private Dialect(string engine, string list) => (mark, this.list) = ($"/*{engine}:", list);

    public static Dialect Sqlite { get; } = new("sqlite", "in (select value from json_each(@$1))");

    public static Dialect Postgres { get; } = new("postgres", "= any(@$1)");

    /// <summary>Which engine a connection string is for.</summary>
    /// <exception cref="StorageException">It is for none; the message says how to write one.</exception>
    public static Dialect For(string connectionString)
    {
        if (PostgresAddress.Recognises(connectionString))
        {
            _ = PostgresAddress.Parse(connectionString);
            return Postgres;
        }
        try
        {
            _ = new SqliteConnectionStringBuilder(connectionString);
            return Sqlite;
        }
        catch (ArgumentException wrong)
        {
            // What the parser says would repeat parts of the text, and with it perhaps a password.
            throw new StorageException("The database connection string is not one for SQLite or PostgreSQL. Write it like "
                + "\"Data Source=/var/lib/postrider/postrider.db\" or \"Host=db.example.org;Database=postrider;Username=postrider\" "
                + "or \"postgres://postrider@db.example.org/postrider\".", wrong);
        }
    }

    /// <summary>A condition: the column has a text in it, in upper or lower case; the parameter is that text's <see cref="Pattern"/>.</summary>
    public static string Contains(string column, string parameter) => $"{column} /*postgres:i*/like @{parameter} escape '\\'";

    /// <summary>What <see cref="Contains"/> compares with; every letter of the text stands for itself.</summary>
    public static string? Pattern(string? text) => text is null ? null
        : $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    public string Translate(string sql)
    {
        for (var at = sql.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = sql.IndexOf(mark, StringComparison.Ordinal))
        {
            var end = sql.IndexOf("*/", at, StringComparison.Ordinal);
            sql = string.Concat(sql.AsSpan(0, at), sql.AsSpan(at + mark.Length, end - at - mark.Length), sql.AsSpan(end + 2));
        }
        return List().Replace(sql, list);
    }

    [GeneratedRegex(@"\bin @(\w+)")]
    private static partial Regex List();
}
