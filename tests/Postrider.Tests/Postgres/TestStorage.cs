using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>Where a test keeps its rows: in a file of its own, or in a database of its own on the tests' PostgreSQL.</summary>
internal static class TestStorage
{
    public static async Task<StorageOptions> NewAsync(string file) => IOnPostgres.Asked
        ? new StorageOptions { ConnectionString = await (await PostgresServer.SharedAsync()).NewInstallationAsync() }
        : StorageOptions.ForFile(file);
}
