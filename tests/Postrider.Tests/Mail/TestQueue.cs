using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Postrider.Mail;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Mail;

/// <summary>A queue on a real file and a clock that stands until it is moved. Two workers share it as two processes would.</summary>
internal sealed class TestQueue : IAsyncDisposable
{
    public const string Provider = "provider-1";
    private readonly string directory;

    private TestQueue(string directory, StorageOptions storage, Database database, FakeTimeProvider clock)
    {
        (this.directory, Storage, Database, Clock) = (directory, storage, database, clock);
        Suppressions = new SuppressionList(database, clock);
        (Worker, Other) = (NewWorker(), NewWorker());
        History = new MessageHistory(database, clock);
    }

    public StorageOptions Storage { get; }
    public Database Database { get; }
    public string File => Path.Combine(directory, "test.db");
    public FakeTimeProvider Clock { get; }
    public MailOptions Options { get; } = new();
    public SuppressionList Suppressions { get; }
    public MessageQueue Worker { get; }
    public MessageQueue Other { get; }
    public MessageHistory History { get; }

    /// <param name="more">Behind the connection string.</param>
    public static async Task<TestQueue> OpenAsync(string more = "")
    {
        var directory = Directory.CreateTempSubdirectory("postrider-queue-").FullName;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
        var storage = new StorageOptions { ConnectionString = (await TestStorage.NewAsync(Path.Combine(directory, "test.db"))).ConnectionString + more };
        return new TestQueue(directory, storage, await Database.OpenAsync(storage, clock, NullLogger<Database>.Instance, CancellationToken.None), clock);
    }

    private MessageQueue NewWorker() => new(Database, Suppressions, Clock, Microsoft.Extensions.Options.Options.Create(Options));

    /// <returns>A worker to whom every look seems slow, so that it goes by what it found for as long as it may.</returns>
    public MessageQueue NewSlowWorker() => new(Database, Suppressions, Clock, Microsoft.Extensions.Options.Options.Create(Options)) { SlowLook = TimeSpan.FromSeconds(-1) };

    public NewMessage New(params string[] to)
    {
        var id = MessageIds.New(Clock);
        return new NewMessage
        {
            Id = id, ProviderId = Provider, Source = "smtp", MailFrom = "app@example.org", Recipients = to.Length > 0 ? to : ["someone@example.org"],
            HeaderFrom = "app@example.org", Subject = "Invoice", HeaderId = $"<{id}@example.org>", Content = StoredBytes.From("Subject: Invoice\r\n\r\nHello\r\n"u8.ToArray()),
        };
    }

    /// <returns>The id of a message that waits to be sent.</returns>
    public async Task<string> AddAsync(params string[] to) => await AddAsync(New(to));

    public async Task<string> AddAsync(NewMessage message) => Assert.IsType<AddResult.Added>(await Worker.AddAsync(message, CancellationToken.None)).Id;

    public async Task<ClaimedMessage> ClaimAsync(MessageQueue? worker = null) =>
        Assert.Single(await (worker ?? Worker).ClaimAsync(Provider, 10, CancellationToken.None));

    public async Task<bool> NothingToClaimAsync() => (await Other.ClaimAsync(Provider, 10, CancellationToken.None)).Count == 0;

    public async Task<StoredMessage> ShowAsync(string id) => (await History.FindAsync(id, CancellationToken.None))!;

    public Task<long> CountAsync(string table) => Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"));

    /// <summary>An outcome in which every recipient fares alike.</summary>
    public AttemptOutcome Outcome(ClaimedMessage claimed, OutcomeKind kind, TimeSpan? again = null) => new()
    {
        StartedAt = Clock.GetUtcNow(), Stage = "finalReply", Reply = kind == OutcomeKind.Sent ? "250 2.0.0 OK" : $"{kind}",
        NextAttemptAt = Clock.GetUtcNow() + (again ?? TimeSpan.FromSeconds(30)),
        Recipients = [.. claimed.Recipients.Select(one => new RecipientOutcome(one.Number, kind, kind == OutcomeKind.Sent ? "250 2.0.0 OK" : $"{kind}"))],
    };

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
