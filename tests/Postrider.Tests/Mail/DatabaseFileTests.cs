using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Storage;

namespace Postrider.Tests.Mail;

/// <summary>The file that holds everybody's mail belongs to one process and one user.</summary>
public sealed class DatabaseFileTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-file-").FullName;

    private string File => Path.Combine(directory, "test.db");

    private Task<Database> OpenAsync() =>
        Database.OpenAsync(StorageOptions.ForFile(File), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);

    [Fact]
    public async Task A_second_process_is_refused_and_may_have_it_when_the_first_has_gone()
    {
        await using (await OpenAsync())
            Assert.Contains("another Postrider", (await Assert.ThrowsAsync<StorageException>(OpenAsync)).Message, StringComparison.Ordinal);
        await using var again = await OpenAsync();
    }

    [Fact]
    public async Task Only_its_owner_can_read_it_and_the_files_beside_it()
    {
        await using var database = await OpenAsync();
        Assert.All(Directory.EnumerateFiles(directory), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file)));
        Assert.Contains(Directory.EnumerateFiles(directory), file => file.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_memory_is_given_back_one_connection_that_reads_is_left_beside_those_that_are_at_it()
    {
        await using var database = await OpenAsync();
        var gate = new TaskCompletionSource();
        Task[] first = [Reading(0), Reading(1), Reading(2)];
        Assert.Equal(1 + 3, Connections());
        gate.SetResult();
        await Task.WhenAll(first);
        gate = new();
        var atWork = Reading(3);
        await database.GiveBackAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1 + 2, Connections());
        gate.SetResult();
        await atWork;
        await Reading(4);

        Task Reading(int number) => database.ReadAsync(async session =>
        {
            Assert.Equal(number, await session.SingleAsync<int>("select @number from schema_migrations limit 1", new { number }));
            await gate.Task;
            Assert.Equal(number, await session.SingleAsync<int>("select @number from schema_migrations limit 1", new { number }));
            return true;
        }, TestContext.Current.CancellationToken);

        // Each connection has a handle of its own on the log.
        int Connections() => new DirectoryInfo("/proc/self/fd").EnumerateFiles().Count(file => file.LinkTarget == File + "-wal");
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
