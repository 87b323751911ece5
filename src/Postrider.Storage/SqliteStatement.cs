using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Postrider.Storage;

/// <summary>A text of one or more statements that give no rows, prepared once and run with other values each time. It knows which value
/// goes where, where the driver asks the engine several times for each value of each run.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly List<Prepared> parts = [];

    public SqliteStatement(sqlite3 database, string sql)
    {
        this.database = database;
        while (sql.Length > 0)
        {
            SqliteException.ThrowExceptionForRC(sqlite3_prepare_v2(database, sql, out var statement, out sql), database);
            if (!statement.IsInvalid)
                parts.Add(new Prepared(statement));
        }
    }

    /// <summary>Whether there are values, all of a kind that is bound here. The driver knows how to write the others, and runs scripts,
    /// whose statements cannot be prepared before those in front of them have run.</summary>
    public static bool Takes(SqliteParameterCollection given)
    {
        for (var at = 0; at < given.Count; at++)
            if (given[at].Value is not (string or long or int or bool or byte[] or DBNull))
                return false;
        return given.Count > 0;
    }

    /// <returns>How many rows were changed.</returns>
    /// <exception cref="SqliteException">What the engine says; the statement can be run again.</exception>
    public int Run(SqliteParameterCollection given)
    {
        var changed = 0;
        foreach (var part in parts)
        {
            part.Bind(given, database);
            int result;
            while ((result = sqlite3_step(part.Statement)) == SQLITE_ROW)
            {
                // Rows that nobody asked for.
            }
            // Told by the step already; what a reset says is the same once more.
            _ = sqlite3_reset(part.Statement);
            if (result != SQLITE_DONE)
                SqliteException.ThrowExceptionForRC(result, database);
            if (part.Changes)
                changed += sqlite3_changes(database);
        }
        return changed;
    }

    public void Dispose() => parts.ForEach(part => part.Statement.Dispose());

    private sealed class Prepared
    {
        private readonly string[] names;

        /// <summary>By parameter, where among the values it stood the last time, and under which name, letter by letter or the very same string.</summary>
        private readonly (int Position, string? Name)[] known;

        public Prepared(sqlite3_stmt statement)
        {
            Statement = statement;
            Changes = sqlite3_stmt_readonly(statement) == 0;
            names = new string[sqlite3_bind_parameter_count(statement)];
            for (var at = 0; at < names.Length; at++)
                names[at] = sqlite3_bind_parameter_name(statement, at + 1).utf8_to_string()[1..];
            known = new (int, string?)[names.Length];
        }

        public sqlite3_stmt Statement { get; }

        public bool Changes { get; }

        public void Bind(SqliteParameterCollection given, sqlite3 database)
        {
            for (var at = 0; at < names.Length; at++)
            {
                var (position, name) = known[at];
                if (position >= given.Count || !ReferenceEquals(given[position].ParameterName, name))
                    known[at] = (position, _) = Find(given, names[at]);
                var result = Bind(at + 1, given[position].Value);
                if (result != SQLITE_OK)
                    SqliteException.ThrowExceptionForRC(result, database);
            }
        }

        private static (int, string?) Find(SqliteParameterCollection given, string name)
        {
            for (var at = 0; at < given.Count; at++)
                if (given[at].ParameterName is { } its && its.AsSpan().TrimStart('@').SequenceEqual(name))
                    return (at, its);
            throw new InvalidOperationException($"The statement needs a value for @{name}.");
        }

        private int Bind(int index, object? value) => value switch
        {
            string text => BindText(index, text),
            long number => sqlite3_bind_int64(Statement, index, number),
            int number => sqlite3_bind_int64(Statement, index, number),
            bool flag => sqlite3_bind_int64(Statement, index, flag ? 1 : 0),
            byte[] bytes => bytes.Length == 0 ? sqlite3_bind_zeroblob(Statement, index, 0) : sqlite3_bind_blob(Statement, index, bytes),
            _ => sqlite3_bind_null(Statement, index),
        };

        private int BindText(int index, string text)
        {
            const int Short = 512;
            byte[]? rented = null;
            var room = Encoding.UTF8.GetMaxByteCount(text.Length);
            var bytes = room <= Short ? stackalloc byte[Short] : rented = ArrayPool<byte>.Shared.Rent(room);
            var result = sqlite3_bind_text(Statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
            return result;
        }
    }
}
