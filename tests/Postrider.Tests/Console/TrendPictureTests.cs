using Postrider.Mail.Trends;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;

namespace Postrider.Tests.Console;

public sealed class TrendPictureTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 20, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_not_watched_is_a_gap_and_not_a_zero()
    {
        IReadOnlyList<Trend> trends = [At(Now.AddHours(-3), sent: 5), At(Now.AddHours(-1), sent: 0), At(Now, sent: 2)];
        var picture = new TrendPictures(TrendRange.Day, trends, Zone.Utc, Now, "").Throughput();
        Assert.Equal(24, picture.Rows.Count);
        Assert.Equal(["2026-05-04 07:00 UTC", "5", "0", "0"], picture.Rows[^4]);
        Assert.Equal(["2026-05-04 08:00 UTC", "", "", ""], picture.Rows[^3]);
        Assert.Equal(["2026-05-04 09:00 UTC", "0", "0", "0"], picture.Rows[^2]);
        Assert.Equal(21, $"{picture.Drawn}".Split("class=\"unknown\"").Length - 1);
        var none = new TrendPictures(TrendRange.Day, [], Zone.Utc, Now, "");
        Assert.All([none.Throughput(), none.Waiting(), none.Latency([])], nothing => Assert.Null(nothing.Drawn));
    }

    [Fact]
    public void A_day_begins_at_the_viewers_midnight()
    {
        var berlin = Zone.Named("Europe/Berlin");
        var late = new DateTimeOffset(2026, 5, 3, 22, 0, 0, TimeSpan.Zero);
        var picture = TrendPictures.Days([At(late, sent: 9, failed: 1)], [0, 0, 0, 0, 0, 0, 2], berlin, Now, "");
        Assert.Equal(["2026-05-04", "9", "1", "2", "90.0 %"], picture.Rows[^1]);
        Assert.Equal(["2026-05-03", "", "", "", ""], picture.Rows[^2]);
        Assert.Equal(late, TrendPictures.Midnights(berlin, Now)[^2]);
    }

    [Fact]
    public void A_quarter_of_an_hour_is_as_bad_as_its_worst()
    {
        var strip = new HealthStrip("Contoso", [At(Now.AddMinutes(-18)), At(Now.AddMinutes(-16), health: Health.NeedsSomebody), At(Now)], Now);
        Assert.Equal("15 min mail flowed, 15 min needed somebody, 24 h no data", strip.Words);
        Assert.Equal(["mail flowed", "needed somebody", "no data"], strip.Stretches().Select(stretch => stretch.Word.ToString()));
        Assert.Equal(new DateTimeOffset(2026, 5, 4, 10, 30, 0, TimeSpan.Zero), strip.Stretches().First().Until);
    }

    private static Trend At(DateTimeOffset at, long sent = 0, long failed = 0, Health health = Health.Flows) => new() { At = TrendHistory.StretchOf(at, TrendHistory.FiveMinutes), Sent = sent, Failed = failed, Health = health };
}
