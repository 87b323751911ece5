using System.Globalization;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>The power fails at any moment: what was answered with 250 is on the disk, and the database is whole.</summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private const int Messages = 700, Cuts = 200;

    // T03
    [Fact]
    public async Task Wherever_the_power_fails_what_was_acknowledged_is_there_and_the_database_is_whole()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (seed, trace) = (Chance.NewSeed(), Path.GetTempFileName());
        var images = Directory.CreateTempSubdirectory("postrider-power-").FullName;
        try
        {
            await using (var installation = await Installation.StartAsync(alone: true, wrap: WrittenFiles.Tracer(trace)))
            {
                await new SubmissionLoad(installation.Gateway.Smtp, seed).RunAsync(sessions: 8, Messages, cancellation);
                await Arrivals.QueueIsEmptyAsync(installation.Gateway, cancellation);
                await installation.Process.KillAsync();
            }
            var written = await WrittenFiles.ReadAsync(trace);
            Assert.InRange(written.Promises, Messages, Messages + 8);
            Assert.True(written.CheckpointWrites > 100, "The log was not copied into the database meanwhile: hand in more messages.");

            var (chance, promised, missing, broken) = (new Random(seed), 0, 0, new List<string>());
            for (var cut = 0; cut < Cuts; cut++)
            {
                var directory = Directory.CreateDirectory(Path.Combine(images, cut.ToString(CultureInfo.InvariantCulture))).FullName;
                var promises = written.LayDown(chance.Next(written.FirstPromise, written.Events), directory, chance);
                var check = DatabaseFile.Query(directory, "pragma integrity_check");
                if (check is not ["ok"])
                    broken.AddRange(check);
                var there = DatabaseFile.Query(directory, "select m.id from messages m join contents c on c.message_id = m.id group by m.id having sum(length(c.bytes)) = m.size").ToHashSet();
                (promised, missing) = (promised + promises.Count, missing + promises.Count(id => !there.Contains(id)));
                Directory.Delete(directory, recursive: true);
            }
            output.WriteLine($"POSTRIDER_TEST_SEED={seed}; {written.Events} events, {written.CheckpointWrites} writes to the database itself; {Cuts} power cuts after {promised} promises in all: {missing} missing");
            Assert.Empty(broken);
            Assert.Equal(0, missing);
        }
        finally
        {
            Directory.Delete(images, recursive: true);
            File.Delete(trace);
        }
    }
}
