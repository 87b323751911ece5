using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Postrider.Storage.Postgres;

/// <summary>One statement for many rows of values: what each would cost to be sent, begun and answered is paid once.</summary>
internal static partial class PostgresMany
{
    /// <summary>Names the number of a row of values.</summary>
    public const string Row = "nth";

    /// <summary>The statements as one, each with a row of <c>v</c> in the place of its values. The server executes the last of them first.</summary>
    /// <param name="statements">Inserts, updates and deletes with their values by their places, of which none needs what another wrote; an
    /// update names no other table.</param>
    /// <param name="told">Whether the last returns the number of the row of values, counted from 1, for each row that it meets.</param>
    public static string Of(IReadOnlyList<string> statements, bool told)
    {
        var last = Of(statements[^1], told);
        return statements.Count == 1 ? last : $"with {string.Join(", ", statements.SkipLast(1).Select((one, at) => $"s{at} as ({Of(one, told: false)})"))} {last}";
    }

    private static string Of(string sql, bool told)
    {
        var columns = Place().Matches(sql).Select(place => int.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Distinct().Order().ToList();
        var each = Place().Replace(sql, "v.p$1");
        // Rows that nothing is joined with are taken as they come; the others the server keeps in a table of its own first.
        if (each.StartsWith("insert into ", StringComparison.Ordinal) && !told && Outside(each, "values") is { } values)
            return $"{each[..values]}select {each[(each.IndexOf('(', values) + 1)..^1]} from (select {string.Join(", ", columns.Select(column => $"unnest(${column}) as p{column}"))}) v";
        // Rows that go by one value each need not be joined with.
        if (!told && ByOneKey().Match(sql) is { Success: true } byOne)
            return $"{byOne.Groups[1].Value} = any({byOne.Groups[2].Value})";
        var rows = $"unnest({string.Join(", ", columns.Select(column => $"${column}"))}) with ordinality as v({string.Join(", ", columns.Select(column => $"p{column}"))}, {Row})";
        var from = each.StartsWith("update ", StringComparison.Ordinal) ? "from" : each.StartsWith("delete from ", StringComparison.Ordinal) ? "using" : null;
        if (from is not null && Outside(each, "where") is { } where)
            return $"{each[..where]}{from} {rows} {each[where..]}{(told ? $"{Again(each[where..])} returning v.{Row}" : "")}";
        throw new InvalidOperationException($"There is no such statement for many rows at once: {sql}");
    }

    // What it met is asked of the queue, whose rows come and go: it may have been empty when the server counted them. Then the server would
    // rather walk along all its keys, those of what is gone included, than look for some; said once more, they are looked for.
    private static string Again(string where) => FirstKey().Match(where) is { Success: true } key ? $" and {key.Groups[1].Value} = any(${key.Groups[2].Value})"
        : throw new InvalidOperationException($"The condition of what is told does not begin with its key: {where}");

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

    [GeneratedRegex(@"^(delete from \w+ where \w+) = (\$[0-9]+)$")]
    private static partial Regex ByOneKey();

    [GeneratedRegex(@"^where (\w+) = v\.p([0-9]+)(?=\s+and\s|$)")]
    private static partial Regex FirstKey();
}
