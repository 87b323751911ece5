using Microsoft.Extensions.DependencyInjection;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Mail.Trends;
using Postrider.Tests.Alerts;

namespace Postrider.Tests.Trends;

/// <summary>What is added up of the mail that flows, by stretch of time.</summary>
public class TrendTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sent_failed_and_waits_is_added_up_over_all_nodes_and_what_was_not_watched_is_not_there()
    {
        await using var mail = await TestAlerts.StartAsync();
        var provider = await mail.AddAsync("m365");
        var queue = mail.Get<MessageQueue>();
        using var here = NewService(mail);
        await here.StoreAsync();

        for (var number = 0; number < 4; number++)
            await AddAsync(mail, provider);
        mail.Clock.Advance(TimeSpan.FromSeconds(8));
        await RecordAsync(queue, provider, mail, OutcomeKind.Sent, 2);
        await RecordAsync(queue, provider, mail, OutcomeKind.Failed, 1);
        await RecordAsync(queue, provider, mail, OutcomeKind.Deferred, 1);
        await here.StoreAsync();
        // Another node adds what it saw itself; the queue that both look at is the same.
        using (var other = NewService(mail))
        {
            await AddAsync(mail, provider);
            await RecordAsync(queue, provider, mail, OutcomeKind.Sent, 1);
            await other.StoreAsync();
        }
        await here.StoreAsync();
        await mail.BreakAsync(provider);
        await here.StoreAsync();

        var history = mail.Get<TrendHistory>();
        var began = mail.Clock.GetUtcNow().AddHours(-1);
        foreach (var whose in new[] { provider.Id, TrendHistory.All })
            foreach (var minutes in new[] { TrendHistory.FiveMinutes, TrendHistory.Hour })
            {
                var trend = Assert.Single(await history.OfAsync(whose, minutes, began, Stop));
                // Both services of this test hear the one queue.
                Assert.Equal((4, 1, 1, 1, 8000, Health.NeedsSomebody), (trend.Sent, trend.Failed, trend.Delayed, trend.Waiting, trend.Oldest, trend.Health));
                Assert.Equal(4, (await history.TimesAsync(whose, minutes, began, Stop)).Sum(time => time.Messages));
            }

        // Nobody looks for twenty minutes: nothing is known of them.
        mail.Clock.Advance(TimeSpan.FromMinutes(20));
        await here.StoreAsync();
        var two = await history.OfAsync(provider.Id, TrendHistory.FiveMinutes, began, Stop);
        Assert.Equal((2, 0), (two.Count, two[1].Sent));
        Assert.Equal(TimeSpan.FromMinutes(20).TotalMilliseconds, two[1].At - two[0].At);

        mail.Clock.Advance(TrendHistory.KeepFiveMinutes);
        await here.StoreAsync();
        Assert.Single(await history.OfAsync(provider.Id, TrendHistory.FiveMinutes, began, Stop));
        Assert.Equal(2, (await history.OfAsync(provider.Id, TrendHistory.Hour, began, Stop)).Count);
        mail.Clock.Advance(TrendHistory.KeepHours);
        await here.StoreAsync();
        Assert.Single(await history.OfAsync(provider.Id, TrendHistory.Hour, began, Stop));
    }

    [Fact]
    public async Task What_stands_still_costs_a_row_a_stretch()
    {
        await using var mail = await TestAlerts.StartAsync();
        await mail.AddAsync("m365");
        using var service = NewService(mail);
        await service.StoreAsync();
        await mail.Database.WriteAsync(session => session.ExecuteAsync("delete from trends"), Stop);
        mail.Clock.Advance(TimeSpan.FromSeconds(30));
        await service.StoreAsync();
        Assert.Empty(await mail.Get<TrendHistory>().OfAsync(TrendHistory.All, TrendHistory.FiveMinutes, default, Stop));
        mail.Clock.Advance(TimeSpan.FromMinutes(5));
        await service.StoreAsync();
        Assert.Single(await mail.Get<TrendHistory>().OfAsync(TrendHistory.All, TrendHistory.FiveMinutes, default, Stop));
    }

    [Fact]
    public void Of_a_hundred_messages_the_slowest_are_told_to_a_fifth()
    {
        var times = Enumerable.Range(1, 100).Select(second => new TrendTime { Step = TrendTime.StepOf(TimeSpan.FromSeconds(second)), Messages = 1 }).ToList();
        Assert.InRange(TrendTime.Percentile(times, 50)!.Value.TotalSeconds, 40, 60);
        Assert.InRange(TrendTime.Percentile(times, 95)!.Value.TotalSeconds, 76, 114);
        Assert.InRange(TrendTime.Percentile(times, 99)!.Value.TotalSeconds, 80, 119);
        Assert.Null(TrendTime.Percentile([], 50));
    }

    private static TrendService NewService(TestAlerts mail) => ActivatorUtilities.CreateInstance<TrendService>(mail.Get<IServiceProvider>());

    private static async Task AddAsync(TestAlerts mail, Provider provider)
    {
        var id = MessageIds.New(mail.Clock);
        await mail.Get<MessageQueue>().AddAsync(new NewMessage
        {
            Id = id, ProviderId = provider.Id, Source = "smtp", MailFrom = "app@contoso.example", HeaderFrom = "app@contoso.example", Recipients = ["someone@example.org"],
            Subject = "Invoice", HeaderId = $"<{id}@contoso.example>", Content = StoredBytes.From("Subject: Invoice\r\n\r\nHello\r\n"u8.ToArray()),
        }, Stop);
    }

    private static async Task RecordAsync(MessageQueue queue, Provider provider, TestAlerts mail, OutcomeKind kind, int count)
    {
        foreach (var message in await queue.ClaimAsync(provider.Id, count, Stop))
            await queue.RecordAsync(message, new AttemptOutcome
            {
                StartedAt = mail.Clock.GetUtcNow(), Reply = $"{kind}", NextAttemptAt = mail.Clock.GetUtcNow(), Recipients = [new(0, kind, $"{kind}")],
            });
    }
}
