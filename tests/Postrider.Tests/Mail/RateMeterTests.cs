using Microsoft.Extensions.Time.Testing;
using Postrider.Mail.Delivery;

namespace Postrider.Tests.Mail;

public sealed class RateMeterTests
{
    [Fact]
    public void Counts_the_last_minute_and_forgets_what_came_before()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
        var meter = new RateMeter(clock);
        Assert.Equal(0, meter.InLastMinute);
        for (var second = 0; second < 90; second++)
        {
            meter.Count();
            meter.Count();
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(118, meter.InLastMinute);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(58, meter.InLastMinute);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, meter.InLastMinute);
        meter.Count();
        Assert.Equal(1, meter.InLastMinute);
    }
}
