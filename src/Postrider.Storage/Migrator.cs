using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Postrider.Storage;

/// <summary>Brings the schema up to date: the numbered statements of <c>Migrations/</c>, each file in a transaction of its own together
/// with its entry in the list of those applied, so that a process killed midway leaves either the old schema or the new.</summary>
internal static class Migrator
{
    private const string CreateList = """
        create table if not exists schema_migrations (
            version bigint not null primary key, name text not null, checksum text not null, applied_at bigint not null)
        """;

    private const string Lock = "schema";

    private sealed record Migration(long Version, string Name, string Sql)
    {
        public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
    }

    private sealed class Applied
    {
        public long Version { get; init; }
        public string Checksum { get; init; } = "";
    }

    /// <returns>How many migrations were applied.</returns>
    public static async Task<int> RunAsync(Engine engine, Dialect dialect, TimeProvider time, CancellationToken cancellation)
    {
        var known = Read();
        var applied = await engine.MigrateAsync(async session =>
        {
            await session.LockAsync(Lock);
            await session.ExecuteAsync(CreateList);
            return (await session.QueryAsync<Applied>("select version, checksum from schema_migrations")).ToDictionary(row => row.Version, row => row.Checksum);
        }, cancellation);
        Refuse(known, applied);
        var count = 0;
        foreach (var migration in known.Where(migration => !applied.ContainsKey(migration.Version)))
            count += await engine.MigrateAsync(async session =>
            {
                // Two nodes may start at once: the second waits here, and finds it done.
                await session.LockAsync(Lock);
                if (await session.SingleAsync<long>("select count(*) from schema_migrations where version = @Version", new { migration.Version }) == 1)
                    return 0;
                await session.ExecuteAsync(dialect.Translate(migration.Sql));
                return await session.ExecuteAsync(
                    "insert into schema_migrations (version, name, checksum, applied_at) values (@Version, @Name, @Checksum, @now)",
                    new { migration.Version, migration.Name, migration.Checksum, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
            }, cancellation);
        return count;
    }

    private static void Refuse(List<Migration> known, Dictionary<long, string> applied)
    {
        var newest = known[^1].Version;
        if (applied.Keys.Where(version => version > newest).Order().FirstOrDefault() is var newer and > 0)
            throw new StorageException($"The database was written by a newer version of Postrider (its schema is {newer}, this version knows {newest}). Start the newer version, or restore a backup from before the update.");
        foreach (var migration in known)
            if (applied.TryGetValue(migration.Version, out var checksum) && checksum != migration.Checksum)
                throw new StorageException($"Migration {migration.Name} differs from the one that made this database. It must not be changed once released.");
    }

    private static List<Migration> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource =>
            {
                var name = resource.Split('.')[^2];
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                return new Migration(long.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture), name, reader.ReadToEnd());
            })
            .OrderBy(migration => migration.Version)
            .ToList();
    }
}
