using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>The schema of a shared database: made once, by whoever is first, wholly or not at all.</summary>
public sealed class MigrationTests(ITestOutputHelper output)
{
    /// <summary>Ends the session that gives the order, when so many more of those that change a schema have been carried out. A sequence
    /// does not go back with the transaction.</summary>
    private const string CutOff = """
        create schema cutting;
        create sequence cutting.down increment -1 minvalue -1000000000 maxvalue 1000000000 start 1000000000;
        create function cutting.cut() returns event_trigger language plpgsql as $$
        begin
            if nextval('cutting.down') = 0 then
                perform pg_terminate_backend(pg_backend_pid());
            end if;
        end
        $$;
        create event trigger cut on ddl_command_end execute function cutting.cut()
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_all_find_it_made()
    {
        var connection = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(connection)));
        var applied = await nodes[0].ReadAsync(session => session.QueryAsync<long>("select version from schema_migrations"), Token);
        Assert.Equal(applied.Distinct().Count(), applied.Count);
        Assert.Contains(70L, applied);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    // T07: whoever brings the schema up to date is cut off behind some statement of it, again and again, until it is done.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_start_that_is_cut_off_leaves_the_old_schema_or_the_new_and_every_row_and_the_next_one_finishes(int migrations)
    {
        var server = await PostgresServer.SharedAsync();
        Dictionary<long, string> schemas;
        await using (var model = await LookAsync(await server.NewDatabaseAsync()))
        {
            await OlderSchema.MakeAsync(model, migrations);
            schemas = await OlderSchema.FollowAsync(model);
        }
        var connection = await server.NewDatabaseAsync();
        await using var look = await LookAsync(connection);
        var older = await OlderSchema.MakeAsync(look, migrations);
        var rows = await older.RowsAsync(look);
        await OlderSchema.RunAsync(look, CutOff);
        var (chance, cuts, latest, before) = (new Random(7), 0, 12, -1L);
        for (long applied; (applied = await OlderSchema.AppliedAsync(look)) < OlderSchema.Migrations.Count; cuts++)
        {
            // Later and later while a migration has more statements than that.
            (latest, before) = (applied == before ? latest + 4 : 12, applied);
            await OlderSchema.RunAsync(look, $"select setval('cutting.down', {chance.Next(2, latest)})");
            try
            {
                await (await OpenAsync(connection)).DisposeAsync();
            }
            catch (StorageException)
            {
                // Cut off: as it should be.
            }
            NpgsqlConnection.ClearAllPools();
            Assert.Equal(schemas[await OlderSchema.AppliedAsync(look)], await OlderSchema.SchemaAsync(look));
            Assert.Equal(rows, await older.RowsAsync(look));
        }
        output.WriteLine($"cut off {cuts} times");
        Assert.InRange(cuts, 10, 100);
        await using var whole = await OpenAsync(connection);
        Assert.Equal(0, await whole.ReadAsync(session => session.SingleAsync<long>("select count(*) from lanes"), Token));
    }

    private static async Task<NpgsqlConnection> LookAsync(string connection)
    {
        var look = new NpgsqlConnection(connection + ";Pooling=False");
        await look.OpenAsync(Token);
        return look;
    }

    private static Task<Database> OpenAsync(string connection) => Database.OpenAsync(new StorageOptions { ConnectionString = connection },
        TimeProvider.System, NullLogger<Database>.Instance, TestContext.Current.CancellationToken);
}
