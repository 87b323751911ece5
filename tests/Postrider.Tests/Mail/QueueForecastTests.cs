using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Waiting;

namespace Postrider.Tests.Mail;

/// <summary>When a queue will be empty.</summary>
public sealed class QueueForecastTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void At_the_limit_of_a_minute_or_at_the_pace_of_the_last_minute_where_there_is_no_limit()
    {
        Assert.Equal(Now.AddMinutes(4), QueueForecast.EmptyAt(With(25, 0), null, 100, 0, Now));
        Assert.Equal(Now.AddMinutes(0.5), QueueForecast.EmptyAt(With(0, 0), new(null, 1, new(0, 0, 0, 0), 200), 100, 0, Now));
        Assert.Null(QueueForecast.EmptyAt(With(0, 0), null, 100, 0, Now));
        Assert.Equal(Now, QueueForecast.EmptyAt(With(0, 0), null, 0, 0, Now));
    }

    [Fact]
    public void A_provider_that_was_slowed_down_takes_longer_and_one_that_rests_begins_later()
    {
        Assert.Equal(Now.AddMinutes(10), QueueForecast.EmptyAt(With(25, 0), new(null, 1, new(0, 10, 0, 0), 3), 100, 0, Now));
        var fault = new ProviderFault("connect", "refused", "cause", "remedy", Now.AddMinutes(1), Now);
        Assert.Equal(Now.AddMinutes(5), QueueForecast.EmptyAt(With(25, 0), new(fault, 0, new(0, 25, 0, 0), 0), 100, 0, Now));
    }

    [Fact]
    public void What_does_not_fit_into_the_rest_of_the_day_waits_for_the_next_ones()
    {
        Assert.Equal(Now.AddMinutes(4), QueueForecast.EmptyAt(With(25, 1000), null, 100, 900, Now));
        Assert.Equal(Now.AddDays(1), QueueForecast.EmptyAt(With(25, 1000), null, 100, 901, Now));
        Assert.Equal(Now.AddDays(3), QueueForecast.EmptyAt(With(25, 1000), null, 3000, 1000, Now));
    }

    [Theory]
    [InlineData(ProviderState.NeedsConsent)]
    [InlineData(ProviderState.NeedsAttention)]
    [InlineData(ProviderState.Paused)]
    [InlineData(ProviderState.Disabled)]
    public void A_queue_that_does_not_move_has_no_end(ProviderState state) =>
        Assert.Null(QueueForecast.EmptyAt(With(25, 0) with { State = state }, null, 100, 0, Now));

    private static Provider With(int perMinute, int perDay) => new() { Id = "p", State = ProviderState.Ready, Limits = new(0, perMinute, perDay, 0) };
}
