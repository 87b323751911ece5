using System.Collections;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static Postrider.Storage.SqliteNative;

namespace Postrider.Storage;

/// <summary>The rows of a statement that has its values. A value is what the engine holds: a number, a text, octets or nothing.</summary>
internal sealed class SqliteRows : DbDataReader
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly nint pointer;
    private readonly bool any;
    private bool ahead, closed;

    /// <exception cref="SqliteException">What the engine says of the first row.</exception>
    public SqliteRows(sqlite3 database, sqlite3_stmt statement)
    {
        (this.database, this.statement, pointer) = (database, statement, statement.DangerousGetHandle());
        // Which kinds of values there are is asked before the first row is read.
        FieldCount = sqlite3_column_count(pointer);
        any = ahead = Step();
    }

    public override int FieldCount { get; }
    public override bool HasRows => any;
    public override bool IsClosed => closed;
    public override int Depth => 0;
    public override int RecordsAffected => -1;

    public override bool Read()
    {
        if (!ahead)
            return !closed && any && Step();
        ahead = false;
        return true;
    }

    private bool Step()
    {
        var result = sqlite3_step(pointer);
        if (result == raw.SQLITE_ROW)
            return true;
        Close();
        if (result != raw.SQLITE_DONE)
            SqliteException.ThrowExceptionForRC(result, database);
        return false;
    }

    /// <summary>The statement may be run again.</summary>
    public override void Close()
    {
        if (closed)
            return;
        closed = true;
        _ = sqlite3_reset(pointer);
    }

    public override bool NextResult() => false;

    public override string GetName(int ordinal) => raw.sqlite3_column_name(statement, ordinal).utf8_to_string();

    public override int GetOrdinal(string name)
    {
        for (var at = 0; at < FieldCount; at++)
            if (string.Equals(GetName(at), name, StringComparison.OrdinalIgnoreCase))
                return at;
        throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such column.");
    }

    /// <summary>That of the value at hand; of what is empty, that of its column.</summary>
    public override Type GetFieldType(int ordinal) => closed ? Declared(ordinal) : sqlite3_column_type(pointer, ordinal) switch
    {
        raw.SQLITE_INTEGER => typeof(long),
        raw.SQLITE_FLOAT => typeof(double),
        raw.SQLITE_TEXT => typeof(string),
        raw.SQLITE_BLOB => typeof(byte[]),
        _ => Declared(ordinal),
    };

    // In the words of https://www.sqlite.org/datatype3.html#determination_of_column_affinity, as far as the schema uses them.
    private Type Declared(int ordinal) => GetDataTypeName(ordinal) switch
    {
        var type when type.Contains("int", StringComparison.OrdinalIgnoreCase) => typeof(long),
        "bytea" => typeof(byte[]),
        _ => typeof(string),
    };

    public override string GetDataTypeName(int ordinal) => raw.sqlite3_column_decltype(statement, ordinal).utf8_to_string() ?? "";

    public override object GetValue(int ordinal) => sqlite3_column_type(pointer, ordinal) switch
    {
        raw.SQLITE_INTEGER => sqlite3_column_int64(pointer, ordinal),
        raw.SQLITE_FLOAT => sqlite3_column_double(pointer, ordinal),
        raw.SQLITE_TEXT => GetString(ordinal),
        raw.SQLITE_BLOB => Octets(ordinal),
        _ => DBNull.Value,
    };

    public override bool IsDBNull(int ordinal) => sqlite3_column_type(pointer, ordinal) == raw.SQLITE_NULL;

    public override unsafe string GetString(int ordinal)
    {
        // In this order: the octets are counted of the text that was asked for.
        var text = sqlite3_column_text(pointer, ordinal);
        return Encoding.UTF8.GetString(text, sqlite3_column_bytes(pointer, ordinal));
    }

    private unsafe byte[] Octets(int ordinal)
    {
        var octets = sqlite3_column_blob(pointer, ordinal);
        return new ReadOnlySpan<byte>(octets, sqlite3_column_bytes(pointer, ordinal)).ToArray();
    }

    public override long GetInt64(int ordinal) => sqlite3_column_int64(pointer, ordinal);
    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));
    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));
    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));
    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;
    public override double GetDouble(int ordinal) => sqlite3_column_double(pointer, ordinal);
    public override object this[int ordinal] => GetValue(ordinal);
    public override object this[string name] => GetValue(GetOrdinal(name));

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var at = 0; at < count; at++)
            values[at] = GetValue(at);
        return count;
    }

    [SuppressMessage("Design", "CA1065", Justification = "The schema has no such values.")]
    public override IEnumerator GetEnumerator() => throw new NotSupportedException();
    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();
    public override char GetChar(int ordinal) => throw new NotSupportedException();
    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();
    public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException();
    public override decimal GetDecimal(int ordinal) => throw new NotSupportedException();
    public override float GetFloat(int ordinal) => throw new NotSupportedException();
    public override Guid GetGuid(int ordinal) => throw new NotSupportedException();
}
