using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;

namespace Postrider.Tests.Mail;

/// <summary>Acts on many messages work on those that they can do something about, and on all of them.</summary>
public class ReachTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MessageAct.Retry, "waiting deferred held failed partly bounced cancelled")]
    [InlineData(MessageAct.Cancel, "waiting deferred dead held")]
    [InlineData(MessageAct.Hold, "waiting deferred dead")]
    [InlineData(MessageAct.Release, "held")]
    [InlineData(MessageAct.Expire, "waiting deferred dead held")]
    public async Task What_a_search_says_an_act_would_reach_is_what_it_reaches(string name, string expected)
    {
        await using var queue = await TestQueue.OpenAsync();
        var messages = await FillAsync(queue);
        var act = MessageAct.Find(name)!;
        foreach (var filter in new MessageFilter[] { new(), new() { From = "app@example.org" }, new() { To = "someone@example.org" }, new() { ClientId = "newsletter" } })
            Assert.Equal(expected, Names(await queue.History.IdsAsync(filter, 100, Stop, act.Reach)));
        Assert.Equal(expected, Names(await queue.History.ThoseAsync([.. messages.Values], act.Reach.Condition, Stop)));
        foreach (var state in new[] { "queued", "held", "sending", "failed", "sent" })
            Assert.All(await queue.History.IdsAsync(new MessageFilter { State = state }, 100, Stop, act.Reach), id => Assert.Contains(Names([id]), expected.Split(' ')));
        Assert.Equal(expected, Names(await act.DoAsync(queue.Worker, [.. messages.Values], "admin", Stop)));

        string Names(IEnumerable<string> ids) => string.Join(' ', messages.Where(message => ids.Contains(message.Value)).Select(message => message.Key));
    }

    [Fact]
    public async Task An_act_reaches_all_behind_what_it_cannot_change_and_a_repeat_changes_nothing()
    {
        await using var queue = await TestQueue.OpenAsync();
        for (var number = 0; number < 3; number++)
            await queue.AddAsync(Newsletter(queue));
        await AddSentAsync(queue, 3000);
        var acts = ActsOn(queue, out _);
        var filter = new MessageFilter { ClientId = "newsletter" };
        Assert.Equal((3, null), await CountAsync(acts, MessageAct.Hold, filter));
        Assert.Equal((3, null), await DoAsync(acts, MessageAct.Hold, filter));
        Assert.Equal((0, null), await DoAsync(acts, MessageAct.Hold, filter with { State = "queued" }));
        Assert.Equal((3, null), await DoAsync(acts, MessageAct.Release, filter));
        Assert.Equal((3, null), await DoAsync(acts, MessageAct.Retry, filter));
    }

    [Fact]
    public async Task More_than_one_request_may_take_is_gone_on_with_and_what_comes_meanwhile_is_left_alone()
    {
        await using var queue = await TestQueue.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(_ => queue.AddAsync(Newsletter(queue))));
        var acts = ActsOn(queue, out _);
        acts.Patience = TimeSpan.Zero;
        var filter = new MessageFilter { ClientId = "newsletter" };
        var counts = new List<int>();
        for (string? cursor = null; ;)
        {
            (var count, cursor) = await DoAsync(acts, MessageAct.Hold, filter with { Cursor = cursor });
            counts.Add(count);
            if (cursor is null)
                break;
            queue.Clock.Advance(TimeSpan.FromMilliseconds(2));
            await queue.AddAsync(Newsletter(queue));
        }
        Assert.Equal([500, 500, 200], counts);
        Assert.Equal(1200, await queue.CountAsync("queue where held_at is not null"));
        Assert.Equal(2, (await DoAsync(acts, MessageAct.Hold, filter)).Count);
    }

    [Fact]
    public async Task No_more_are_reached_than_was_asked_and_none_when_nobody_waits_or_the_gateway_stops()
    {
        await using var queue = await TestQueue.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 1200).Select(_ => queue.AddAsync(Newsletter(queue))));
        var acts = ActsOn(queue, out var life);
        var filter = new MessageFilter { ClientId = "newsletter" };
        var (count, next) = await DoAsync(acts, MessageAct.Cancel, filter, most: 2);
        Assert.Equal((2, 2), (count, (int)await queue.CountAsync("messages where state = 'cancelled'")));
        Assert.Equal(500, (await acts.DoAsync(MessageAct.Find(MessageAct.Cancel)!, filter with { Cursor = next }, int.MaxValue, "admin", new CancellationToken(canceled: true))).Count);
        life.StopApplication();
        var last = await acts.DoAsync(MessageAct.Find(MessageAct.Cancel)!, filter, int.MaxValue, "admin", Stop);
        Assert.Equal(500, last.Count);
        Assert.NotNull(last.NextCursor);
        Assert.Equal(198, await queue.CountAsync("queue"));
    }

    private static async Task<(int Count, string? Next)> DoAsync(BulkActs acts, string act, MessageFilter filter, int most = int.MaxValue) =>
        await acts.DoAsync(MessageAct.Find(act)!, filter, most, "admin", Stop) is var done ? (done.Count, done.NextCursor) : default;

    private static async Task<(int Count, string? Next)> CountAsync(BulkActs acts, string act, MessageFilter filter) =>
        await acts.CountAsync(MessageAct.Find(act)!, filter, int.MaxValue, Stop) is var done ? (done.Count, done.NextCursor) : default;

    private static BulkActs ActsOn(TestQueue queue, out IHostApplicationLifetime life) =>
        new(queue.Worker, queue.History, life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), queue.Clock);

    private static NewMessage Newsletter(TestQueue queue, params string[] to) => queue.New(to) with { ClientId = "newsletter" };

    private static Task AddSentAsync(TestQueue queue, int count) => queue.Database.WriteAsync(async session =>
    {
        for (var number = 1; number <= count; number++)
            await session.ExecuteAsync("""
                insert into messages (id, provider_id, client_id, source, mail_from, header_from, subject, header_id, size, eight_bit, smtp_utf8, state, accepted_at, expires_at)
                values (@id, 'provider', 'newsletter', 'smtp', 'app@example.org', 'app@example.org', 'Sent', '<sent@example.org>', 1, 0, 0, 'sent', 0, 0)
                """, new { id = MessageIds.FirstAt(queue.Clock.GetUtcNow() + TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(number)) });
    });

    /// <summary>One in each state, by name.</summary>
    private static async Task<Dictionary<string, string>> FillAsync(TestQueue queue)
    {
        var messages = new Dictionary<string, string>();
        foreach (var name in new[] { "waiting", "deferred", "dead", "held", "failed", "partly", "bounced", "cancelled", "sent", "suppressed", "empty", "sending" })
            messages[name] = await queue.AddAsync(Newsletter(queue, ["someone@example.org", .. name switch { "partly" => ["b@example.org"], "suppressed" => ["gone@example.org"], _ => Array.Empty<string>() }]) with { ProviderId = name });
        await ClaimAsync("dead");
        queue.Clock.Advance(queue.Options.Lease);
        await ClaimAsync("sending");
        await RecordAsync("deferred", OutcomeKind.Deferred);
        await queue.Worker.HoldAsync([messages["held"]], "admin", Stop);
        foreach (var name in new[] { "failed", "empty" })
            await RecordAsync(name, OutcomeKind.Failed);
        await RecordAsync("partly", OutcomeKind.Sent, OutcomeKind.Failed);
        await RecordAsync("suppressed", OutcomeKind.Sent, OutcomeKind.Failed);
        await queue.Suppressions.AddAsync([("gone@example.org", "")], "admin", Stop);
        foreach (var name in new[] { "sent", "bounced" })
            await RecordAsync(name, OutcomeKind.Sent);
        await queue.Worker.CancelAsync([messages["cancelled"]], "admin", Stop);
        await queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from contents where message_id = @id", new { id = messages["empty"] });
            await session.ExecuteAsync("update recipients set state = 'bounced' where message_id = @id", new { id = messages["bounced"] });
            await session.ExecuteAsync("update messages set state = 'bounced' where id = @id", new { id = messages["bounced"] });
        }, Stop);
        return messages;

        async Task<ClaimedMessage> ClaimAsync(string name) => Assert.Single(await queue.Worker.ClaimAsync(name, 1, Stop));

        async Task RecordAsync(string name, params OutcomeKind[] kinds)
        {
            var claimed = await ClaimAsync(name);
            var outcome = queue.Outcome(claimed, kinds[0], TimeSpan.FromHours(1));
            await queue.Worker.RecordAsync(claimed, outcome with { Recipients = [.. outcome.Recipients.Select((one, at) => one with { Kind = kinds[Math.Min(at, kinds.Length - 1)] })] });
        }
    }
}
