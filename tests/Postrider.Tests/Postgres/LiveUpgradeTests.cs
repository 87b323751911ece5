using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Postgres;

/// <summary>A newer node joins while this one works.</summary>
public sealed class LiveUpgradeTests : IOnPostgres
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // T19
    [Fact]
    public async Task A_node_goes_on_while_a_newer_one_has_extended_the_schema_and_does_not_start_anew_on_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var before = await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        await queue.Database.WriteAsync(session => session.ExecuteAsync("""
            alter table queue add column future text not null default '';
            alter table messages add column future text;
            alter table recipients add column future bigint;
            create table futures (id text not null primary key);
            create index queue_future on queue (future, due_at);
            insert into schema_migrations values (9999, '9999-future', 'x', 0)
            """), Stop);
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        var after = await queue.AddAsync("one@example.org", "two@example.org");
        claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        Assert.Equal(["sent", "sent"], [(await queue.ShowAsync(before)).State, (await queue.ShowAsync(after)).State]);

        var name = await queue.Database.ReadAsync(session => session.SingleAsync<string>("select current_database()"), Stop);
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await Database.OpenAsync(
            new StorageOptions { ConnectionString = (await PostgresServer.SharedAsync()).ConnectionString(name) }, TimeProvider.System, NullLogger<Database>.Instance, Stop));
        Assert.Contains("Start the newer version", refused.Message, StringComparison.Ordinal);
    }
}
