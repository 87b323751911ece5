using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postrider.Mail;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Bench.Micro;

/// <summary>The queue on a real file with real flushes, short and long: twenty submit at once, one claims sixteen and gives them back.</summary>
[MemoryDiagnoser]
public class QueueBenchmarks
{
    private const string Provider = "bench";
    private const int AtOnce = 20, Claimed = 16;
    private static readonly byte[] Content = System.Text.Encoding.ASCII.GetBytes("Subject: Bench\r\n\r\n" + Load.Lines(Settings.MessageBytes));

    private string directory = "";
    private Database? database;
    private MessageQueue? queue;

    [Params(1_000, 100_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        directory = Directory.CreateTempSubdirectory("postrider-micro-").FullName;
        database = await Database.OpenAsync(StorageOptions.ForFile(Path.Combine(directory, "bench.db")), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
        var suppressions = new SuppressionList(database, TimeProvider.System);
        await suppressions.LoadAsync(CancellationToken.None);
        queue = new MessageQueue(database, suppressions, TimeProvider.System, Options.Create(new MailOptions()));
        foreach (var some in Enumerable.Range(0, Waiting).Chunk(1_000))
            await Task.WhenAll(some.Select(_ => queue.AddAsync(New(), CancellationToken.None)));
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await database!.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = AtOnce)]
    public Task AddAsync() => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => queue!.AddAsync(New(), CancellationToken.None)));

    [Benchmark(OperationsPerInvoke = Claimed)]
    public async Task ClaimAndReleaseAsync() => await queue!.ReleaseAsync([.. await queue.ClaimAsync(Provider, Claimed, CancellationToken.None)]);

    private static NewMessage New()
    {
        var id = MessageIds.New(TimeProvider.System);
        return new NewMessage
        {
            Id = id, ProviderId = Provider, Source = "smtp", MailFrom = "noreply@contoso.example", Recipients = ["someone@example.org"],
            HeaderFrom = "noreply@contoso.example", Subject = "Bench", HeaderId = $"<{id}@bench.example>", Content = StoredBytes.From(Content),
        };
    }
}
