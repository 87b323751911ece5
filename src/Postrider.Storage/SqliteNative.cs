using System.Runtime.InteropServices;

namespace Postrider.Storage;

/// <summary>What a statement asks of the engine for each value and row (https://www.sqlite.org/c3ref/funclist.html), without what the driver
/// does around each call. Calls that only read or set a number do not even tell the runtime that they leave it.</summary>
internal static unsafe partial class SqliteNative
{
    private const string Engine = "e_sqlite3";

    /// <summary>Tells the engine to make a copy: the value is gone when the call returns.</summary>
    public static readonly nint Copied = -1;

    /// <summary>Asked now and then of a whole connection, which the driver cannot do.</summary>
    [LibraryImport(Engine)]
    public static partial int sqlite3_db_release_memory(nint database);

    [LibraryImport(Engine)]
    public static partial int sqlite3_step(nint statement);

    [LibraryImport(Engine)]
    public static partial int sqlite3_reset(nint statement);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_bind_null(nint statement, int place);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_bind_int64(nint statement, int place, long value);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_bind_double(nint statement, int place, double value);

    [LibraryImport(Engine)]
    public static partial int sqlite3_bind_text(nint statement, int place, byte* value, int octets, nint kept);

    [LibraryImport(Engine)]
    public static partial int sqlite3_bind_blob(nint statement, int place, byte* value, int octets, nint kept);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_column_count(nint statement);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial double sqlite3_column_double(nint statement, int column);

    [LibraryImport(Engine)]
    public static partial byte* sqlite3_column_text(nint statement, int column);

    [LibraryImport(Engine)]
    public static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Engine), SuppressGCTransition]
    public static partial int sqlite3_column_bytes(nint statement, int column);
}
