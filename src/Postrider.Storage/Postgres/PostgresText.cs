using System.Collections.Concurrent;
using System.Text;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>A statement as the server takes it, with its values by their places: the driver would look for their names in the text each
/// time that it runs.</summary>
internal sealed class PostgresText
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<PostgresText>> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, PostgresText> KnownAsOne = new(StringComparer.Ordinal);

    private static readonly (string Opens, string Closes)[] Quotes = [("'", "'"), ("\"", "\""), ("$$", "$$"), ("--", "\n"), ("/*", "*/")];

    private readonly IReadOnlyList<string> statements;
    private readonly string[] names;
    private readonly int[] expected;
    private string? many, manyTold;

    /// <summary>Statements whose text depends on the request must not gather without end.</summary>
    private const int MostKept = 2000;

    private PostgresText(IReadOnlyList<string> statements, IEnumerable<string> names)
    {
        (this.statements, this.names) = (statements, [.. names]);
        expected = new int[this.names.Length];
    }

    public IReadOnlyList<string> Names => names;

    /// <summary>Whether it can be sent for one row of values without being rewritten.</summary>
    public bool IsOne => statements.Count == 1;

    public string Sql => statements.Single();

    /// <summary>The statements of a text as it is written for both engines, with semicolons between them.</summary>
    public static IReadOnlyList<PostgresText> Of(string sql) =>
        Kept(Known, sql, static sql => [.. Read(Dialect.Postgres.Translate(sql), apart: true).Select(one => new PostgresText([one.Sql], one.Names))]);

    /// <summary>All of them as one, for rows of values that meet nothing in common.</summary>
    public static PostgresText AsOne(string sql) => Kept(KnownAsOne, sql, static sql =>
    {
        var all = Read(Dialect.Postgres.Translate(sql), apart: false).ToList();
        var text = new PostgresText([.. all.Select(one => one.Sql)], all[^1].Names);
        // What cannot be rewritten is said to whoever wrote it, and not to all that are sent with it.
        _ = text.SqlForMany(told: false);
        return text;
    });

    private static T Kept<T>(ConcurrentDictionary<string, T> known, string sql, Func<string, T> read)
    {
        if (known.TryGetValue(sql, out var before))
            return before;
        var now = read(sql);
        if (known.Count < MostKept)
            known.TryAdd(sql, now);
        return now;
    }

    /// <summary>Those of the values that it has places for, in their order.</summary>
    public GivenValue[] Values(GivenValues given)
    {
        var values = new GivenValue[names.Length];
        for (var place = 0; place < names.Length; place++)
        {
            // Whoever gives values to a statement gives them in the same order each time.
            var at = expected[place];
            if (at >= given.Count || !string.Equals(given[at].ParameterName, names[place], StringComparison.Ordinal))
                expected[place] = at = given.IndexOf(names[place]) is var found and >= 0 ? found : throw new InvalidOperationException($"The statement needs a value for @{names[place]}.");
            values[place] = given[at];
        }
        return values;
    }

    public NpgsqlBatchCommand With(GivenValue[] values)
    {
        var statement = new NpgsqlBatchCommand(Sql);
        foreach (var value in values)
            statement.Parameters.Add(PostgresValue.ForDriver(value));
        return statement;
    }

    /// <inheritdoc cref="PostgresMany.Of(IReadOnlyList{string}, bool)"/>
    public string SqlForMany(bool told) => told ? manyTold ??= PostgresMany.Of(statements, told) : many ??= PostgresMany.Of(statements, told);

    public NpgsqlBatchCommand WithMany(IReadOnlyList<GivenValue[]> rows, bool told)
    {
        var statement = new NpgsqlBatchCommand(SqlForMany(told));
        for (var place = 0; place < names.Length; place++)
            statement.Parameters.Add(PostgresMany.Column(rows, place));
        return statement;
    }

    /// <param name="apart">Whether the places of each statement are counted anew.</param>
    private static IEnumerable<(string Sql, IReadOnlyList<string> Names)> Read(string sql, bool apart)
    {
        var (text, names) = (new StringBuilder(sql.Length), new List<string>());
        for (var at = 0; at < sql.Length;)
        {
            var end = EndOfWord(sql, at);
            if (sql[at] == '@' && end > at + 1)
            {
                var name = sql[(at + 1)..end];
                if (!names.Contains(name))
                    names.Add(name);
                text.Append('$').Append(names.IndexOf(name) + 1);
            }
            else if (sql[at] != ';')
                text.Append(sql, at, end - at);
            else if (Take() is { } statement)
                yield return statement;
            at = end;
        }
        if (Take() is { } last)
            yield return last;

        (string, IReadOnlyList<string>)? Take()
        {
            var statement = text.ToString().Trim();
            text.Clear();
            if (statement.Length == 0)
                return null;
            IReadOnlyList<string> own = [.. names];
            if (apart)
                names.Clear();
            return (statement, own);
        }
    }

    // What is quoted or remarked stands for itself.
    private static int EndOfWord(string sql, int at)
    {
        foreach (var (opens, closes) in Quotes)
            if (string.CompareOrdinal(sql, at, opens, 0, opens.Length) == 0)
                return sql.IndexOf(closes, at + opens.Length, StringComparison.Ordinal) is var found and >= 0 ? found + closes.Length : sql.Length;
        var end = at + 1;
        while (sql[at] == '@' && end < sql.Length && (char.IsAsciiLetterOrDigit(sql[end]) || sql[end] == '_'))
            end++;
        return end;
    }
}
