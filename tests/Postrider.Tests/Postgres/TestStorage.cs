using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>Where a test keeps its rows: in a file of its own, or in a database of its own on the tests' PostgreSQL. Both have the schema already,
/// which is quicker than making it each time.</summary>
internal static class TestStorage
{
    private static readonly Lazy<Task<byte[]>> Template = new(MakeTemplateAsync);

    public static async Task<StorageOptions> NewAsync(string file)
    {
        if (IOnPostgres.Asked)
            return new StorageOptions { ConnectionString = await (await PostgresServer.SharedAsync()).NewInstallationAsync() };
        await File.WriteAllBytesAsync(file, await Template.Value);
        return StorageOptions.ForFile(file);
    }

    private static async Task<byte[]> MakeTemplateAsync()
    {
        var directory = Directory.CreateTempSubdirectory("postrider-template-").FullName;
        try
        {
            var file = Path.Combine(directory, "template.db");
            await (await Database.OpenAsync(StorageOptions.ForFile(file), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None)).DisposeAsync();
            return await File.ReadAllBytesAsync(file);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
