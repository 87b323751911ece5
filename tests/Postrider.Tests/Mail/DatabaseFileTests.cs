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

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
