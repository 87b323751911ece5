using Microsoft.AspNetCore.Http;
using Postrider.Server.Console.Ui;

namespace Postrider.Tests.Console;

/// <summary>Times as the viewer's clock shows them.</summary>
public sealed class ZoneTests
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Times_are_in_the_zone_that_the_browser_told_and_in_utc_which_says_so_when_it_told_none()
    {
        Assert.Equal("14:00:00", Zone.Of(Asked("", "Europe%2FBerlin")).Clock(Noon));
        Assert.Equal("2026-07-01 17:30", Zone.Of(Asked("", "Asia%2FKolkata")).Minute(Noon));
        Assert.Equal("12:00:00 UTC", Zone.Of(Asked("", null)).Clock(Noon));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("Europe")]
    [InlineData("Europe/Nowhere")]
    [InlineData("<script>")]
    [InlineData("")]
    public void What_names_no_zone_is_utc(string name) => Assert.Equal(Zone.Utc, Zone.Named(name));

    [Theory]
    [InlineData("?since=2026-07-01T14:00&zone=Europe/Berlin", "2026-07-01T12:00:00Z")]
    [InlineData("?since=2026-01-01T14:00&zone=Europe/Berlin", "2026-01-01T13:00:00Z")]
    // The hour that a change of clocks leaves out.
    [InlineData("?since=2026-03-29T02:30&zone=Europe/Berlin", "2026-03-29T01:30:00Z")]
    [InlineData("?since=2026-07-01T14:00", "2026-07-01T14:00:00Z")]
    [InlineData("?since=2026-07-01T14:00Z&zone=Europe/Berlin", "2026-07-01T14:00Z")]
    [InlineData("?since=0001-01-01&zone=Europe/Berlin", "0001-01-01")]
    [InlineData("?since=noon&zone=Europe/Berlin", "noon")]
    [InlineData("?since=+", null)]
    public void What_was_typed_is_of_the_zone_that_the_form_was_shown_in(string query, string? utc) => Assert.Equal(utc, Zone.Typed(Asked(query, "Asia%2FKolkata"), "since"));

    [Fact]
    public void A_field_shows_what_was_typed_into_it()
    {
        Assert.Equal("2026-07-01T14:00", Zone.Named("Europe/Berlin").InField("2026-07-01T12:00:00Z"));
        Assert.Equal("noon", Zone.Utc.InField("noon"));
    }

    private static HttpRequest Asked(string query, string? zone)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        if (zone is not null)
            context.Request.Headers.Cookie = $"{Zone.Cookie}={zone}";
        return context.Request;
    }
}
