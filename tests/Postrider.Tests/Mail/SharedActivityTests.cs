using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>What nodes know of a provider through one another.</summary>
public class SharedActivityTests
{
    private static readonly SendingLimits Limits = new(3, 0, 0, 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_all_nodes_send_is_counted_together_and_one_that_says_nothing_any_more_is_left_out()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (one, other) = (Of(queue, queue.Worker), Of(queue, queue.Other));
        var sent = queue.Clock.GetUtcNow().AddSeconds(-2);
        await one.ExchangeAsync([("p", new ProviderActivity(null, 2, Limits, 30) { SentAt = sent })], Stop);
        await other.ExchangeAsync([("p", new ProviderActivity(null, 1, Limits, 5))], Stop);
        Assert.Equal(new ProviderActivity(null, 3, Limits, 35) { SentElsewhereAt = sent }, other.Together("p", new ProviderActivity(null, 1, Limits, 5), Limits));
        Assert.Equal(new ProviderActivity(null, 2, Limits, 30) { SentElsewhereAt = sent }, other.Together("p", null, Limits));
        Assert.Null(other.Together("q", null, Limits));
        // What one has said it says anew.
        await one.ExchangeAsync([("p", new ProviderActivity(null, 0, Limits, 10) { SentAt = sent })], Stop);
        await other.ExchangeAsync([], Stop);
        Assert.Equal((0, 10), Both(other));
        queue.Clock.Advance(queue.Options.Lease * 2);
        Assert.Equal((0, 0), Both(other));
        // When it was last sent is known for longer.
        Assert.Equal(sent, other.Together("p", null, Limits)!.SentElsewhereAt);
        queue.Clock.Advance(TimeSpan.FromHours(2));
        await other.ExchangeAsync([], Stop);
        Assert.Null(other.Together("p", null, Limits));

        static (int, int) Both(SharedActivity node) => node.Together("p", null, Limits) is { } doing ? (doing.Lanes, doing.SentInLastMinute) : (-1, -1);
    }

    [Fact]
    public async Task The_last_word_of_a_provider_is_kept_until_somebody_mends_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (one, other) = (Of(queue, queue.Worker), Of(queue, queue.Other));
        var now = queue.Clock.GetUtcNow();
        var word = new ProviderWord(new ProviderFault("mail", "432 4.3.2 Too many", "It is too fast.", "Nothing to do.", now.AddMinutes(1), now.AddSeconds(-1)), 0.5, now);
        await one.SayAsync("p", word);
        Assert.Equal(word, one.WordOf("p"));
        Assert.Equal(word, (await other.LoadWordsAsync(Stop))["p"]);
        // One that comes late does not take the place of what was said after it.
        await other.SayAsync("p", word with { Share = 1, SaidAt = now.AddSeconds(-5) });
        Assert.Equal(word, (await Of(queue, queue.Other).LoadWordsAsync(Stop))["p"]);
        await other.SayAsync("p", word with { Share = 0.25, SaidAt = now.AddSeconds(5) });
        Assert.Equal(0.25, (await one.LoadWordsAsync(Stop))["p"].Share);
        await one.ForgetAsync("p");
        Assert.Equal(0.25, (await one.LoadWordsAsync(Stop))["p"].Share);
        queue.Clock.Advance(TimeSpan.FromSeconds(6));
        await one.ForgetAsync("p");
        Assert.Empty(await other.LoadWordsAsync(Stop));
    }

    private static SharedActivity Of(TestQueue queue, MessageQueue node) => new(queue.Database, node, queue.Clock, Options.Create(queue.Options));
}
