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
        var before = InsertOne("a");
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
        var after = InsertOne("b");
        gate.SetResult();
        await Task.WhenAll(first, before, after);
        Assert.Equal("its own fault", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        await Assert.ThrowsAnyAsync<DbException>(() => violating);
        Assert.Equal(["a", "b"], await database.ReadAsync(session => session.QueryAsync<string>("select key from idempotency_keys order by key"), Token));

        Task InsertOne(string key) => database.WriteAsync(session => InsertAsync(session, key), Token);
    }

    [Fact]
    public async Task Memory_is_given_back_in_the_middle_of_what_is_not_committed()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (database, gate) = (queue.Database, new TaskCompletionSource());
        var first = database.WriteAsync(async _ => await gate.Task, Token);
        var before = database.WriteAsync(session => InsertAsync(session, "before"), Token);
        var given = database.GiveBackAsync(Token);
        var after = database.WriteAsync(session => InsertAsync(session, "after"), Token);
        gate.SetResult();
        await Task.WhenAll(first, before, given, after);
        Assert.Equal(["after", "before"], await database.ReadAsync(session => session.QueryAsync<string>("select key from idempotency_keys order by key"), Token));
    }

    [Fact]
    public async Task What_is_read_at_one_moment_knows_nothing_of_what_is_committed_meanwhile()
    {
        await using var queue = await TestQueue.OpenAsync();
        const string Count = "select count(*) from idempotency_keys";
        await queue.Database.ReadAtOneMomentAsync(async session =>
        {
            Assert.Equal(0, await session.SingleAsync<long>(Count));
            await queue.Database.WriteAsync(other => InsertAsync(other, "meanwhile"), Token);
            Assert.Equal(0, await session.SingleAsync<long>(Count));
            return true;
        }, Token);
        await Assert.ThrowsAnyAsync<DbException>(() => queue.Database.ReadAtOneMomentAsync(session => session.SingleAsync<long>("select nonsense"), Token));
        Assert.Equal(1, await queue.Database.ReadAtOneMomentAsync(session => session.SingleAsync<long>(Count), Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_that_asks_nothing_shares_commits_and_one_that_fails_takes_nobody_along(bool apart)
    {
        await using var queue = await TestQueue.OpenAsync();
        await InsertLaterAsync(queue, "taken", null, apart);
        var met = new int[100];
        var all = met.Select((_, at) => InsertLaterAsync(queue, at == 50 ? "taken" : $"{at}", apart ? null : rows => met[at] = rows, apart)).ToList();
        await Assert.ThrowsAnyAsync<DbException>(() => all[50]);
        await Task.WhenAll(all.Where((_, at) => at != 50));
        Assert.Equal(apart ? 0 : 99, met.Count(rows => rows == 1));
        Assert.Equal(100, await queue.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from idempotency_keys"), Token));
    }

    [Fact]
    public async Task Statements_for_rows_of_their_own_say_each_what_it_met_and_keep_each_its_values_and_order()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (met, lost) = (new int[60], new int[60]);
        // In groups with others and within one piece of work, each key is there before it is changed.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(piece => queue.Database.WriteAsync(async session =>
        {
            for (var at = 3 * piece; at < 3 * piece + 3; at++)
            {
                var here = at;
                await session.ExecuteLaterAsync(Insert, new { key = $"{at}" }, apart: true);
                await session.ExecuteLaterAsync("update idempotency_keys set fingerprint = @print, created_at = @at, message_id = coalesce(@none, message_id) where key = @key",
                    new { print = $"it's {at}\0", at = at % 2 == 0 ? -1 : (long?)at, none = (string?)null, key = at % 5 == 0 ? "nobody" : $"{at}" }, rows => met[here] = rows, apart: true);
                await session.ExecuteLaterAsync("delete from idempotency_keys where key = @key and created_at <> -1", new { key = $"{at}" }, rows => lost[here] = rows, apart: true);
            }
        }, Token)));
        for (var at = 0; at < 60; at++)
            Assert.Equal((at, at % 5 == 0 ? 0 : 1, at % 5 == 0 || at % 2 == 1 ? 1 : 0), (at, met[at], lost[at]));
        Assert.Equal(Enumerable.Range(0, 60).Where(at => at % 5 != 0 && at % 2 == 0).Select(at => $"it's {at}").Order(StringComparer.Ordinal),
            (await queue.Database.ReadAsync(session => session.QueryAsync<string>("select fingerprint from idempotency_keys"), Token)).Select(print => print.TrimEnd('\0', '\uFFFD')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Statements_of_one_text_are_all_executed_each_with_its_values_or_none_of_them_is()
    {
        await using var queue = await TestQueue.OpenAsync();
        const string Text = $"{Insert}; insert into settings_of_test (name, at, bytes) values (@key, @at, @bytes); delete from gone_of_test where name = @key; "
            + "update kept_of_test set at = @at + 1 where name = @key and at < @at";
        await queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("create table settings_of_test (name text, at bigint, bytes bytea)");
            await session.ExecuteAsync("create table gone_of_test (name text)");
            await session.ExecuteAsync("create table kept_of_test (name text, at bigint)");
            for (var at = 0; at < 30; at++)
                await session.ExecuteAsync("insert into gone_of_test values (@key); insert into kept_of_test values (@key, @at)", new { key = $"{at}", at = at % 3 == 0 ? 100L : 0 });
            await session.ExecuteAsync("insert into gone_of_test values ('taken')");
        }, Token);
        await InsertLaterAsync(queue, "taken", null, apart: true);
        var all = Enumerable.Range(0, 30).Select(at => queue.Database.WriteAsync(session => session.ExecuteLaterAsync(Text,
            new { key = at is 0 or 29 ? "taken" : $"{at}", at = (long)at, bytes = at % 2 == 0 ? null : new byte[] { 0, (byte)at } }, apart: true), Token)).ToList();
        await Assert.ThrowsAnyAsync<DbException>(() => all[0]);
        await Assert.ThrowsAnyAsync<DbException>(() => all[29]);
        await Task.WhenAll(all[1..29]);
        await queue.Database.ReadAsync(async session =>
        {
            Assert.Equal(1 + 28, await session.SingleAsync<long>("select count(*) from idempotency_keys"));
            Assert.Equal(28, await session.SingleAsync<long>("select count(*) from settings_of_test"));
            Assert.Equal(28 * 29 / 2, await session.SingleAsync<long>("select cast(sum(at) as bigint) from settings_of_test where at = cast(name as bigint)"));
            Assert.Equal(14, await session.SingleAsync<long>("select count(*) from settings_of_test where bytes is null"));
            Assert.Equal(["0", "29", "taken"], await session.QueryAsync<string>("select name from gone_of_test order by name"));
            Assert.Equal(19, await session.SingleAsync<long>("select count(*) from kept_of_test where at = cast(name as bigint) + 1"));
            return 0;
        }, Token);
    }

    [Fact]
    public async Task How_many_rows_a_later_statement_met_is_told_before_the_work_is_done()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (none, both) = (-1, -1);
        await queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteLaterAsync("update idempotency_keys set fingerprint = @print where key = @key", new { print = "'@key; $1'", key = "a" }, met => none = met);
            await InsertAsync(session, "a");
            await InsertAsync(session, "b");
            await session.ExecuteLaterAsync("update idempotency_keys set fingerprint = '@key; ''$1' where owner = @owner", new { owner = "o" }, met => both = met);
        }, Token);
        Assert.Equal((0, 2), (none, both));
        Assert.Equal(["@key; '$1"], await queue.Database.ReadAsync(session => session.QueryAsync<string>("select distinct fingerprint from idempotency_keys"), Token));
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

    private const string Insert = "insert into idempotency_keys (owner, key, fingerprint, message_id, created_at) values ('o', @key, '', '', 0)";

    private static Task InsertLaterAsync(TestQueue queue, string key, Action<int>? met, bool apart) =>
        queue.Database.WriteAsync(session => session.ExecuteLaterAsync(Insert, new { key }, met, apart), Token);

    private static Task<int> InsertAsync(DbSession session, string key) => session.ExecuteAsync(Insert, new { key });
}
