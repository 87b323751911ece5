using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using Postrider.Storage.Postgres;

namespace Postrider.Storage.Copies;

/// <summary>How far a copy has come.</summary>
public sealed record CopyProgress(string Table, long Rows, long Of);

/// <summary>What was copied of a table: how many rows, and the sum of their hashes, which does not depend on their order.</summary>
public sealed record CopiedTable(string Name, long Rows, string Checksum);

/// <summary>Copies every table from one database to another, whichever engine each of them is, and reads the copy again to compare.</summary>
internal static class TableCopy
{
    /// <summary>What belongs to a running installation and not to its data.</summary>
    private static readonly string[] LeftOut = ["schema_migrations", "nodes", "lanes"];

    private const int Tell = 5000;

    /// <param name="from">Inside a transaction that sees one moment.</param>
    /// <exception cref="StorageException">The copy differs from what was read.</exception>
    public static async Task<IReadOnlyList<CopiedTable>> RunAsync(DbConnection from, DbConnection to, IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        var copied = new List<CopiedTable>();
        foreach (var table in await TablesAsync(to, cancellation))
        {
            var columns = await ColumnsAsync(to, table, cancellation);
            var sum = to is NpgsqlConnection postgres
                ? await IntoPostgresAsync(from, postgres, table, columns, progress, cancellation)
                : await IntoSqliteAsync(from, (SqliteConnection)to, table, columns, progress, cancellation);
            var again = new RowSum();
            await foreach (var row in RowsAsync(to, table, columns, cancellation))
                again.Add(row);
            if (again.Text != sum.Text || again.Rows != sum.Rows)
                throw new StorageException($"The copy of {table} differs: {sum.Rows} rows were read and {again.Rows} written, or their contents are not the same. Nothing of the source was changed; begin again with an empty target.");
            copied.Add(new CopiedTable(table, sum.Rows, sum.Text));
        }
        return copied;
    }

    public static async Task<IReadOnlyList<string>> TablesAsync(DbConnection connection, CancellationToken cancellation) =>
        [.. (await StringsAsync(connection, connection is NpgsqlConnection
            ? "select tablename from pg_tables where schemaname = current_schema() order by 1"
            : "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by 1", cancellation)).Except(LeftOut)];

    /// <summary>The migrations that made it, with their checksums.</summary>
    public static async Task<IReadOnlyList<string>> SchemaAsync(DbConnection connection, CancellationToken cancellation) =>
        await StringsAsync(connection, "select name || ' ' || checksum from schema_migrations order by version", cancellation);

    private static async Task<List<string>> StringsAsync(DbConnection connection, string sql, CancellationToken cancellation)
    {
        var found = new List<string>();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(reader.GetString(0));
        return found;
    }

    private static async Task<IReadOnlyList<(string Name, string Type)>> ColumnsAsync(DbConnection connection, string table, CancellationToken cancellation)
    {
        var columns = new List<(string, string)>();
        await using var command = connection.CreateCommand();
        command.CommandText = $"select * from {table} limit 0";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        for (var at = 0; at < reader.FieldCount; at++)
            columns.Add((reader.GetName(at), reader.GetDataTypeName(at)));
        return columns;
    }

    private static async Task<long> CountAsync(DbConnection connection, string table, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"select count(*) from {table}";
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async IAsyncEnumerable<object?[]> RowsAsync(DbConnection connection, string table, IReadOnlyList<(string Name, string Type)> columns,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"select {string.Join(", ", columns.Select(column => column.Name))} from {table}";
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = new object?[columns.Count];
            for (var at = 0; at < row.Length; at++)
                row[at] = reader.GetValue(at) switch
                {
                    DBNull => null,
                    int number => (long)number,
                    string text => GivenValue.Text(text),
                    var value => value,
                };
            yield return row;
        }
    }

    private static async Task<RowSum> IntoPostgresAsync(DbConnection from, NpgsqlConnection to, string table, IReadOnlyList<(string Name, string Type)> columns,
        IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        var (sum, all) = (new RowSum(), await CountAsync(from, table, cancellation));
        await using var writer = await to.BeginBinaryImportAsync($"copy {table} ({string.Join(", ", columns.Select(column => column.Name))}) from stdin (format binary)", cancellation);
        writer.Timeout = TimeSpan.Zero;
        await foreach (var row in RowsAsync(from, table, columns, cancellation))
        {
            await writer.StartRowAsync(cancellation);
            for (var at = 0; at < row.Length; at++)
                await (row[at] switch
                {
                    null => writer.WriteNullAsync(cancellation),
                    long number when columns[at].Type == "integer" => writer.WriteAsync((int)number, NpgsqlDbType.Integer, cancellation),
                    long number => writer.WriteAsync(number, NpgsqlDbType.Bigint, cancellation),
                    string text => writer.WriteAsync(text, NpgsqlDbType.Text, cancellation),
                    byte[] bytes => writer.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellation),
                    var other => throw new StorageException($"{table}.{columns[at].Name} holds a {other.GetType().Name}, which cannot be copied."),
                });
            sum.Add(row);
            if (sum.Rows % Tell == 0)
                progress?.Report(new CopyProgress(table, sum.Rows, all));
        }
        await writer.CompleteAsync(cancellation);
        progress?.Report(new CopyProgress(table, sum.Rows, sum.Rows));
        return sum;
    }

    private static async Task<RowSum> IntoSqliteAsync(DbConnection from, SqliteConnection to, string table, IReadOnlyList<(string Name, string Type)> columns,
        IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        var (sum, all) = (new RowSum(), await CountAsync(from, table, cancellation));
        await using var transaction = to.BeginTransaction();
        await using var insert = to.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = $"insert into {table} ({string.Join(", ", columns.Select(column => column.Name))}) values ({string.Join(", ", columns.Select((_, at) => $"@{at}"))})";
        for (var at = 0; at < columns.Count; at++)
            insert.Parameters.Add(new SqliteParameter($"@{at}", null));
        await foreach (var row in RowsAsync(from, table, columns, cancellation))
        {
            for (var at = 0; at < row.Length; at++)
                insert.Parameters[at].Value = row[at] ?? DBNull.Value;
            await insert.ExecuteNonQueryAsync(cancellation);
            sum.Add(row);
            if (sum.Rows % Tell == 0)
                progress?.Report(new CopyProgress(table, sum.Rows, all));
        }
        await transaction.CommitAsync(cancellation);
        progress?.Report(new CopyProgress(table, sum.Rows, sum.Rows));
        return sum;
    }

    private sealed class RowSum
    {
        private ulong sum;

        public long Rows { get; private set; }
        public string Text => sum.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

        public void Add(object?[] row)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> number = stackalloc byte[9];
            foreach (var value in row)
            {
                var bytes = value switch
                {
                    string text => Encoding.UTF8.GetBytes(text),
                    byte[] blob => blob,
                    _ => [],
                };
                number[0] = value switch { null => 0, long => 1, string => 2, _ => 3 };
                BinaryPrimitives.WriteInt64LittleEndian(number[1..], value is long whole ? whole : bytes.Length);
                hash.AppendData(number);
                hash.AppendData(bytes);
            }
            sum = unchecked(sum + BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset()));
            Rows++;
        }
    }
}
