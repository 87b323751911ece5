using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Postrider.Storage.Postgres;

/// <summary>One statement for many rows of values: what each would cost to be sent, begun and answered is paid once.</summary>
internal static partial class PostgresMany
{
    /// <summary>Names the number of a row of values.</summary>
    public const string Row = "nth";

    /// <summary>The statement with a row of <c>v</c> in the place of its values.</summary>
    /// <param name="sql">An insert, an update or a delete with its values by their places; an update names no other table.</param>
    /// <param name="places">How many values it takes.</param>
    /// <param name="told">Whether it returns the number of the row of values, counted from 1, for each row that it meets.</param>
    public static string Of(string sql, int places, bool told)
    {
        var columns = Enumerable.Range(1, places).ToList();
        var rows = $"unnest({string.Join(", ", columns.Select(column => $"${column}"))}) with ordinality as v({string.Join(", ", columns.Select(column => $"p{column}"))}, {Row})";
        var each = Place().Replace(sql.Trim(), "v.p$1");
        var tell = told ? $" returning v.{Row}" : "";
        if (each.StartsWith("update ", StringComparison.Ordinal) && Outside(each, "where") is { } where)
            return $"{each[..where]}from {rows} {each[where..]}{tell}";
        if (each.StartsWith("delete from ", StringComparison.Ordinal) && Outside(each, "where") is { } condition)
            return $"{each[..condition]}using {rows} {each[condition..]}{tell}";
        if (each.StartsWith("insert into ", StringComparison.Ordinal) && !told && Outside(each, "values") is { } values)
            return $"{each[..values]}select {each[(each.IndexOf('(', values) + 1)..^1]} from {rows}";
        throw new InvalidOperationException($"There is no such statement for many rows at once: {sql}");
    }

    /// <summary>The values of one place.</summary>
    public static NpgsqlParameter Column(IReadOnlyList<GivenValue[]> rows, int place)
    {
        var type = PostgresValue.TypeOf(rows[0][place]);
        return new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | type,
            Value = type switch
            {
                NpgsqlDbType.Bigint => Values<long?>(),
                NpgsqlDbType.Integer => Values<int?>(),
                NpgsqlDbType.Text => Values<string?>(),
                NpgsqlDbType.Bytea => Values<byte[]?>(),
                _ => throw new InvalidOperationException($"There is no place for many values of type {type}."),
            },
        };

        T[] Values<T>()
        {
            var values = new T[rows.Count];
            for (var row = 0; row < rows.Count; row++)
                values[row] = rows[row][place].Value is { } value ? (T)value : default!;
            return values;
        }
    }

    // A word that is in no parentheses.
    private static int? Outside(string sql, string word)
    {
        var depth = 0;
        for (var at = 0; at < sql.Length; at++)
        {
            depth += sql[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0 && at > 0 && char.IsWhiteSpace(sql[at - 1]) && string.CompareOrdinal(sql, at, word, 0, word.Length) == 0)
                return at;
        }
        return null;
    }

    [GeneratedRegex(@"\$([0-9]+)")]
    private static partial Regex Place();
}
