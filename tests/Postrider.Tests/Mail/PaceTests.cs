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

    private static Provider Ready(int connections) => new() { Id = "p", State = ProviderState.Ready, Limits = new(connections, 0, 0, 0) };
}
