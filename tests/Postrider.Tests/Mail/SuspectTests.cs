using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>A message that is in hand whenever a process dies may be why it dies.</summary>
public class SuspectTests
{
    [Fact]
    public async Task What_was_in_hand_when_two_processes_died_is_sent_alone_and_held_when_that_ends_the_third()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await DieTwiceAsync(queue);

        // Whoever finds it next does not take it along with others.
        var other = await queue.AddAsync();
        Assert.Equal(other, (await queue.ClaimAsync(queue.Other)).Id);
        Assert.True(queue.Other.Suspects(TestQueue.Provider));
        Assert.Equal(id, Assert.Single(await queue.Other.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None)).Id);
        Assert.Empty(await queue.Other.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None));
        Assert.False(queue.Other.Suspects(TestQueue.Provider));

        // It dies with it.
        await queue.Other.FreeAbandonedAsync(CancellationToken.None);
        Assert.Equal(other, (await queue.ClaimAsync()).Id);
        var held = await queue.ShowAsync(id);
        Assert.Equal(MessageQueue.Quarantined, held.HeldReason);
        Assert.Equal(["held"], held.Events.Select(told => told.Kind));
        Assert.Empty(await queue.Worker.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None));

        // A release lets it go again, alone.
        Assert.Equal([id], await queue.Worker.ReleaseHeldAsync([id], "admin", CancellationToken.None));
        Assert.True(await queue.NothingToClaimAsync());
        var again = Assert.Single(await queue.Other.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None));
        await queue.Other.RecordAsync(again, queue.Outcome(again, OutcomeKind.Sent));
        Assert.Equal("sent", (await queue.ShowAsync(id)).State);
    }

    [Fact]
    public async Task One_that_is_set_apart_is_not_counted_when_the_process_dies_and_an_outcome_clears_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        await DieTwiceAsync(queue);
        Assert.True(await queue.NothingToClaimAsync());

        // The one that set it apart is gone: after a lease another finds it, and sets it apart too.
        queue.Clock.Advance(queue.Options.Lease);
        Assert.Empty(await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None));
        var suspect = Assert.Single(await queue.Worker.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None));
        await queue.Worker.RecordAsync(suspect, queue.Outcome(suspect, OutcomeKind.Deferred));
        queue.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await queue.ClaimAsync()).Rescues);
    }

    [Fact]
    public async Task A_final_dot_that_was_on_its_way_is_told_before_the_message_is_held()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync();
        await DieTwiceAsync(queue);
        Assert.True(await queue.NothingToClaimAsync());
        await queue.Other.MarkFinalDotAsync(Assert.Single(await queue.Other.ClaimSuspectAsync(TestQueue.Provider, CancellationToken.None)), CancellationToken.None);
        queue.Clock.Advance(queue.Options.Lease);
        Assert.Empty(await queue.Worker.ClaimAsync(TestQueue.Provider, 10, CancellationToken.None));
        var held = await queue.ShowAsync(id);
        Assert.NotNull(held.HeldAt);
        Assert.Equal("uncertain", Assert.Single(held.Attempts).Outcome);
    }

    private static async Task DieTwiceAsync(TestQueue queue)
    {
        for (var death = 0; death < 2; death++)
        {
            await queue.ClaimAsync();
            await queue.Worker.FreeAbandonedAsync(CancellationToken.None);
        }
    }
}

/// <summary>Who is in the air when one flies alone.</summary>
public sealed class FlightsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task One_that_flies_alone_waits_for_those_under_way_and_keeps_others_on_the_ground()
    {
        using var flights = new Flights(TimeProvider.System);
        var first = await flights.WithOthersAsync(None);
        var alone = flights.AloneAsync(None);
        var later = flights.WithOthersAsync(None);
        Assert.False(alone.IsCompleted || later.IsCompleted);
        first.Dispose();
        var flight = await alone;
        Assert.False(later.IsCompleted);
        flight.Dispose();
        (await later).Dispose();
    }

    [Fact]
    public async Task A_server_that_hangs_holds_up_nobody_for_long()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var flights = new Flights(clock);
        using var hanging = await flights.WithOthersAsync(None);
        var alone = flights.AloneAsync(None);
        clock.Advance(Flights.Patience);
        using var flight = await alone;
        var later = flights.WithOthersAsync(None);
        Assert.False(later.IsCompleted);
        clock.Advance(Flights.Patience);
        (await later).Dispose();
    }

    [Fact]
    public async Task One_that_gives_up_waiting_leaves_the_way_free()
    {
        using var flights = new Flights(TimeProvider.System);
        using var first = await flights.WithOthersAsync(None);
        using var stop = new CancellationTokenSource();
        var alone = flights.AloneAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        (await flights.WithOthersAsync(None)).Dispose();
    }
}
