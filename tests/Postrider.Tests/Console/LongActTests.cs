using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Server.Api;
using Postrider.Server.Console.Reading;
using Postrider.Tests.Mail;

namespace Postrider.Tests.Console;

/// <summary>Acts on many messages, without anybody who waits for them.</summary>
public class LongActTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_act_goes_on_when_its_page_is_left_and_is_found_again_and_taken_back()
    {
        await using var queue = await TestQueue.OpenAsync();
        var ids = await ManyAsync(queue, 1100);
        var acts = ActsOn(queue, out _);
        using var left = new CancellationTokenSource();
        var begun = acts.DoAsync(MessageAct.Find(MessageAct.Cancel)!, ids, "anna", "?state=queued", left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => begun);

        var act = await OverAsync(acts);
        Assert.Equal((1100, 1100, 1100, "?state=queued"), (act.Total, act.Done, act.Reached, act.Query));
        Assert.True(act.CanBeUndone(queue.Clock.GetUtcNow()));
        Assert.Equal("1,100 messages cancelled.", ActWords.Result(act));
        Assert.Null(await acts.FindAsync(act.Id, "berta", Stop));
        Assert.Null(await acts.UndoAsync(act.Id, "berta", Stop));

        var undone = (await acts.UndoAsync(act.Id, "anna", Stop))!;
        Assert.Equal((true, 1100, "1,100 messages restored."), (undone.IsOver, undone.Reached, ActWords.Result(undone)));
        Assert.Null(await acts.UndoAsync(act.Id, "anna", Stop));
        Assert.Equal(1100, await queue.CountAsync("queue"));
        queue.Clock.Advance(RecentActs.Window);
        Assert.Null(await acts.LastAsync("anna", Stop));
    }

    [Fact]
    public async Task What_a_stopped_gateway_had_reached_is_told_and_can_be_taken_back()
    {
        await using var queue = await TestQueue.OpenAsync();
        var ids = await ManyAsync(queue, 2);
        await ActsOn(queue, out _).DoAsync(MessageAct.Find(MessageAct.Hold)!, ids, "anna", "", Stop);
        await queue.Database.WriteAsync(session => session.ExecuteAsync("update recent_acts set ended_at = null, total = 9"), Stop);
        var acts = ActsOn(queue, out _);
        var act = (await acts.LastAsync("anna", Stop))!;
        Assert.False(act.IsLost(queue.Clock.GetUtcNow()));
        Assert.Null(await acts.UndoAsync(act.Id, "anna", Stop));
        queue.Clock.Advance(RecentAct.LostAfter);
        Assert.True(act.IsLost(queue.Clock.GetUtcNow()));
        Assert.Equal("2 messages held. It had come to 2 of 9.", ActWords.Result(act));
        Assert.Equal(2, (await acts.UndoAsync(act.Id, "anna", Stop))!.Reached);
    }

    [Fact]
    public async Task An_act_ends_with_its_gateway()
    {
        await using var queue = await TestQueue.OpenAsync();
        var ids = await ManyAsync(queue, 1);
        var acts = ActsOn(queue, out var life);
        life.StopApplication();
        var act = await acts.DoAsync(MessageAct.Find(MessageAct.Hold)!, ids, "anna", "", Stop);
        Assert.Equal((false, 0), (act.IsOver, act.Reached));
    }

    private static RecentActs ActsOn(TestQueue queue, out IHostApplicationLifetime life) => new(queue.Database, queue.Worker, queue.History,
        life = new Microsoft.Extensions.Hosting.Internal.ApplicationLifetime(NullLogger<Microsoft.Extensions.Hosting.Internal.ApplicationLifetime>.Instance), queue.Clock, NullLogger<RecentActs>.Instance);

    private static async Task<IReadOnlyList<string>> ManyAsync(TestQueue queue, int count) => [.. await Task.WhenAll(Enumerable.Range(0, count).Select(_ => queue.AddAsync()))];

    private static async Task<RecentAct> OverAsync(RecentActs acts)
    {
        while (true)
        {
            if (await acts.LastAsync("anna", Stop) is { IsOver: true } act)
                return act;
            await Task.Delay(20, Stop);
        }
    }
}
