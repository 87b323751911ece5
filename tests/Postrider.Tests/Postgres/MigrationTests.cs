using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>The schema of a shared database: made once, by whoever is first, wholly or not at all.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_all_find_it_made()
    {
        var connection = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(connection)));
        var applied = await nodes[0].ReadAsync(session => session.QueryAsync<long>("select version from schema_migrations"), TestContext.Current.CancellationToken);
        Assert.Equal(applied.Distinct().Count(), applied.Count);
        Assert.Contains(70L, applied);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    // T07: whoever makes the schema is cut off at some statement of it, again and again.
    [Fact]
    public async Task A_start_that_is_cut_off_leaves_the_old_schema_or_the_new_and_the_next_one_finishes()
    {
        var server = await PostgresServer.SharedAsync();
        var connection = await server.NewDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(connection).Database;
        var chance = new Random(7);
        for (var round = 0; round < 12; round++)
        {
            var opening = OpenAsync(connection);
            await Task.Delay(chance.Next(0, 60), TestContext.Current.CancellationToken);
            await server.RunAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
            try
            {
                await (await opening).DisposeAsync();
            }
            catch (StorageException)
            {
                // Cut off: as it should be.
            }
            NpgsqlConnection.ClearAllPools();
            await using var look = new NpgsqlConnection(connection + ";Pooling=False");
            await look.OpenAsync(TestContext.Current.CancellationToken);
            Assert.Equal(await HasAsync(look, "messages"), await RecordedAsync(look, 1));
            Assert.Equal(await HasAsync(look, "providers"), await RecordedAsync(look, 3));
            Assert.Equal(await HasAsync(look, "installation"), await RecordedAsync(look, 70));
            await using var again = new NpgsqlCommand("drop schema public cascade; create schema public", look);
            if (round % 4 == 3)
                await again.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await using var whole = await OpenAsync(connection);
        Assert.Equal(0, await whole.ReadAsync(session => session.SingleAsync<long>("select count(*) from lanes"), TestContext.Current.CancellationToken));
    }

    private static async Task<bool> HasAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand($"select to_regclass('{table}') is not null", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<bool> RecordedAsync(NpgsqlConnection connection, long version)
    {
        if (!await HasAsync(connection, "schema_migrations"))
            return false;
        await using var command = new NpgsqlCommand($"select exists (select 1 from schema_migrations where version = {version})", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static Task<Database> OpenAsync(string connection) => Database.OpenAsync(new StorageOptions { ConnectionString = connection },
        TimeProvider.System, NullLogger<Database>.Instance, TestContext.Current.CancellationToken);
}
