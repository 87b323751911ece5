using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>Who may send a message: one worker at a time, and only while its claim holds.</summary>
public class LeaseTests
{
    private static readonly TimeSpan Lease = new Postrider.Mail.MailOptions().Lease;

    [Fact]
    public async Task A_claimed_message_is_nobody_elses()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.ClaimAsync();
        Assert.True(await queue.NothingToClaimAsync());
        queue.Clock.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task A_message_claimed_by_a_dead_worker_is_claimed_by_the_next_with_a_higher_fence()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        var first = await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        var second = await queue.ClaimAsync(queue.Other);
        Assert.Equal((id, 0, 1), (second.Id, second.Attempts, second.Rescues));
        Assert.True(second.Fence > first.Fence);
        Assert.Empty((await queue.ShowAsync(id)).Attempts);
    }

    [Fact]
    public async Task A_renewed_claim_holds_for_another_length_of_the_lease()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.ClaimAsync();
        queue.Clock.Advance(Lease * 0.9);
        await queue.Worker.RenewAsync(CancellationToken.None);
        queue.Clock.Advance(Lease * 0.9);
        Assert.True(await queue.NothingToClaimAsync());
        await queue.Other.RenewAsync(CancellationToken.None);
        queue.Clock.Advance(Lease * 0.2);
        await queue.ClaimAsync(queue.Other);
    }

    [Fact]
    public async Task A_claim_that_has_ended_is_not_renewed()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        await queue.Worker.RenewAsync(CancellationToken.None);
        await queue.ClaimAsync(queue.Other);
    }

    [Fact]
    public async Task The_final_dot_is_refused_once_the_lease_has_ended_whether_or_not_another_has_the_message()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        var stale = await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        Assert.False(await queue.Worker.MarkFinalDotAsync(stale, CancellationToken.None));
        var ours = await queue.ClaimAsync(queue.Other);
        Assert.False(await queue.Worker.MarkFinalDotAsync(stale, CancellationToken.None));
        Assert.Null(stale.FinalDotAt);
        Assert.True(await queue.Other.MarkFinalDotAsync(ours, CancellationToken.None));
        Assert.Equal(queue.Clock.GetUtcNow(), ours.FinalDotAt);
    }

    [Fact]
    public async Task The_mark_of_the_final_dot_gives_the_answer_a_whole_lease_of_time()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        var claimed = await queue.ClaimAsync();
        queue.Clock.Advance(Lease * 0.9);
        Assert.True(await queue.Worker.MarkFinalDotAsync(claimed, CancellationToken.None));
        queue.Clock.Advance(Lease * 0.9);
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task A_start_frees_what_the_last_process_had_in_hand()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await queue.AddAsync();
        Assert.Equal(2, (await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None)).Count);
        Assert.Equal(2, await queue.Other.FreeAbandonedAsync(CancellationToken.None));
        Assert.Equal(2, (await queue.Other.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_start_frees_what_its_own_former_process_had_in_hand_and_nothing_of_others()
    {
        await using var queue = await TestQueue.OpenAsync();
        var mine = await queue.AddAsync();
        await queue.ClaimAsync();
        await queue.AddAsync();
        await queue.ClaimAsync(queue.Other);
        await queue.Database.WriteAsync(session => session.ExecuteAsync("insert into lanes (provider_id, number, owner, until) values ('p', 1, @mine, 1), ('p', 2, @other, 1)",
            new { mine = queue.Worker.Owner, other = queue.Other.Owner }), CancellationToken.None);
        Assert.Equal(1, await queue.Other.FreeAbandonedAsync(queue.Worker.Owner, CancellationToken.None));
        Assert.Equal(mine, (await queue.ClaimAsync(queue.Other)).Id);
        Assert.Equal(1, await queue.CountAsync("lanes"));
    }

    [Fact]
    public async Task A_released_message_is_due_at_once_and_no_attempt_is_counted()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await queue.Worker.ReleaseAsync([await queue.ClaimAsync()]);
        var again = await queue.ClaimAsync(queue.Other);
        Assert.Equal((0, 0), (again.Attempts, again.Rescues));
        Assert.Empty((await queue.ShowAsync(id)).Attempts);
    }

    [Fact]
    public async Task A_stale_release_does_not_touch_the_claim_of_another()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        var stale = await queue.ClaimAsync();
        queue.Clock.Advance(Lease);
        await queue.ClaimAsync(queue.Other);
        await queue.Worker.ReleaseAsync([stale]);
        Assert.True(await queue.NothingToClaimAsync());
    }

    [Fact]
    public async Task Messages_are_claimed_in_the_order_of_their_acceptance_and_not_before_their_time()
    {
        await using var queue = await TestQueue.OpenAsync();
        var first = await queue.AddAsync();
        await queue.AddAsync(queue.New() with { SendAt = queue.Clock.GetUtcNow().AddHours(1) });
        queue.Clock.Advance(TimeSpan.FromMilliseconds(5));
        var second = await queue.AddAsync();
        await queue.AddAsync(queue.New() with { ProviderId = "provider-2" });
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None);
        Assert.Equal([first, second], claimed.Select(message => message.Id).Order(StringComparer.Ordinal));
        queue.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, (await queue.Other.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None)).Count);
    }

    // After an outage that was longer than the lease, a lane that came later may have the number of one that is only now given back.
    [Fact]
    public async Task A_lane_that_is_given_back_after_its_end_takes_nobody_elses_with_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var leases = new LaneLeases(queue.Database, queue.Worker, queue.Clock, Microsoft.Extensions.Options.Options.Create(queue.Options));
        var provider = new Provider { Id = "p", State = ProviderState.Ready, Limits = new(2, 0, 0, 0) };
        var (first, second) = (await leases.TakeAsync(provider, CancellationToken.None), await leases.TakeAsync(provider, CancellationToken.None));
        queue.Clock.Advance(Lease);
        await leases.ReturnAsync(first!);
        _ = (await leases.TakeAsync(provider, CancellationToken.None), await leases.TakeAsync(provider, CancellationToken.None));
        await leases.ReturnAsync(second!);
        Assert.Equal(queue.Database.IsShared ? 2 : 0, await queue.CountAsync("lanes"));
    }

    [Fact]
    public async Task A_limit_that_is_set_or_lowered_ends_the_lanes_beyond_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var leases = new LaneLeases(queue.Database, queue.Worker, queue.Clock, Microsoft.Extensions.Options.Options.Create(queue.Options));
        Provider With(int connections) => new() { Id = "p", State = ProviderState.Ready, Limits = new(connections, 0, 0, 0) };
        var unlimited = (await leases.TakeAsync(With(0), CancellationToken.None))!;
        Assert.True(leases.Covers(unlimited, With(0)));
        Assert.Equal(!queue.Database.IsShared, leases.Covers(unlimited, With(3)));
        var (first, second) = ((await leases.TakeAsync(With(2), CancellationToken.None))!, (await leases.TakeAsync(With(2), CancellationToken.None))!);
        Assert.True(leases.Covers(first, With(1)));
        Assert.Equal(!queue.Database.IsShared, leases.Covers(second, With(1)));
        Assert.True(leases.Covers(second, With(0)));
    }
}
