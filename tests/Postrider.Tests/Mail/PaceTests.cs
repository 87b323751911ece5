using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Postrider.Accounts.Providers;
using Postrider.Mail;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>When something is tried again, and how much at a time.</summary>
public sealed class PaceTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
    private readonly Random chance = new(7);

    [Fact]
    public void Pauses_grow_as_configured_vary_by_a_fifth_and_the_last_one_repeats()
    {
        var schedule = new RetrySchedule(clock, Options.Create(new MailOptions()), chance);
        double[] minutes = [0.5, 1, 2, 5, 10, 20, 40, 60, 60, 60];
        for (var attempts = 1; attempts <= minutes.Length; attempts++)
        {
            var pauses = Enumerable.Range(0, 500).Select(_ => (schedule.After(attempts) - clock.GetUtcNow()).TotalMinutes / minutes[attempts - 1]).ToList();
            Assert.InRange(pauses.Min(), 0.8, 0.85);
            Assert.InRange(pauses.Max(), 1.15, 1.2);
        }
        Assert.InRange(schedule.After(0), clock.GetUtcNow().AddSeconds(24), clock.GetUtcNow().AddSeconds(36));
        Assert.InRange(schedule.After(int.MaxValue), clock.GetUtcNow().AddMinutes(48), clock.GetUtcNow().AddMinutes(72));
    }

    [Fact]
    public void Configured_pauses_take_the_place_of_the_usual_ones()
    {
        var options = new MailOptions { RetryDelays = { TimeSpan.FromHours(1), TimeSpan.FromHours(10) } };
        var schedule = new RetrySchedule(clock, Options.Create(options), chance);
        Assert.InRange(schedule.After(1), clock.GetUtcNow().AddMinutes(48), clock.GetUtcNow().AddMinutes(72));
        Assert.InRange(schedule.After(99), clock.GetUtcNow().AddHours(8), clock.GetUtcNow().AddHours(12));
    }

    [Fact]
    public void A_provider_that_is_sent_to_too_fast_gets_half_and_then_step_by_step_all_again()
    {
        var gate = new ProviderGate(clock, chance);
        var provider = Ready(8) with { Limits = new(8, 24, 100, 0) };
        Assert.Equal(24, gate.Limits(provider).MessagesPerMinute);
        var fault = gate.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        gate.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));   // the other lanes hear it too
        Assert.Equal(12, gate.Limits(provider).MessagesPerMinute);
        Assert.Equal(0, gate.Lanes(provider, 20, out _));
        clock.Advance(gate.Fault!.Until - clock.GetUtcNow());
        Assert.Equal(4, gate.Lanes(provider, 20, out _));
        gate.Opened(gate.Fault);
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(18, gate.Limits(provider).MessagesPerMinute);
        gate.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        Assert.Equal(9, gate.Limits(provider).MessagesPerMinute);
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(24, gate.Limits(provider).MessagesPerMinute);
        Assert.Equal(8, gate.Lanes(provider, 20, out _));
        Assert.NotNull(fault);
    }

    [Fact]
    public void A_failing_provider_is_left_alone_for_longer_each_time_up_to_a_minute()
    {
        var gate = new ProviderGate(clock, chance);
        double[] seconds = [1, 2, 4, 8, 16, 32, 60, 60];
        foreach (var expected in seconds)
        {
            var fault = gate.Fail("connect", "421", "cause", "remedy");
            Assert.InRange((fault.Until - clock.GetUtcNow()).TotalSeconds, expected, expected * 1.1);
            Assert.Equal(0, gate.Lanes(Ready(3), 20, out var opensAt));
            Assert.Equal(fault.Until, opensAt);
            clock.Advance(fault.Until - clock.GetUtcNow());
            Assert.Same(fault, gate.Fault);   // known until a session opens
            Assert.Equal(3, gate.Lanes(Ready(3), 20, out opensAt));
            Assert.Null(opensAt);
        }
        gate.Clear();
        Assert.InRange((gate.Fail("connect", "421", "cause", "remedy").Until - clock.GetUtcNow()).TotalSeconds, 1, 1.1);
    }

    [Fact]
    public void The_providers_own_word_on_how_long_to_wait_is_kept_until_somebody_changes_it()
    {
        var gate = new ProviderGate(clock, chance);
        var fault = gate.Pause("token", "429", "cause", "remedy", TimeSpan.FromMinutes(2));
        Assert.InRange((fault.Until - clock.GetUtcNow()).TotalSeconds, 120, 132);
        Assert.Equal(fault, gate.Fault);
        gate.Clear();
        Assert.Equal(20, gate.Lanes(Ready(0), 20, out _));
    }

    [Fact]
    public void One_connection_finds_out_whether_a_provider_in_need_has_been_repaired()
    {
        var gate = new ProviderGate(clock, chance);
        var probe = clock.GetUtcNow().AddMinutes(10);
        var needs = Ready(3) with { State = ProviderState.NeedsAttention, ProbeAt = probe };
        Assert.Equal(0, gate.Lanes(needs, 20, out var opensAt));
        Assert.Equal(probe, opensAt);
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, gate.Lanes(needs, 20, out _));
        foreach (var state in new[] { ProviderState.NeedsConsent, ProviderState.Paused, ProviderState.Disabled })
            Assert.Equal(0, gate.Lanes(Ready(3) with { State = state }, 20, out _));
        Assert.Equal(0, gate.Lanes(needs with { ProbeAt = null }, 20, out _));
    }

    [Fact]
    public void A_server_that_turns_three_messages_away_in_a_row_is_left_alone_and_then_tried_by_one_until_it_has_an_answer()
    {
        var gate = new ProviderGate(clock, chance);
        Assert.Null(TurnAway());
        Assert.Null(TurnAway());
        gate.Took();
        Assert.Null(TurnAway());
        Assert.Null(TurnAway());
        Assert.Equal(3, gate.Lanes(Ready(3), 20, out _));
        var began = clock.GetUtcNow();
        double[] seconds = [1, 2, 4, 8, 16, 32, 60, 60];
        foreach (var expected in seconds)
        {
            var fault = TurnAway();
            Assert.InRange((fault!.Until - clock.GetUtcNow()).TotalSeconds, expected, expected * 1.1);
            Assert.Same(fault, TurnAway());   // the other lanes meet it too
            Assert.Equal(0, gate.Lanes(Ready(3), 20, out _));
            clock.Advance(fault.Until - clock.GetUtcNow());
            // That signing in works says nothing: it did before.
            gate.Opened(gate.Fault);
            Assert.Equal(began, gate.Fault!.Since);
            Assert.Equal(1, gate.Lanes(Ready(3), 20, out _));
        }
        gate.Took();
        Assert.Null(gate.Fault);
        Assert.Equal(3, gate.Lanes(Ready(3), 20, out _));

        ProviderFault? TurnAway() => gate.TurnAway("mail", "421 4.3.2 Service not available", "cause", "remedy");
    }

    [Fact]
    public void What_a_provider_says_of_its_mailbox_holds_on_every_node_and_after_a_restart()
    {
        var (here, there) = (new ProviderGate(clock, chance), new ProviderGate(clock, chance));
        var said = new List<ProviderWord>();
        here.Said += said.Add;
        var provider = Ready(8) with { Limits = new(8, 24, 100, 0) };
        here.Fail("connect", "refused", "cause", "remedy");
        here.Pause("token", "429", "cause", "remedy", TimeSpan.FromMinutes(2));
        Assert.Empty(said);
        clock.Advance(TimeSpan.FromHours(1));
        here.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        here.Pause("final", "550 5.1.90", "cause", "remedy", TimeSpan.FromHours(1), forAll: true);
        foreach (var word in said)
            there.Hear(word);
        Assert.Equal(12, there.Limits(provider).MessagesPerMinute);
        Assert.Equal(0, there.Lanes(provider, 20, out var opensAt));
        Assert.Equal(here.Fault!.Until, opensAt);

        // Somebody mends it: what was said before does not count, and is not heard again.
        there.Clear();
        there.Hear(said[^1]);
        Assert.Null(there.Fault);
        clock.Advance(TimeSpan.FromHours(2));
        here.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        there.Hear(said[^1]);
        Assert.NotNull(there.Fault);
        // One that a message of its own has slowed down further keeps to that.
        var slower = new ProviderGate(clock, chance);
        slower.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        clock.Advance(TimeSpan.FromSeconds(25));
        slower.SlowDown("mail", "432 4.3.2", "cause", "remedy", TimeSpan.FromSeconds(20));
        slower.Hear(said[^1] with { SaidAt = clock.GetUtcNow().AddSeconds(1) });
        Assert.Equal(6, slower.Limits(provider).MessagesPerMinute);
    }

    [Fact]
    public void A_fault_counts_while_somebody_meets_it_and_not_from_before_another_node_sent()
    {
        var now = clock.GetUtcNow();
        var fault = new ProviderFault("connect", "refused", "cause", "remedy", now.AddMinutes(-1), now.AddMinutes(-20));
        var doing = new ProviderActivity(fault, 1, default!, 0);
        var five = TimeSpan.FromMinutes(5);
        Assert.Equal(TimeSpan.FromMinutes(20), doing.OutFor(now, five));
        Assert.Equal(TimeSpan.FromMinutes(20), (doing with { Lanes = 0 }).OutFor(now, five));
        Assert.Null((doing with { Lanes = 0 }).OutFor(now.AddMinutes(4), five));
        Assert.Equal(TimeSpan.FromMinutes(24), doing.OutFor(now.AddMinutes(4), five));
        Assert.Equal(TimeSpan.FromMinutes(2), (doing with { SentElsewhereAt = now.AddMinutes(-2) }).OutFor(now, five));
        Assert.Equal(TimeSpan.FromMinutes(20), (doing with { SentElsewhereAt = now.AddMinutes(-30) }).OutFor(now, five));
        Assert.Null((doing with { Fault = null }).OutFor(now, five));
    }

    private static Provider Ready(int connections) => new() { Id = "p", State = ProviderState.Ready, Limits = new(connections, 0, 0, 0) };
}
