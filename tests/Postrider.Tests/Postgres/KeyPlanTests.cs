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

    /// <summary>With whether those of several messages are sent as one.</summary>
    public static TheoryData<string, bool> Statements => new()
    {
        { MessageQueue.MarkAhead, true }, { MessageQueue.MarkFinalDot, true }, { MessageQueue.Renew, false },
        { MessageQueue.Leave, true }, { MessageQueue.FinishSent, true }, { MessageQueue.UpdateRecipient, true },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task A_queue_that_many_have_left_is_still_asked_by_key(string sql, bool asOne)
    {
        var server = await PostgresServer.SharedAsync();
        await using var connection = new NpgsqlConnection(await server.NewInstallationAsync() + ";Pooling=False");
        await connection.OpenAsync(Stop);
        // Many have come and gone; the last few hold the file's end. The index by key is long, and that of what is due has been swept.
        await RunAsync("""
            insert into queue (message_id, provider_id, sharer, due_at, expires_at) select lpad(n::text, 32, '0'), 'p', 's', 1, 1 from generate_series(1, 20000) n;
            delete from queue where message_id < lpad('19991', 32, '0')
            """);
        await RunAsync("vacuum analyze queue");
        await RunAsync("reindex index queue_due");
        await RunAsync(PostgresEngine.PlanByKeys);

        var text = PostgresText.Of(sql).Single().Sql;
        await RunAsync($"prepare one as {text}");
        var types = (await AskAsync("select unnest(parameter_types)::text from pg_prepared_statements where name = 'one'")).Select(type => $"{type}[]").ToList();
        if (asOne)
            await RunAsync($"prepare many({string.Join(", ", types)}) as {PostgresMany.Of(text, types.Count, told: false)}");
        var nothing = string.Join(", ", types.Select(_ => "null"));
        foreach (var statement in asOne ? new[] { "one", "many" } : ["one"])
        {
            var scans = (await AskAsync($"explain execute {statement}({nothing})")).Where(step => step.Contains(" Scan ", StringComparison.Ordinal)).ToList();
            Assert.Contains(scans, step => step.Contains("_pkey", StringComparison.Ordinal));
            Assert.All(scans, step => Assert.Matches("_pkey|Function Scan|Bitmap Heap Scan", step));
        }

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
