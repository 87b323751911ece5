using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static Postrider.Storage.SqliteNative;

namespace Postrider.Storage;

/// <summary>A text of one or more statements, prepared once and run with other values each time. It knows which value goes where, where
/// the driver asks the engine several times for each value of each run.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly List<Prepared> parts = [];

    /// <exception cref="SqliteException">It is not understood, or does not fit the schema.</exception>
    public SqliteStatement(sqlite3 database, string sql)
    {
        this.database = database;
        while (Next(database, ref sql) is { } statement)
            parts.Add(new Prepared(statement));
    }

    /// <summary>Runs statements without values one after the other: what one creates, the next may use.</summary>
    /// <returns>How many rows were changed.</returns>
    public static int RunScript(sqlite3 database, string sql)
    {
        var changed = 0;
        while (Next(database, ref sql) is { } statement)
            using (var part = new Prepared(statement))
                changed += part.Run(database);
        return changed;
    }

    private static sqlite3_stmt? Next(sqlite3 database, ref string sql)
    {
        while (sql.Length > 0)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement, out sql), database);
            if (!statement.IsInvalid)
                return statement;
        }
        return null;
    }

    /// <returns>How many rows were changed.</returns>
    /// <exception cref="SqliteException">What the engine says; the statement can be run again.</exception>
    public int Run(GivenValues given)
    {
        var changed = 0;
        foreach (var part in parts)
        {
            part.Bind(given, database);
            changed += part.Run(database);
        }
        return changed;
    }

    /// <summary>The rows of the last statement; those before it are run.</summary>
    /// <exception cref="SqliteException">What the engine says; the statement can be run again.</exception>
    public SqliteRows Query(GivenValues given)
    {
        foreach (var part in parts.SkipLast(1))
        {
            part.Bind(given, database);
            part.Run(database);
        }
        parts[^1].Bind(given, database);
        return new SqliteRows(database, parts[^1].Statement);
    }

    public void Dispose() => parts.ForEach(part => part.Dispose());

    private sealed class Prepared : IDisposable
    {
        private readonly nint pointer;
        private readonly bool changes;
        private readonly string[] names;

        /// <summary>By place, where among the values it stood the last time, and under which name, letter by letter or the very same string.</summary>
        private readonly (int Position, string? Name)[] known;

        public Prepared(sqlite3_stmt statement)
        {
            Statement = statement;
            pointer = statement.DangerousGetHandle();
            changes = raw.sqlite3_stmt_readonly(statement) == 0;
            names = new string[raw.sqlite3_bind_parameter_count(statement)];
            for (var at = 0; at < names.Length; at++)
                names[at] = raw.sqlite3_bind_parameter_name(statement, at + 1).utf8_to_string()[1..];
            known = new (int, string?)[names.Length];
        }

        public sqlite3_stmt Statement { get; }

        public int Run(sqlite3 database)
        {
            int result;
            while ((result = sqlite3_step(pointer)) == raw.SQLITE_ROW)
            {
                // Rows that nobody asked for.
            }
            // Told by the step already; what a reset says is the same once more.
            _ = sqlite3_reset(pointer);
            if (result != raw.SQLITE_DONE)
                SqliteException.ThrowExceptionForRC(result, database);
            return changes ? raw.sqlite3_changes(database) : 0;
        }

        public void Bind(GivenValues given, sqlite3 database)
        {
            for (var at = 0; at < names.Length; at++)
            {
                var (position, name) = known[at];
                if (position >= given.Count || !ReferenceEquals(given[position].ParameterName, name))
                    known[at] = (position, _) = Find(given, names[at]);
                var result = Bind(at + 1, given[position]);
                if (result != raw.SQLITE_OK)
                    SqliteException.ThrowExceptionForRC(result, database);
            }
        }

        private static (int, string?) Find(GivenValues given, string name) =>
            given.IndexOf(name) is var at and >= 0 ? (at, given[at].ParameterName) : throw new InvalidOperationException($"The statement needs a value for @{name}.");

        private int Bind(int place, GivenValue given) => given.Value switch
        {
            null => sqlite3_bind_null(pointer, place),
            string text => BindText(place, text),
            long number => sqlite3_bind_int64(pointer, place, number),
            int number => sqlite3_bind_int64(pointer, place, number),
            double number => sqlite3_bind_double(pointer, place, number),
            byte[] bytes => BindBytes(place, bytes),
            string[] texts => BindText(place, JsonSerializer.Serialize(texts)),
            var other => throw new InvalidOperationException($"There is no place for a value of type {other.GetType().Name}: @{given.ParameterName}."),
        };

        private unsafe int BindBytes(int place, byte[] bytes)
        {
            // Nothing at all would be null.
            ReadOnlySpan<byte> none = [0];
            fixed (byte* first = bytes.Length == 0 ? none : bytes)
                return sqlite3_bind_blob(pointer, place, first, bytes.Length, Copied);
        }

        private unsafe int BindText(int place, string text)
        {
            const int Short = 512;
            byte[]? rented = null;
            var room = Encoding.UTF8.GetMaxByteCount(text.Length);
            var bytes = room <= Short ? stackalloc byte[Short] : rented = ArrayPool<byte>.Shared.Rent(room);
            int result;
            fixed (byte* first = bytes)
                result = sqlite3_bind_text(pointer, place, first, Encoding.UTF8.GetBytes(text, bytes), Copied);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
            return result;
        }

        public void Dispose() => Statement.Dispose();
    }
}
