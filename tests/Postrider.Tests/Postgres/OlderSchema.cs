using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>A database as an early version left it, with rows in every table that matters, made without any of the code that brings it up to date.</summary>
internal sealed class OlderSchema
{
    private const string CreateList = "create table schema_migrations (version bigint not null primary key, name text not null, checksum text not null, applied_at bigint not null)";
    private const string Numbers = "with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < 2000)";

    private static readonly string[] Fill =
    [
        $"""
        {Numbers} insert into messages (id, provider_id, client_id, source, mail_from, header_from, subject, header_id, size, eight_bit, smtp_utf8, state, accepted_at, expires_at, finished_at)
        select 'm' || i, 'p' || (i % 20), case when i % 2 = 0 then 'c1' end, 'smtp', 'a' || i || '@example.org', 'a' || i || '@example.org', 'Grüße ' || i, '<' || i || '>', 100 + i, 0, 0,
               case i % 4 when 0 then 'queued' when 1 then 'failed' when 2 then 'cancelled' else 'sent' end, i, i + 4000000000000, case when i % 4 = 0 then null else i + 10 end from n
        """,
        $"{Numbers} insert into contents (message_id, number, bytes) select 'm' || i, 0, /*sqlite: cast('Body ' || i as blob)*/ /*postgres: convert_to('Body ' || i, 'UTF8')*/ from n",
        $"""
        {Numbers} insert into recipients (message_id, number, address, state, uncertain, reply, updated_at)
        select 'm' || i, number, 'b' || i || '@example.org', case i % 4 when 0 then 'queued' when 1 then 'failed' when 2 then 'cancelled' else 'sent' end, 0, '250 OK', i from n cross join (select 0 as number union all select 1) two
        """,
        $"{Numbers} insert into queue (message_id, provider_id, due_at, expires_at, attempts) select 'm' || i, 'p' || (i % 20), i, i + 4000000000000, i % 3 from n where i % 4 = 0",
        $"{Numbers} insert into attempts (message_id, number, provider_id, started_at, finished_at, outcome, reply) select 'm' || i, 1, 'p' || (i % 20), i, i + 5, 'sent', '250 OK' from n",
        $"{Numbers} insert into events (message_id, at, kind, actor, detail) select 'm' || i, i, 'retried', 'anna', 'Tried again.' from n",
        "insert into clients (id, name, user_name, password_hash, networks, senders, enabled, created_at) values ('c1', 'erp', 'erp', 'ab12', '[]', '[]', 1, 1)",
        $"""
        {Numbers} insert into providers (id, name, display_name, type, preset, address, port, security, domain, user_name, tenant, authority, authorize_url, token_url, device_url, client_id, scope, redirect_uri,
               grant_type, shared_mailbox, enabled, paused, connections, messages_per_minute, recipients_per_day, message_bytes, state_since, version, created_at)
        select 'p' || i, 'provider' || i, 'Provider', 'microsoft', 'microsoft', 'smtp.example.org', 587, 'startTls', '', 'a@example.org', 't', '', '', '', '', 'x', '', '', 'authorizationCode', 0, 0, 0, 3, 25, 0, 0, 1, 1, 1 from n where i < 20
        """,
        $"{Numbers} insert into tokens (provider_id, version) select 'p' || i, 7 from n where i < 20",
    ];

    private readonly Dictionary<string, string> columns = [];

    private OlderSchema()
    {
    }

    /// <summary>All migrations of this version, in their order, as they are written.</summary>
    public static IReadOnlyList<(long Version, string Name, string Sql)> Migrations { get; } = [.. typeof(Database).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Select(resource =>
    {
        using var reader = new StreamReader(typeof(Database).Assembly.GetManifestResourceStream(resource)!);
        var name = resource.Split('.')[^2];
        return (long.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }).OrderBy(migration => migration.Item1)];

    /// <param name="migrations">So many of the first have been applied; the first three make the tables that get rows.</param>
    public static async Task<OlderSchema> MakeAsync(DbConnection connection, int migrations = 3)
    {
        await RunAsync(connection, CreateList);
        foreach (var migration in Migrations.Take(migrations))
            await ApplyAsync(connection, migration);
        var older = new OlderSchema();
        if (migrations < 3)
            return older;
        foreach (var statement in Fill)
            await RunAsync(connection, statement);
        foreach (var table in new[] { "messages", "contents", "recipients", "queue", "attempts", "events", "clients", "providers", "tokens" })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"select * from {table} limit 0";
            await using var reader = await command.ExecuteReaderAsync();
            older.columns[table] = string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        }
        return older;
    }

    /// <summary>Applies the others one by one.</summary>
    /// <returns>What the schema is after so many.</returns>
    public static async Task<Dictionary<long, string>> FollowAsync(DbConnection connection)
    {
        var schemas = new Dictionary<long, string> { [await AppliedAsync(connection)] = await SchemaAsync(connection) };
        foreach (var migration in Migrations.Skip((int)await AppliedAsync(connection)))
        {
            await ApplyAsync(connection, migration);
            schemas[await AppliedAsync(connection)] = await SchemaAsync(connection);
        }
        return schemas;
    }

    /// <summary>How many migrations are on the list.</summary>
    public static async Task<long> AppliedAsync(DbConnection connection) =>
        long.Parse((await LinesAsync(connection, "select count(*) from schema_migrations")).Single(), CultureInfo.InvariantCulture);

    /// <summary>Tables, columns, indexes and triggers.</summary>
    public static async Task<string> SchemaAsync(DbConnection connection) => string.Join('\n', (await LinesAsync(connection, connection is NpgsqlConnection
        ? """
          select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') from information_schema.columns where table_schema = 'public'
          union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
          union all select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
          union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
          union all select 'options ' || relname || ' ' || coalesce(reloptions::text, '') from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
          """
        : "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_schema where name not like 'sqlite_%'")).Order(StringComparer.Ordinal));

    /// <summary>A checksum of all that the rows held when they were made, whatever has been added since.</summary>
    public async Task<string> RowsAsync(DbConnection connection)
    {
        var sums = new List<string>();
        foreach (var (table, named) in columns)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await foreach (var line in EachAsync(connection, $"select {named} from {table} order by 1, 2"))
                hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            sums.Add($"{table} {Convert.ToHexString(hash.GetHashAndReset())}");
        }
        return string.Join('\n', sums);
    }

    private static async Task ApplyAsync(DbConnection connection, (long Version, string Name, string Sql) migration)
    {
        await RunAsync(connection, migration.Sql);
        await RunAsync(connection, $"insert into schema_migrations values ({migration.Version}, '{migration.Name}', '{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(migration.Sql)))}', 1)");
    }

    public static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = (connection is NpgsqlConnection ? Dialect.Postgres : Dialect.Sqlite).Translate(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> LinesAsync(DbConnection connection, string sql)
    {
        var lines = new List<string>();
        await foreach (var line in EachAsync(connection, sql))
            lines.Add(line);
        return lines;
    }

    private static async IAsyncEnumerable<string> EachAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            yield return string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(at => reader.GetValue(at) switch
            {
                byte[] bytes => Convert.ToHexString(bytes),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            }));
    }
}
