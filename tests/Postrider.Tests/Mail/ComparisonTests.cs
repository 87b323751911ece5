using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Storage.Copies;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Mail;

/// <summary>What a restored copy learns of the installation that was backed up.</summary>
public class ComparisonTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-comparison-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Backup => Path.Combine(directory, "b.backup");

    [Fact]
    public async Task Whom_the_source_has_reached_since_is_reached_and_only_the_others_are_sent_to()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (whole, partly, failed, deferred) = (await queue.AddAsync(), await queue.AddAsync("a@example.org", "b@example.org", "c@example.org"), await queue.AddAsync(), await queue.AddAsync());
        await DatabaseCopies.BackUpAsync(queue.Storage, Backup, null, queue.Clock, null, Token);
        foreach (var claimed in await queue.Worker.ClaimAsync(TestQueue.Provider, 10, Token))
        {
            var outcome = queue.Outcome(claimed, claimed.Id == failed ? OutcomeKind.Failed : claimed.Id == deferred ? OutcomeKind.Deferred : OutcomeKind.Sent, TimeSpan.FromHours(1));
            await queue.Worker.RecordAsync(claimed, claimed.Id == partly ? outcome with { Recipients = [outcome.Recipients[0], new RecipientOutcome(1, OutcomeKind.Deferred, "451 Later"), new RecipientOutcome(2, OutcomeKind.Failed, "550 Unknown")] } : outcome);
        }
        var accepted = await queue.AddAsync();

        var (report, copy) = await RestoreAsync(queue);
        await using var _ = copy;
        Assert.Equal((4, 2, 1), (report.Messages, report.Waiting, report.Since!.WaitingThere));
        Assert.Equal([(DifferenceKind.Ended, 1), (DifferenceKind.Partly, 1), (DifferenceKind.Sent, 1)], report.Since.Messages.OrderBy(kind => kind.Key).Select(kind => (kind.Key, kind.Value)));
        var history = new MessageHistory(copy, queue.Clock);
        foreach (var id in new[] { whole, partly, failed, deferred })
        {
            var (there, here) = ((await queue.History.FindAsync(id, Token))!, (await history.FindAsync(id, Token))!);
            Assert.Equal(there.State, here.State);
            Assert.Equal(there.Recipients.Select(one => (one.State, one.Reply)), here.Recipients.Select(one => (one.State, one.Reply)));
            Assert.Equal(there.Attempts.Select(one => (one.Number, one.Reply)), here.Attempts.Select(one => (one.Number, one.Reply)));
        }
        Assert.Null(await history.FindAsync(accepted, Token));

        var left = await Worker(copy, queue).ClaimAsync(TestQueue.Provider, 10, Token);
        Assert.Equal(new[] { (partly, "b@example.org"), (deferred, "someone@example.org") }.Order(), left.Select(one => (one.Id, one.Recipients.Single().Address)).Order());
    }

    [Fact]
    public async Task What_may_have_been_sent_since_is_told_and_waits_for_a_person_where_that_was_asked_for()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (again, asked, lost) = (await queue.AddAsync(), await queue.AddAsync(queue.New() with { HoldUncertain = true }), await queue.AddAsync());
        await DatabaseCopies.BackUpAsync(queue.Storage, Backup, null, queue.Clock, null, Token);
        var claims = (await queue.Worker.ClaimAsync(TestQueue.Provider, 10, Token)).ToDictionary(one => one.Id);
        // Two had their final dots on the way when the source died; the answer to the third was lost before.
        Assert.True(await queue.Worker.MarkFinalDotsAsync([claims[again], claims[asked]], Token));
        await queue.Worker.RecordAsync(claims[lost], queue.Outcome(claims[lost], OutcomeKind.Uncertain));

        var (report, copy) = await RestoreAsync(queue);
        await using var _ = copy;
        Assert.Equal((3, 3), (report.Waiting, report.Since!.Of(DifferenceKind.Uncertain)));
        var history = new MessageHistory(copy, queue.Clock);
        Assert.Equal(["uncertain"], (await history.FindAsync(lost, Token))!.Attempts.Select(one => one.Outcome));
        queue.Clock.Advance(queue.Options.Lease + TimeSpan.FromMinutes(1));
        Assert.Equal(new[] { again, lost }.Order(), (await Worker(copy, queue).ClaimAsync(TestQueue.Provider, 10, Token)).Select(one => one.Id).Order());
        foreach (var id in new[] { again, asked })
            Assert.Equal(["uncertain"], (await history.FindAsync(id, Token))!.Attempts.Select(one => one.Outcome));
        Assert.Equal(MessageQueue.MayHaveBeenSent, (await history.FindAsync(asked, Token))!.HeldReason);
    }

    [Fact]
    public async Task What_the_source_held_or_does_not_know_any_more_is_held_one_by_one()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (held, forgotten, waiting) = (await queue.AddAsync(), await queue.AddAsync(), await queue.AddAsync());
        await DatabaseCopies.BackUpAsync(queue.Storage, Backup, null, queue.Clock, null, Token);
        await queue.Worker.HoldAsync([held], "anna", Token);
        await queue.Database.WriteAsync(async session =>
        {
            foreach (var (table, key) in new[] { ("queue", "message_id"), ("recipients", "message_id"), ("contents", "message_id"), ("messages", "id") })
                await session.ExecuteAsync($"delete from {table} where {key} = @forgotten", new { forgotten });
        }, Token);

        var (report, copy) = await RestoreAsync(queue);
        await using var _ = copy;
        Assert.Equal((3, 1, 1), (report.Waiting, report.Since!.Of(DifferenceKind.Held), report.Since.Of(DifferenceKind.Unknown)));
        Assert.Equal(waiting, Assert.Single(await Worker(copy, queue).ClaimAsync(TestQueue.Provider, 10, Token)).Id);
        var history = new MessageHistory(copy, queue.Clock);
        Assert.Equal("Held by anna.", (await history.FindAsync(held, Token))!.HeldReason);
        Assert.Contains("does not know it any more", (await history.FindAsync(forgotten, Token))!.HeldReason, StringComparison.Ordinal);
    }

    private async Task<(RestoreReport Report, Database Copy)> RestoreAsync(TestQueue queue)
    {
        var to = IOnPostgres.Asked ? new StorageOptions { ConnectionString = await (await PostgresServer.SharedAsync()).NewDatabaseAsync() } : StorageOptions.ForFile(Path.Combine(directory, "restored.db"));
        var report = await DatabaseCopies.RestoreAsync(Backup, to, null, queue.Storage, queue.Clock, null, Token);
        return (report, await Database.OpenAsync(to, queue.Clock, NullLogger<Database>.Instance, Token));
    }

    private static MessageQueue Worker(Database copy, TestQueue queue) => new(copy, new SuppressionList(copy, queue.Clock), queue.Clock, Microsoft.Extensions.Options.Options.Create(queue.Options));

    public void Dispose()
    {
        Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }
}
