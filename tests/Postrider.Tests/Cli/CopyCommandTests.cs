using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Cli;

/// <summary>Copies tell scripts what they tell people.</summary>
[Collection(OneCommandLineAtATime.Name)]
public sealed class CopyCommandTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-copies-").FullName;

    private string last = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string In(string name) => Path.Combine(directory, name);

    [Fact]
    public async Task A_backup_and_what_is_restored_of_it_are_told_as_json()
    {
        await using var shell = await Shell.StartAsync();
        await FillAsync(3);
        Assert.Equal(0, await shell.RunAsync("backup", In("b.backup"), "--data", In("data"), "--json"));
        Assert.Equal((In("b.backup"), new FileInfo(In("b.backup")).Length, 3), ((string?)shell.Json["file"], (long)shell.Json["bytes"]!, (int)shell.Json["messages"]!));

        Assert.Equal(0, await shell.RunAsync("restore", In("b.backup"), "--data", In("new"), "--json"));
        Assert.Equal((3, 3, true), ((int)shell.Json["messages"]!, (int)shell.Json["waiting"]!, (bool)shell.Json["held"]!));
        Assert.InRange((DateTimeOffset)shell.Json["madeAt"]!, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow());
        Assert.Null(shell.Json["since"]);

        await OnQueueAsync(queue => queue.CancelAsync([last], "admin", Token));
        Assert.Equal(0, await shell.RunAsync("restore", In("b.backup"), "--data", In("newer"), "--compare", In("data"), "--json"));
        Assert.Equal(1, (int)shell.Json["since"]!["ended"]!);
        Assert.Empty(shell.Gateway.Requests);
    }

    [Fact]
    public async Task What_was_moved_is_told_as_json_with_the_checksum_of_each_table()
    {
        await using var shell = await Shell.StartAsync();
        await FillAsync(3);
        Assert.Equal(0, await shell.RunAsync("migrate", "--data", In("data"), "--to", await (await PostgresServer.SharedAsync()).NewDatabaseAsync(), "--json"));
        var tables = shell.Json["tables"]!.AsArray();
        var messages = Assert.Single(tables, table => (string?)table!["name"] == "messages")!;
        Assert.Equal(3, (int)messages["rows"]!);
        Assert.NotEqual("", (string?)messages["checksum"]);
        Assert.Equal(tables.Sum(table => (long)table!["rows"]!), (long)shell.Json["rows"]!);
    }

    [Fact]
    public async Task People_are_told_in_words()
    {
        await using var shell = await Shell.StartAsync();
        await FillAsync(1);
        Assert.Equal(0, await shell.RunAsync("backup", In("b.backup"), "--data", In("data")));
        Assert.Contains("1 messages, with the key ring", shell.Out, StringComparison.Ordinal);
        Assert.Equal(0, await shell.RunAsync("restore", In("b.backup"), "--data", In("new")));
        Assert.Contains("It starts held", shell.Out, StringComparison.Ordinal);
    }

    private Task FillAsync(int messages) => OnQueueAsync(async queue =>
    {
        for (var number = 0; number < messages; number++)
            await queue.AddAsync(new NewMessage
            {
                Id = last = MessageIds.New(TimeProvider.System), ProviderId = "p", Source = "http", MailFrom = "a@example.org", Recipients = ["b@example.org"],
                HeaderFrom = "a@example.org", Subject = "Hello", HeaderId = "<a@example.org>", Content = StoredBytes.From("Hello"u8.ToArray()),
            }, Token);
    });

    private async Task OnQueueAsync(Func<MessageQueue, Task> act)
    {
        Directory.CreateDirectory(In("data/keys"));
        await using var database = await Database.OpenAsync(StorageOptions.ForFile(In("data/postrider.db")), TimeProvider.System, NullLogger<Database>.Instance, Token);
        await act(new MessageQueue(database, new SuppressionList(database, TimeProvider.System), TimeProvider.System, Microsoft.Extensions.Options.Options.Create(new Postrider.Mail.MailOptions())));
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
