using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Mail;

/// <summary>The list of what ended otherwise than sent says what the messages say, whoever changes them.</summary>
public class OtherEndsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_listed_from_its_end_until_it_is_tried_again()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await AssertListAsync(queue);
        await EndAsync(queue, OutcomeKind.Failed);
        await AssertListAsync(queue, (id, "failed"));
        await queue.Worker.RetryAsync([id], "anna", Stop);
        await AssertListAsync(queue);
        await queue.Worker.CancelAsync([id], "anna", Stop);
        await AssertListAsync(queue, (id, "cancelled"));
        await queue.Worker.RestoreAsync([id], new HashSet<string>(), "anna", Stop);
        await EndAsync(queue, OutcomeKind.Sent);
        await AssertListAsync(queue);
    }

    [Fact]
    public async Task A_report_that_comes_later_lists_a_message_that_was_sent_and_its_deletion_takes_it_off()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await EndAsync(queue, OutcomeKind.Sent);
        foreach (var state in new[] { "delayed", "bounced" })
        {
            await queue.Database.WriteAsync(session => queue.Worker.ReportAsync(session, id, new RecipientOutcome(0, OutcomeKind.Failed, "550 5.1.1 Unknown"), state), Stop);
            await AssertListAsync(queue, (id, state));
        }
        queue.Clock.Advance(queue.Options.KeepHistory);
        await new Retention(queue.Database, queue.Clock, Options.Create(queue.Options)).DeleteHistoryAsync("", Stop);
        Assert.Equal(0, await queue.CountAsync("messages"));
        await AssertListAsync(queue);
    }

    [Fact]
    public async Task What_had_ended_before_there_was_a_list_is_on_it()
    {
        var directory = Directory.CreateTempSubdirectory("postrider-ends-");
        try
        {
            var options = await TestStorage.NewAsync(Path.Combine(directory.FullName, "test.db"));
            await using (var before = await OpenAsync(options))
                await before.WriteAsync(async session =>
                {
                    await session.ExecuteAsync("""
                        /*sqlite: drop trigger messages_end; drop trigger messages_gone; */
                        /*postgres: drop function follow_ends() cascade; */
                        drop table other_ends;
                        create index messages_unsent on messages (state, id) where state <> 'sent';
                        create index messages_failed on messages (provider_id, state, id) where state in ('failed', 'bounced');
                        delete from schema_migrations where version = 102
                        """);
                    foreach (var state in new[] { "queued", "sent", "failed", "delivered" })
                        await session.ExecuteAsync("""
                            insert into messages (id, provider_id, source, mail_from, header_from, subject, header_id, size, eight_bit, smtp_utf8, state, accepted_at, expires_at)
                            values (@state, 'provider', 'smtp', 'app@example.org', 'app@example.org', 'Old', '<old@example.org>', 1, 0, 0, @state, 0, 0)
                            """, new { state });
                    return 0;
                }, Stop);
            await using var after = await OpenAsync(options);
            Assert.Equal(["delivered", "failed"], await after.ReadAsync(session => session.QueryAsync<string>("select message_id from other_ends where message_id = state and provider_id = 'provider' order by 1"), Stop));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Task<Database> OpenAsync(StorageOptions options) => Database.OpenAsync(options, TimeProvider.System, NullLogger<Database>.Instance, Stop);

    private static async Task EndAsync(TestQueue queue, OutcomeKind kind)
    {
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, kind));
    }

    private static async Task AssertListAsync(TestQueue queue, params (string Id, string State)[] expected)
    {
        var listed = await queue.Database.ReadAsync(session => session.QueryAsync<Listed>("select message_id, provider_id, state from other_ends"), Stop);
        Assert.Equal(expected.Select(one => (one.Id, TestQueue.Provider, one.State)), listed.Select(one => (one.MessageId, one.ProviderId, one.State)));
    }

    private sealed class Listed
    {
        public string MessageId { get; init; } = "";
        public string ProviderId { get; init; } = "";
        public string State { get; init; } = "";
    }
}
