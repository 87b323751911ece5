using System.Data.Common;
using Postrider.Storage;

namespace Postrider.Tests.Mail;

/// <summary>What is given to a statement comes back as it was, and a statement can be run as often as one likes.</summary>
public class StatementTests
{
    private const string Insert = "insert into contents (message_id, number, bytes) values (@id, @number, @bytes)";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("it's \"quoted\" and \\ escaped; -- not a remark")]
    [InlineData("Grüße, 日本語, 🐎")]
    public async Task A_text_comes_back_letter_by_letter(string text)
    {
        await using var queue = await TestQueue.OpenAsync();
        Assert.Equal(text, await queue.Database.ReadAsync(session => session.SingleAsync<string>("select /*postgres:cast(*/@text/*postgres: as text)*/", new { text }), Token));
        Assert.Equal([text], await AmongAsync(queue.Database, [text], text));
    }

    [Fact]
    public async Task What_no_engine_can_keep_in_a_text_is_replaced()
    {
        await using var queue = await TestQueue.OpenAsync();
        Assert.Equal("a\uFFFDb\uFFFDc", await queue.Database.ReadAsync(session => session.SingleAsync<string>("select /*postgres:cast(*/@text/*postgres: as text)*/", new { text = "a\0b\ud800c" }), Token));
    }

    [Fact]
    public async Task Octets_numbers_and_nothing_come_back_as_they_were_whichever_comes_first()
    {
        await using var queue = await TestQueue.OpenAsync();
        var octets = Enumerable.Range(0, 70_000).Select(at => (byte)at).ToArray();
        await queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, new { id = "a", number = 0, bytes = Array.Empty<byte>() });
            await session.ExecuteAsync(Insert, new { id = "a", number = int.MaxValue, bytes = octets });
        }, Token);
        foreach (var order in new[] { "", "desc" })
        {
            var rows = await queue.Database.ReadAsync(session => session.QueryAsync<Piece>(
                $"select message_id, number, case when number = 0 then null else 9000000000 + number end as large, bytes, number = 0 as yes from contents order by number {order}"), Token);
            var (empty, full) = order.Length == 0 ? (rows[0], rows[1]) : (rows[1], rows[0]);
            Assert.Equal(("a", 0, null, true), (empty.MessageId, empty.Number, empty.Large, empty.Yes));
            Assert.Equal(("a", int.MaxValue, 9_000_000_000 + int.MaxValue, false), (full.MessageId, full.Number, full.Large, full.Yes));
            Assert.Equal([], empty.Bytes!);
            Assert.Equal(octets, full.Bytes!);
        }
        Assert.Null(await queue.Database.ReadAsync(session => session.FirstOrDefaultAsync<byte[]>("select bytes from contents where message_id = @id", new { id = "nobody" }), Token));
    }

    [Fact]
    public async Task A_list_is_one_value_however_long_it_is()
    {
        await using var queue = await TestQueue.OpenAsync();
        var all = Enumerable.Range(0, 1000).Select(at => $"<{at}'\"]>").ToArray();
        Assert.Empty(await AmongAsync(queue.Database, [], "a"));
        Assert.Equal(["a"], await AmongAsync(queue.Database, ["a"], "a", "b"));
        Assert.Equal([all[999], all[0]], await AmongAsync(queue.Database, all, all[999], "other", all[0]));
        await queue.Database.WriteAsync(async session =>
        {
            foreach (var id in all)
                await session.ExecuteLaterAsync(Insert, new { id, number = 0, bytes = Array.Empty<byte>() });
            Assert.Equal(400, await session.ExecuteAsync("update contents set number = @to where message_id in @some and number = @from", new { some = all[..400], from = 0, to = 1 }));
        }, Token);
        Assert.Equal(400, await queue.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from contents where number = 1"), Token));
    }

    [Fact]
    public async Task A_statement_that_failed_can_be_run_again_and_one_without_its_value_says_which()
    {
        await using var queue = await TestQueue.OpenAsync();
        var row = new { id = "a", number = 0, bytes = "x"u8.ToArray() };
        await queue.Database.WriteAsync(session => session.ExecuteAsync(Insert, row), Token);
        for (var again = 0; again < 3; again++)
        {
            await Assert.ThrowsAnyAsync<DbException>(() => queue.Database.WriteAsync(session => session.ExecuteAsync(Insert, row), Token));
            await Assert.ThrowsAnyAsync<DbException>(() => queue.Database.WriteAsync(session => session.QueryAsync<string>($"{Insert} returning message_id", row), Token));
        }
        Assert.Equal(["b"], await queue.Database.WriteAsync(session => session.QueryAsync<string>($"{Insert} returning message_id", new { id = "b", row.number, row.bytes }), Token));
        Assert.Contains("@number", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => queue.Database.WriteAsync(session => session.ExecuteAsync(Insert, new { id = "c", row.bytes }), Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_statements_than_are_kept_prepared_are_answered_as_well()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var number = 0; number < 300; number++)
        {
            var text = $"select {number} + /*postgres:cast(*/@more/*postgres: as integer)*/";
            Assert.Equal(number + 1, await queue.Database.ReadAsync(session => session.SingleAsync<int>(text, new { more = 1 }), Token));
            Assert.Equal(0, await queue.Database.WriteAsync(session => session.ExecuteAsync($"delete from contents where message_id = @id and number = {number}", new { id = "a" }), Token));
        }
    }

    [Fact]
    public async Task Statements_without_values_are_run_one_after_the_other()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.Database.WriteAsync(session => session.ExecuteAsync("create table one (id integer); insert into one values (1), (2); create table two (id integer); insert into two select id from one; "), Token);
        Assert.Equal(2, await queue.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from two"), Token));
        Assert.Equal(2, await queue.Database.WriteAsync(session => session.ExecuteAsync("delete from two"), Token));
    }

    private static Task<IReadOnlyList<string>> AmongAsync(Database database, string[] list, params string[] texts) => database.ReadAsync(async session =>
    {
        var found = new List<string>();
        foreach (var text in texts)
            if (await session.SingleAsync<bool>("select count(*) > 0 from (select /*postgres:cast(*/@text/*postgres: as text)*/ as it) given where it in @list", new { text, list }))
                found.Add(text);
        return (IReadOnlyList<string>)found;
    }, Token);

    private sealed class Piece
    {
        public string MessageId { get; init; } = "";
        public int Number { get; init; }
        public long? Large { get; init; }
        public byte[]? Bytes { get; init; }
        public bool Yes { get; init; }
    }
}
