using Postrider.Mail.Queue;
using Postrider.Mail.Waiting;

namespace Postrider.Tests.Mail;

/// <summary>SQLite plans what the writer runs once, and not for each value that is given.</summary>
public sealed class PlanTests
{
    [Fact]
    public async Task What_the_writer_plans_holds_for_every_value()
    {
        await using var queue = await TestQueue.OpenAsync();
        var plans = await queue.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("create table things (kind integer, name text)");
            await session.ExecuteAsync("create index things_of_kind_one on things (name) where kind = 1");
            return (Values: await session.QueryAsync<Step>("explain query plan select name from things where kind = @kind order by name limit @max", new { kind = 1, max = 1 }),
                Text: await session.QueryAsync<Step>("explain query plan select name from things where kind = 1 order by name limit 1"));
        }, TestContext.Current.CancellationToken);
        // Had it looked at the value, it would have to plan again for the next one.
        Assert.DoesNotContain(plans.Values, step => step.Detail.Contains("things_of_kind_one", StringComparison.Ordinal));
        Assert.Contains(plans.Text, step => step.Detail.Contains("things_of_kind_one", StringComparison.Ordinal));
    }

    // From one place to the next by a seek: a step that walked the messages of the one before took a fifth of a second at a million.
    [Fact]
    public async Task A_step_from_one_place_of_the_queue_to_the_next_walks_over_no_message()
    {
        await using var queue = await TestQueue.OpenAsync();
        var plan = await queue.Database.ReadAsync(session => session.QueryAsync<Step>("explain query plan " + QueuePlaces.Waiting), TestContext.Current.CancellationToken);
        var steps = plan.Where(step => step.Detail.StartsWith("SEARCH queue", StringComparison.Ordinal)).Select(step => step.Detail[(step.Detail.IndexOf('(') + 1)..].TrimEnd(')')).ToList();
        Assert.Equal(["provider_id=? AND sharer>?", "provider_id>?", "provider_id=? AND sharer=?"], steps);
    }

    // What is not due is looked for in each place; where SQLite began with the queue instead it walked over a million messages to find none.
    [Fact]
    public async Task What_is_not_due_is_looked_for_in_each_place_of_the_queue()
    {
        await using var queue = await TestQueue.OpenAsync();
        var plan = await queue.Database.ReadAsync(session => session.QueryAsync<Step>("explain query plan " + QueueCounts.CountLater, new { now = 1 }), TestContext.Current.CancellationToken);
        Assert.Contains(plan, step => step.Detail == "SEARCH later USING INDEX queue_due (provider_id=? AND sharer=? AND due_at>?)");
    }

    private sealed record Step(long Id, long Parent, long NotUsed, string Detail);
}
