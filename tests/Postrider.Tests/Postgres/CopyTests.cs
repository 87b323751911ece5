using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Storage.Copies;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Postgres;

/// <summary>Copies hold what was there, whichever way they go.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-copy-").FullName;

    private string In(string name) => Path.Combine(directory, name);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_installation_goes_to_PostgreSQL_into_a_backup_and_back_to_SQLite_unchanged()
    {
        var keys = Directory.CreateDirectory(In("keys")).FullName;
        await File.WriteAllTextAsync(Path.Combine(keys, "key-1.xml"), "<key id=\"1\" />", Token);
        var source = StorageOptions.ForFile(In("source.db"));
        await FillAsync(source);
        var before = Sum(await File.ReadAllBytesAsync(In("source.db"), Token));

        var postgres = new StorageOptions { ConnectionString = await (await PostgresServer.SharedAsync()).NewDatabaseAsync() };
        var copied = await DatabaseCopies.MoveAsync(source, postgres, keys, TimeProvider.System, null, Token);
        Assert.Equal(40, copied.Single(table => table.Name == "messages").Rows);
        Assert.Equal(42, copied.Single(table => table.Name == "contents").Rows);
        Assert.Equal(before, Sum(await File.ReadAllBytesAsync(In("source.db"), Token)));
        Assert.Contains("holds an installation already", (await Assert.ThrowsAsync<StorageException>(() =>
            DatabaseCopies.MoveAsync(source, postgres, keys, TimeProvider.System, null, Token))).Message, StringComparison.Ordinal);

        await DatabaseCopies.BackUpAsync(postgres, In("b.backup"), null, TimeProvider.System, null, Token);
        var back = Directory.CreateDirectory(In("restored-keys")).FullName;
        var report = await DatabaseCopies.RestoreAsync(In("b.backup"), StorageOptions.ForFile(In("restored.db")), back, null, TimeProvider.System, null, Token);
        Assert.Equal((40, 30), (report.Messages, report.Waiting));
        Assert.Equal("<key id=\"1\" />", await File.ReadAllTextAsync(Path.Combine(back, "key-1.xml"), Token));
        foreach (var table in new[] { "messages", "recipients", "contents", "idempotency_keys", "attempts" })
            Assert.Equal(Rows(In("source.db"), table), Rows(In("restored.db"), table));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("b.backup")));
    }

    [Fact]
    public async Task A_backup_is_taken_while_the_installation_runs_and_what_was_sent_since_counts_as_sent()
    {
        await using var queue = await TestQueue.OpenAsync();
        var ids = new List<string>();
        for (var number = 0; number < 20; number++)
            ids.Add(await queue.AddAsync());
        var running = Task.Run(async () =>
        {
            for (var number = 0; number < 200; number++)
                await queue.AddAsync();
        }, Token);
        var old = queue.Storage;
        var messages = await DatabaseCopies.BackUpAsync(old, In("b.backup"), null, TimeProvider.System, null, Token);
        Assert.InRange(messages, 20, 220);
        await running;
        foreach (var claimed in await queue.Worker.ClaimAsync(TestQueue.Provider, 400, Token))
            await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));

        var report = await DatabaseCopies.RestoreAsync(In("b.backup"), StorageOptions.ForFile(In("restored.db")), In("keys"), old, queue.Clock, null, Token);
        Assert.Equal((messages, 0, messages), (report.Messages, report.Waiting, report.Since?.Of(DifferenceKind.Sent)));
        Assert.All(ids, id => Assert.Contains(id, Rows(In("restored.db"), "messages"), StringComparison.Ordinal));
        Assert.Contains("a database at", (await Assert.ThrowsAsync<StorageException>(() =>
            DatabaseCopies.RestoreAsync(In("b.backup"), StorageOptions.ForFile(In("restored.db")), null, null, TimeProvider.System, null, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_backup_is_not_restored()
    {
        await File.WriteAllTextAsync(In("x"), "nonsense that is no database at all, whatever its length may be", Token);
        await Assert.ThrowsAsync<StorageException>(() => DatabaseCopies.RestoreAsync(In("x"), StorageOptions.ForFile(In("y.db")), null, null, TimeProvider.System, null, Token));
        Assert.False(File.Exists(In("y.db")));
    }

    private static async Task FillAsync(StorageOptions options)
    {
        await using var database = await Database.OpenAsync(options, TimeProvider.System, NullLogger<Database>.Instance, Token);
        var queue = new MessageQueue(database, new SuppressionList(database, TimeProvider.System), TimeProvider.System, Microsoft.Extensions.Options.Options.Create(new Postrider.Mail.MailOptions()));
        for (var number = 0; number < 40; number++)
        {
            var id = MessageIds.New(TimeProvider.System);
            await queue.AddAsync(new NewMessage
            {
                Id = id, ProviderId = "p", Source = "http", MailFrom = "a@example.org", Recipients = ["b@example.org", "ü@example.org"], HeaderFrom = "a@example.org",
                Subject = number % 2 == 0 ? "Grüße, 世界 \U0001F600" : "", HeaderId = $"<{id}>", Content = StoredBytes.From(number == 7 ? new byte[600_000] : [0, 1, 255, (byte)number]),
                Idempotency = new IdempotencyKey("o", $"k{number}", "f"),
            }, Token);
        }
        foreach (var claimed in await queue.ClaimAsync("p", 10, Token))
            await queue.RecordAsync(claimed, new AttemptOutcome
            {
                StartedAt = DateTimeOffset.UnixEpoch, Reply = "250 OK", NextAttemptAt = DateTimeOffset.UnixEpoch,
                Recipients = [.. claimed.Recipients.Select(one => new RecipientOutcome(one.Number, OutcomeKind.Sent, "250 OK"))],
            });
    }

    private static string Rows(string file, string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select * from {table} order by 1, 2";
        using var reader = command.ExecuteReader();
        var text = new System.Text.StringBuilder();
        while (reader.Read())
            for (var at = 0; at < reader.FieldCount; at++)
                text.Append(reader.GetValue(at) is byte[] bytes ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)) : reader.GetValue(at)).Append('|');
        return text.ToString();
    }

    private static string Sum(byte[] bytes) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes));

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
