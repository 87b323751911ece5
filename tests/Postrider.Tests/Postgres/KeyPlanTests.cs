using Npgsql;
using Postrider.Mail.Queue;
using Postrider.Storage.Postgres;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Postgres;

/// <summary>What is written of each message on its way is found by its key, whatever the server believes of its tables: a statement is planned
/// once, and perhaps at the moment when a queue that a million messages went through is all but empty.</summary>
public sealed class KeyPlanTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Many have come and gone; the last few hold the file's end. The index by key is long, and that of what is due has been swept.
    private const string LeftByMany = """
        insert into queue (message_id, provider_id, sharer, due_at, expires_at) select lpad(n::text, 32, '0'), 'p', 's', 1, 1 from generate_series(1, 20000) n;
        delete from queue where message_id < lpad('19991', 32, '0')
        """;
    private const string Swept = "reindex index queue_due";

    // One has come and gone, and the server has counted none.
    private const string LeftByOne = "insert into queue (message_id, provider_id, sharer, due_at, expires_at) values ('1', 'p', 's', 1, 1); delete from queue";

    /// <summary>With whether those of several messages are sent as one.</summary>
    public static TheoryData<string, bool> Statements => new()
    {
        { MessageQueue.MarkAhead, true }, { MessageQueue.MarkFinalDot, true }, { MessageQueue.Renew, false }, { MessageQueue.RecordSent, true },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public Task A_queue_that_many_have_left_is_still_asked_by_key(string sql, bool asOne) => IsAskedByKeyAsync(sql, asOne, [LeftByMany, "vacuum analyze queue", Swept]);

    [Theory]
    [MemberData(nameof(Statements))]
    public Task A_queue_that_was_counted_when_it_was_empty_is_still_asked_by_key(string sql, bool asOne) => IsAskedByKeyAsync(sql, asOne, [LeftByOne, "vacuum analyze queue"]);

    private static async Task IsAskedByKeyAsync(string sql, bool asOne, string[] before)
    {
        var server = await PostgresServer.SharedAsync();
        await using var connection = new NpgsqlConnection(await server.NewInstallationAsync() + ";Pooling=False");
        await connection.OpenAsync(Stop);
        foreach (var one in before)
            await RunAsync(one);
        await RunAsync(PostgresEngine.PlanByKeys);

        var types = new Dictionary<string, string>();
        var plans = new List<string>();
        foreach (var (at, text) in PostgresText.Of(sql).Index())
        {
            await RunAsync($"prepare one{at} as {text.Sql}");
            var each = await AskAsync($"select unnest(parameter_types)::text from pg_prepared_statements where name = 'one{at}'");
            foreach (var (place, type) in each.Index())
                types[text.Names[place]] = type;
            plans.Add($"explain execute one{at}({Nothing(each.Count)})");
        }
        if (asOne)
        {
            var many = PostgresText.AsOne(sql);
            await RunAsync($"prepare many({string.Join(", ", many.Names.Select(name => $"{types[name]}[]"))}) as {many.SqlForMany(told: many.IsOne)}");
            plans.Add($"explain execute many({Nothing(many.Names.Count)})");
        }
        foreach (var plan in plans)
        {
            var steps = await AskAsync(plan);
            var scans = steps.Where(step => step.Contains(" Scan ", StringComparison.Ordinal)).ToList();
            var byKey = scans.Count(step => step.Contains("_pkey", StringComparison.Ordinal));
            Assert.True(byKey > 0);
            Assert.Equal(byKey, steps.Count(step => step.Contains("Index Cond: ", StringComparison.Ordinal)));
            Assert.All(scans, step => Assert.Matches("_pkey|Function Scan|Subquery Scan|Bitmap Heap Scan", step));
        }

        static string Nothing(int values) => string.Join(", ", Enumerable.Repeat("null", values));

        async Task RunAsync(string statements)
        {
            await using var command = new NpgsqlCommand(statements, connection);
            await command.ExecuteNonQueryAsync(Stop);
        }

        async Task<List<string>> AskAsync(string statement)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await using var reader = await command.ExecuteReaderAsync(Stop);
            var lines = new List<string>();
            while (await reader.ReadAsync(Stop))
                lines.Add(reader.GetString(0));
            return lines;
        }
    }
}
