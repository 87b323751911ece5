using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Storage;

namespace Postrider.Tests.Mail;

/// <summary>Whose schema it is: a database is opened by the version that can read it, or not at all.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-schema-").FullName;

    [Fact]
    public async Task A_database_is_opened_again_as_it_was_left()
    {
        await OpenAsync();
        var applied = Query("select group_concat(applied_at) from schema_migrations");
        await OpenAsync();
        Assert.Equal(applied, Query("select group_concat(applied_at) from schema_migrations"));
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_made_the_database_is_refused()
    {
        await OpenAsync();
        Query("update schema_migrations set checksum = 'other' where version = 1");
        Assert.Contains("0001-mail differs", (await Assert.ThrowsAsync<StorageException>(OpenAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_with_what_to_do()
    {
        await OpenAsync();
        Query("insert into schema_migrations values (9999, '9999-future', 'x', 0)");
        var refused = await Assert.ThrowsAsync<StorageException>(OpenAsync);
        Assert.Contains("its schema is 9999", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start the newer version, or restore a backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_did_not_finish_is_made_up_for_at_the_next_start()
    {
        await OpenAsync();
        Query("delete from schema_migrations where version = 2; drop table clients; drop table api_keys");
        await OpenAsync();
        Assert.Equal("0", Query("select count(*) from clients"));
    }

    private async Task OpenAsync()
    {
        await using var database = await Database.OpenAsync(StorageOptions.ForFile(Path.Combine(directory, "test.db")), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
    }

    private string? Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "test.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
