using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;

namespace Postrider.Tests.Console;

public sealed class FigureTests
{
    [Fact]
    public void A_figure_says_when_it_is_not_of_now()
    {
        var at = new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
        Assert.Null(new Counted<int>([], at).Note(at.AddSeconds(59), Zone.Utc));
        Assert.Equal("as of 10:00:00 UTC", new Counted<int>([], at).Note(at.AddMinutes(2), Zone.Utc));
        Assert.Equal("as of 12:00:00", new Counted<int>([], at).Note(at.AddMinutes(2), Zone.Named("Europe/Berlin")));
        Assert.Contains("could not be looked up", new Counted<int>([], null).Note(at, Zone.Utc), StringComparison.Ordinal);
    }
}
