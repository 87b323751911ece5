using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.EndToEnd.Running;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A gateway that brings an older database up to date is cut off at any moment, by kill -9 or by the power.</summary>
public sealed class MigrationCutTests(ITestOutputHelper output)
{
    private const int Cuts = 24;

    // T07
    [Fact]
    public async Task Wherever_an_update_is_cut_off_the_schema_is_old_or_new_with_every_row_and_the_next_start_finishes_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (seed, root) = (Chance.NewSeed(), Directory.CreateTempSubdirectory("postrider-update-").FullName);
        try
        {
            var (data, before, trace) = (Directory.CreateDirectory(Path.Combine(root, "data")).FullName, Path.Combine(root, "before"), Path.Combine(root, "trace"));
            OlderSchema older;
            await using (var file = await OpenAsync(Path.Combine(data, "postrider.db")))
            {
                await OlderSchema.RunAsync(file, "pragma journal_mode = wal");
                older = await OlderSchema.MakeAsync(file);
            }
            File.Copy(Path.Combine(data, "postrider.db"), before);
            string rows;
            Dictionary<long, string> schemas;
            File.Copy(before, Path.Combine(root, "model.db"));
            await using (var model = await OpenAsync(Path.Combine(root, "model.db")))
                (rows, schemas) = (await older.RowsAsync(model), await OlderSchema.FollowAsync(model));

            await using (var gateway = await GatewayProcess.StartAsync(data, wrap: WrittenFiles.Tracer(trace)))
                await gateway.KillAsync();
            var written = await WrittenFiles.ReadAsync(trace);
            // Some events behind the last entry of the list, what the gateway itself does begins.
            var (chance, end, found) = (new Random(seed), written.FirstWith(OlderSchema.Migrations[^1].Name) + 4, new SortedSet<long>());
            for (var cut = 0; cut < Cuts; cut++)
            {
                var directory = Directory.CreateDirectory(Path.Combine(root, cut.ToString(CultureInfo.InvariantCulture))).FullName;
                var database = Path.Combine(directory, "postrider.db");
                File.Copy(before, database);
                // Evenly over all that was written.
                written.LayDown(end * cut / Cuts + chance.Next(1 + end / Cuts), directory, chance);
                await using (var left = await OpenAsync(database))
                {
                    var applied = await OlderSchema.AppliedAsync(left);
                    found.Add(applied);
                    Assert.Equal(schemas[applied], await OlderSchema.SchemaAsync(left));
                    Assert.Equal(rows, await older.RowsAsync(left));
                }
                await (await Database.OpenAsync(StorageOptions.ForFile(database), TimeProvider.System, NullLogger<Database>.Instance, cancellation)).DisposeAsync();
                Assert.Equal(["ok"], DatabaseFile.Query(directory, "pragma integrity_check"));
                await using (var whole = await OpenAsync(database))
                {
                    Assert.Equal(schemas[OlderSchema.Migrations.Count], await OlderSchema.SchemaAsync(whole));
                    Assert.Equal(rows, await older.RowsAsync(whole));
                }
                Directory.Delete(directory, recursive: true);
            }
            output.WriteLine($"POSTRIDER_TEST_SEED={seed}; {end} events, {Cuts} cuts, which left {string.Join(", ", found)} of {OlderSchema.Migrations.Count} migrations");
            Assert.True(found.Count >= 8, "The cuts fall into too few migrations.");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<SqliteConnection> OpenAsync(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
