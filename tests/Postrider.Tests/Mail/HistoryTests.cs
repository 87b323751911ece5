using Postrider.Mail.History;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>What an administrator finds: every filter narrows to what it says, and pages neither repeat nor leave out.</summary>
public class HistoryTests
{
    public static TheoryData<MessageFilter, string> Filters() => new()
    {
        { new(), "waiting sent failed sending" },
        { new() { State = "queued" }, "waiting sending" },
        { new() { State = "sending" }, "sending" },
        { new() { State = "sent" }, "sent" },
        { new() { State = "failed" }, "failed" },
        { new() { ProviderId = "provider-2" }, "waiting" },
        { new() { ClientId = "client" }, "failed" },
        { new() { From = "APP@example.org" }, "waiting sent sending" },
        { new() { From = "erp@example.org" }, "failed" },
        { new() { To = "Second@Example.org" }, "sent" },
        { new() { To = "nobody@example.org" }, "" },
        { new() { Since = At(1) }, "sent failed sending" },
        { new() { Until = At(1) }, "waiting" },
        { new() { Since = At(1), Until = At(3) }, "sent failed" },
        { new() { Text = "100%" }, "sent" },
        { new() { Text = "_" }, "failed" },
        { new() { Text = "\\" }, "waiting" },
        { new() { Text = "'; drop table messages; --" }, "" },
        { new() { Text = "<sent@example.org>" }, "sent" },
        { new() { Text = "<theirs@example.net>" }, "sent" },
        { new() { State = "queued", From = "app@example.org", Text = "in" }, "waiting sending" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_finds_what_it_names(MessageFilter filter, string expected)
    {
        await using var queue = await FilledAsync();
        var found = await queue.History.ListAsync(filter, CancellationToken.None);
        var names = found.Select(message => message.HeaderId.Split('@')[0].TrimStart('<')).Reverse();
        Assert.Equal(expected, string.Join(' ', names));
        Assert.Equal(found.Select(message => message.Id), await queue.History.IdsAsync(filter, 100, CancellationToken.None));
    }

    [Fact]
    public async Task Pages_by_cursor_neither_repeat_nor_leave_out_although_mail_goes_on_coming()
    {
        await using var queue = await TestQueue.OpenAsync();
        var added = new List<string>();
        for (var number = 0; number < 25; number++)
            added.Add(await queue.AddAsync());
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await queue.History.PageAsync(new MessageFilter { Limit = 10, Cursor = cursor }, CancellationToken.None);
            seen.AddRange(page.Rows.Select(message => message.Id));
            cursor = page.Next;
            queue.Clock.Advance(TimeSpan.FromMilliseconds(2));
            await queue.AddAsync();
        }
        while (cursor is not null);
        Assert.Equal(added.OrderDescending(StringComparer.Ordinal), seen);
    }

    // Rows that the windows of a search begin and end with, one more, and one less.
    [Theory]
    [InlineData("state")]
    [InlineData("text")]
    [InlineData("provider")]
    public async Task What_is_rare_is_found_behind_everything_else_in_either_direction(string by)
    {
        await using var queue = await FilledAsync();
        var rare = (await queue.History.ListAsync(new MessageFilter(), CancellationToken.None)).Select(message => message.Id).ToList();
        await AddManyAsync(queue, by == "text" ? 9600 : 1400);
        // The sender drives the search, and most of what it has sent is something else.
        var filter = by switch
        {
            "state" => new MessageFilter { From = "app@example.org", State = "sent" },
            "text" => new MessageFilter { Text = "<sent@example.org>" },
            _ => new MessageFilter { From = "app@example.org", ProviderId = "provider-2" },
        };
        var found = Assert.Single(await queue.History.ListAsync(filter, CancellationToken.None)).Id;
        Assert.Contains(found, rare);
        Assert.Equal([found], await queue.History.IdsAsync(filter, 10, CancellationToken.None));
        var seen = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await queue.History.PageAsync(filter with { Cursor = cursor }, CancellationToken.None);
            seen.AddRange(page.Rows.Select(message => message.Id));
            Assert.Equal(page.LookedTo is null, page.Next is null);
            if ((cursor = page.Next) is null)
                break;
        }
        Assert.Equal([found], seen);
        Assert.Equal([found], (await queue.History.ListAsync(filter with { After = MessageIds.FirstAt(DateTimeOffset.UnixEpoch) }, CancellationToken.None)).Select(message => message.Id));
    }

    [Fact]
    public async Task Who_asks_to_look_further_waits_longer_and_is_taken_further()
    {
        await using var queue = await FilledAsync();
        await AddManyAsync(queue, 9600);
        var filter = new MessageFilter { Text = "<sent@example.org>" };
        queue.History.Patience = TimeSpan.FromTicks(1);
        var first = await queue.History.PageAsync(filter, CancellationToken.None);
        Assert.Empty(first.Rows);
        Assert.NotNull(first.LookedTo);
        var second = await queue.History.PageAsync(filter with { Cursor = first.Next }, CancellationToken.None, further: true);
        Assert.Single(second.Rows);
        Assert.Null(second.LookedTo);
    }

    private static Task AddManyAsync(TestQueue queue, int count) => queue.Database.WriteAsync(async session =>
    {
        for (var number = 1; number <= count; number++)
            await session.ExecuteAsync("""
                insert into messages (id, provider_id, source, mail_from, header_from, subject, header_id, size, eight_bit, smtp_utf8, state, accepted_at, expires_at)
                values (@id, 'provider', 'smtp', 'app@example.org', 'app@example.org', 'Usual', '<usual@example.org>', 1, 0, 0, 'failed', 0, 0)
                """, new { id = MessageIds.FirstAt(At(10) + TimeSpan.FromMilliseconds(number)) });
    });

    [Fact]
    public async Task A_list_names_recipients_and_the_last_attempt_of_each_message()
    {
        await using var queue = await FilledAsync();
        var sent = Assert.Single(await queue.History.ListAsync(new MessageFilter { State = "sent" }, CancellationToken.None));
        Assert.Equal(["first@example.org", "second@example.org"], sent.Recipients.Select(recipient => recipient.Address));
        Assert.Equal("sent", Assert.Single(sent.Attempts).Outcome);
        Assert.Null(await queue.History.FindAsync("unknown", CancellationToken.None));
    }

    private static DateTimeOffset At(int minute) => new(2026, 5, 4, 10, minute, 0, TimeSpan.Zero);

    private static async Task<TestQueue> FilledAsync()
    {
        var queue = await TestQueue.OpenAsync();
        await queue.AddAsync(queue.New() with { ProviderId = "provider-2", HeaderId = "<waiting@example.org>", Subject = "In C:\\temp" });
        queue.Clock.Advance(TimeSpan.FromMinutes(1));
        await queue.AddAsync(queue.New("first@example.org", "second@example.org") with { HeaderId = "<sent@example.org>", Subject = "Now 100% done" });
        var sent = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(sent, queue.Outcome(sent, OutcomeKind.Sent) with { RemoteId = "<theirs@example.net>" });
        queue.Clock.Advance(TimeSpan.FromMinutes(1));
        await queue.AddAsync(queue.New() with { MailFrom = "erp@example.org", ClientId = "client", HeaderId = "<failed@example.org>", Subject = "order_17" });
        var failed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(failed, queue.Outcome(failed, OutcomeKind.Failed));
        queue.Clock.Advance(TimeSpan.FromMinutes(1));
        await queue.AddAsync(queue.New() with { HeaderId = "<sending@example.org>" });
        await queue.ClaimAsync();
        return queue;
    }
}
