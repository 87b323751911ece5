using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Storage.Postgres;

namespace Postrider.Storage.Copies;

/// <summary>Whole copies of an installation's data. A backup is an SQLite database with every table and the key ring in it, whichever
/// engine it was taken of; restoring and moving are copies from such a file.</summary>
public static class DatabaseCopies
{
    /// <summary>Entries of the table <c>installation</c>.</summary>
    public const string Held = "held", MadeAt = "backup made at", ComparedAt = "compared at", WaitingThere = "waiting there";

    private const string Put = "insert into installation (name, value) values (@name, @value) on conflict (name) do update set value = @value";

    /// <summary>Copies the data as they are at one moment into a new file, while others go on writing.</summary>
    /// <param name="keys">The directory of the key ring, where it is not in the database.</param>
    /// <returns>How many messages are in it.</returns>
    public static async Task<long> BackUpAsync(StorageOptions from, string file, string? keys, TimeProvider time, IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        var part = file + ".part";
        DeleteWithCompanions(part);
        CreateForOwner(part);
        try
        {
            if (from.IsShared)
                await FromPostgresAsync(from, part, progress, cancellation);
            else
                await FromSqliteAsync(from, part, cancellation);
            await using (var copy = await OpenFileAsync(part, SqliteOpenMode.ReadWrite, cancellation))
            {
                Run(copy, "pragma journal_mode = delete");
                if (!from.IsShared && keys is not null)
                    await TakeKeysAsync(copy, keys, time, cancellation);
                Run(copy, Put, ("@name", MadeAt), ("@value", time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
                if (Ask(copy, "pragma quick_check") is not "ok" and var wrong)
                    throw new StorageException($"The backup is not whole: {wrong}");
            }
            await using var whole = await OpenFileAsync(part, SqliteOpenMode.ReadOnly, cancellation);
            var messages = (long)Ask(whole, "select count(*) from messages")!;
            File.Move(part, file, overwrite: true);
            DeleteWithCompanions(part);
            return messages;
        }
        catch
        {
            DeleteWithCompanions(part);
            throw;
        }
    }

    /// <summary>Makes the data of a backup those of a new installation, held until somebody releases it.</summary>
    /// <param name="keys">The directory for the key ring, where it is not to be in the database.</param>
    /// <param name="old">The database of the installation that was backed up, where it can still be read: what it has sent since counts as sent.</param>
    public static async Task<RestoreReport> RestoreAsync(string file, StorageOptions to, string? keys, StorageOptions? old, TimeProvider time, IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        string? madeAt;
        await using (var backup = await OpenFileAsync(file, SqliteOpenMode.ReadOnly, cancellation))
        {
            if (Ask(backup, "pragma quick_check") is not "ok" || Ask(backup, "select count(*) from sqlite_master where name = 'installation'") is not 1L
                || (madeAt = Ask(backup, "select value from installation where name = @name", ("@name", MadeAt)) as string) is null)
                throw new StorageException($"{file} is not a backup made by postrider, or it is damaged.");
        }
        if (to.IsShared)
            await MoveAsync(StorageOptions.ForFile(file), to, null, time, progress, cancellation);
        else
        {
            var target = new SqliteConnectionStringBuilder(to.ConnectionString).DataSource;
            if (File.Exists(target))
                throw new StorageException($"There is a database at {target} already. Restore into an empty directory, or move that one away.");
            CreateForOwner(target);
            await using var from = File.OpenRead(file);
            await using var copy = new FileStream(target, FileMode.Open, FileAccess.Write);
            await from.CopyToAsync(copy, cancellation);
            copy.Flush(flushToDisk: true);
        }
        // Opening brings an older backup's schema up to date.
        await using var database = await Database.OpenAsync(to, time, NullLogger<Database>.Instance, cancellation);
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Put, new { name = Held, value = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) });
            await session.ExecuteAsync("update queue set lease_owner = null, claimed_at = null");
            // Those of a copy that was itself restored, and never released, before it was backed up.
            await session.ExecuteAsync("delete from differences");
            await session.ExecuteAsync("delete from installation where name in (@ComparedAt, @WaitingThere)", new { ComparedAt, WaitingThere });
        }, cancellation);
        if (!to.IsShared && keys is not null)
        {
            foreach (var key in await database.ReadAsync(session => session.QueryAsync<Key>("select name, xml from key_ring"), cancellation))
                await PutKeyAsync(Path.Combine(keys, Path.GetFileName(key.Name) + ".xml"), key.Xml, cancellation);
            await database.WriteAsync(session => session.ExecuteAsync("delete from key_ring"), cancellation);
        }
        var compared = old is null ? null : await CompareAsync(database, old, time, cancellation);
        return await database.ReadAsync(async session => new RestoreReport(DateTimeOffset.Parse(madeAt, CultureInfo.InvariantCulture),
            await session.SingleAsync<long>("select count(*) from messages"), await session.SingleAsync<long>("select count(*) from queue"), compared), cancellation);
    }

    private static async Task<Compared> CompareAsync(Database here, StorageOptions old, TimeProvider time, CancellationToken cancellation)
    {
        await using DbConnection there = old.IsShared ? await OpenServerAsync(old, cancellation)
            : await OpenFileAsync(new SqliteConnectionStringBuilder(old.ConnectionString).DataSource, SqliteOpenMode.ReadOnly, cancellation);
        await using DbTransaction moment = there is SqliteConnection file ? file.BeginTransaction(deferred: true) : await there.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var compared = await new Comparison(here, there, time).RunAsync(cancellation);
        await here.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Put, new { name = ComparedAt, value = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) });
            await session.ExecuteAsync(Put, new { name = WaitingThere, value = compared.WaitingThere.ToString(CultureInfo.InvariantCulture) });
        }, cancellation);
        return compared;
    }

    /// <summary>Copies everything into another, empty database and compares. The source is only read.</summary>
    public static async Task<IReadOnlyList<CopiedTable>> MoveAsync(StorageOptions from, StorageOptions to, string? keys, TimeProvider time, IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        await using (var target = await Database.OpenAsync(to, time, NullLogger<Database>.Instance, cancellation))
            if (await target.ReadAsync(session => session.SingleAsync<long>("select (select count(*) from messages) + (select count(*) from providers) + (select count(*) from api_keys)"), cancellation) > 0)
                throw new StorageException("The target holds an installation already. Name an empty database.");
        await using var source = await OpenFileAsync(new SqliteConnectionStringBuilder(from.ConnectionString).DataSource, SqliteOpenMode.ReadOnly, cancellation);
        await using var reading = source.BeginTransaction(deferred: true);
        await using var destination = new NpgsqlConnection(PostgresAddress.Parse(to.ConnectionString).ConnectionString);
        await destination.OpenAsync(cancellation);
        var (mine, theirs) = (await TableCopy.SchemaAsync(source, cancellation), await TableCopy.SchemaAsync(destination, cancellation));
        if (!mine.SequenceEqual(theirs))
            throw new StorageException(theirs.Except(mine).Any()
                ? "The source has an older schema. Start this version once on it, stop it, and begin again."
                : "The source was written by a newer version of Postrider. Use that one.");
        await using var writing = await destination.BeginTransactionAsync(cancellation);
        await using (var clear = new NpgsqlCommand($"truncate {string.Join(", ", await TableCopy.TablesAsync(destination, cancellation))}", destination))
            await clear.ExecuteNonQueryAsync(cancellation);
        var copied = await TableCopy.RunAsync(source, destination, progress, cancellation);
        if (keys is not null)
            foreach (var key in Directory.Exists(keys) ? Directory.EnumerateFiles(keys, "*.xml") : [])
            {
                await using var insert = new NpgsqlCommand("insert into key_ring (name, xml, created_at) values ($1, $2, $3)", destination);
                insert.Parameters.AddWithValue(Path.GetFileNameWithoutExtension(key));
                insert.Parameters.AddWithValue(await File.ReadAllTextAsync(key, cancellation));
                insert.Parameters.AddWithValue(time.GetUtcNow().ToUnixTimeMilliseconds());
                await insert.ExecuteNonQueryAsync(cancellation);
            }
        await writing.CommitAsync(cancellation);
        return copied;
    }

    private static async Task FromSqliteAsync(StorageOptions from, string part, CancellationToken cancellation)
    {
        var source = new SqliteConnectionStringBuilder(from.ConnectionString).DataSource;
        if (!File.Exists(source))
            throw new StorageException($"There is no database at {source}. Name the data directory with --data, or the connection string with --database.");
        await using var reading = await OpenFileAsync(source, SqliteOpenMode.ReadOnly, cancellation);
        await using var writing = await OpenFileAsync(part, SqliteOpenMode.ReadWrite, cancellation);
        reading.BackupDatabase(writing);
    }

    private static async Task FromPostgresAsync(StorageOptions from, string part, IProgress<CopyProgress>? progress, CancellationToken cancellation)
    {
        await using var source = await OpenServerAsync(from, cancellation);
        await (await Database.OpenAsync(StorageOptions.ForFile(part), TimeProvider.System, NullLogger<Database>.Instance, cancellation)).DisposeAsync();
        await using var moment = await source.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await using var writing = await OpenFileAsync(part, SqliteOpenMode.ReadWrite, cancellation);
        if (!(await TableCopy.SchemaAsync(source, cancellation)).SequenceEqual(await TableCopy.SchemaAsync(writing, cancellation)))
            throw new StorageException("The database was made by another version of Postrider. Back it up with the version that runs on it.");
        await TableCopy.RunAsync(source, writing, progress, cancellation);
    }

    private static async Task TakeKeysAsync(SqliteConnection copy, string keys, TimeProvider time, CancellationToken cancellation)
    {
        foreach (var key in Directory.Exists(keys) ? Directory.EnumerateFiles(keys, "*.xml") : [])
            Run(copy, "insert into key_ring (name, xml, created_at) values (@name, @xml, @now) on conflict (name) do nothing", ("@name", Path.GetFileNameWithoutExtension(key)),
                ("@xml", await File.ReadAllTextAsync(key, cancellation)), ("@now", time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private static async Task PutKeyAsync(string file, string xml, CancellationToken cancellation)
    {
        CreateForOwner(file);
        await File.WriteAllTextAsync(file, xml, cancellation);
    }

    private static async Task<SqliteConnection> OpenFileAsync(string file, SqliteOpenMode mode, CancellationToken cancellation)
    {
        if (!File.Exists(file))
            throw new StorageException($"There is no file {file}.");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellation);
            Run(connection, "pragma busy_timeout = 10000");
            return connection;
        }
        catch (SqliteException wrong)
        {
            await connection.DisposeAsync();
            throw new StorageException($"{file} cannot be read: {wrong.Message}", wrong);
        }
    }

    private static async Task<NpgsqlConnection> OpenServerAsync(StorageOptions options, CancellationToken cancellation)
    {
        var settings = PostgresAddress.Parse(options.ConnectionString);
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception wrong) when (wrong is NpgsqlException or TimeoutException)
        {
            await connection.DisposeAsync();
            throw PostgresFailure.WhyNotOpen(wrong, settings);
        }
    }

    private static void Run(SqliteConnection connection, string sql, params (string, object)[] parameters) => Ask(connection, sql, parameters);

    private static object? Ask(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        try
        {
            return command.ExecuteScalar();
        }
        catch (SqliteException wrong)
        {
            throw new StorageException($"{connection.DataSource} cannot be used: {wrong.Message}", wrong);
        }
    }

    /// <summary>Mail and secrets lie in it: nobody else reads it.</summary>
    private static void CreateForOwner(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(file, options).Dispose();
    }

    private static void DeleteWithCompanions(string file)
    {
        foreach (var end in new[] { "", "-wal", "-shm", "-journal", ".lock" })
            File.Delete(file + end);
    }

    private sealed class Key
    {
        public string Name { get; init; } = "";
        public string Xml { get; init; } = "";
    }
}

/// <summary>What came back.</summary>
/// <param name="Waiting">Messages that have somebody to reach.</param>
/// <param name="Since">What the installation that was backed up has done since; null when it was not asked.</param>
public sealed record RestoreReport(DateTimeOffset MadeAt, long Messages, long Waiting, Compared? Since);
