using System.Data.Common;
using Postrider.Storage;

namespace Postrider.Tests.Mail;

/// <summary>Work shares its commit with the work of others, but not their failures.</summary>
public class GroupCommitTests
{
    [Fact]
    public async Task A_failing_piece_of_work_is_undone_alone()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (database, gate) = (queue.Database, new TaskCompletionSource());
        // While the writer is held up, the others gather and then share one commit.
        var first = database.WriteAsync(async _ => await gate.Task, Token);
        var before = Insert("a");
        var failing = database.WriteAsync(async session =>
        {
            await InsertAsync(session, "undone");
            throw new InvalidOperationException("its own fault");
        }, Token);
        var violating = database.WriteAsync(async session =>
        {
            await InsertAsync(session, "undone too");
            await InsertAsync(session, "undone too");
        }, Token);
        var after = Insert("b");
        gate.SetResult();
        await Task.WhenAll(first, before, after);
        Assert.Equal("its own fault", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        await Assert.ThrowsAnyAsync<DbException>(() => violating);
        Assert.Equal(["a", "b"], await database.ReadAsync(session => session.QueryAsync<string>("select key from idempotency_keys order by key"), Token));

        Task Insert(string key) => database.WriteAsync(session => InsertAsync(session, key), Token);
    }

    [Fact]
    public async Task What_a_write_returns_is_there_for_the_next_reader()
    {
        await using var queue = await TestQueue.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
        {
            await queue.Database.WriteAsync(session => InsertAsync(session, $"{number}"), Token);
            Assert.Equal(1, await queue.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from idempotency_keys where key = @key", new { key = $"{number}" }), Token));
        }));
    }

    [Fact]
    public async Task A_closed_database_refuses_work_instead_of_losing_it()
    {
        var queue = await TestQueue.OpenAsync();
        var accepted = queue.Database.WriteAsync(session => InsertAsync(session, "accepted"), Token);
        await queue.DisposeAsync();
        await accepted;
        await Assert.ThrowsAsync<StorageException>(() => queue.Database.WriteAsync(session => InsertAsync(session, "late"), Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<int> InsertAsync(DbSession session, string key) => session.ExecuteAsync(
        "insert into idempotency_keys (owner, key, fingerprint, message_id, created_at) values ('o', @key, '', '', 0)", new { key });
}
