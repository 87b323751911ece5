using Microsoft.Extensions.Time.Testing;
using Postrider.Cli;

namespace Postrider.Tests.Cli;

public sealed class ShowingTests
{
    private readonly FakeTimeProvider time = new(Samples.Noon);

    [Theory]
    [InlineData("2h", "2026-05-01T10:00:00Z")]
    [InlineData("30m", "2026-05-01T11:30:00Z")]
    [InlineData("7d", "2026-04-24T12:00:00Z")]
    [InlineData("2026-04-30", "2026-04-29T22:00:00Z")]
    [InlineData("2026-04-30T08:30", "2026-04-30T06:30:00Z")]
    [InlineData("2026-04-30T08:30:00Z", "2026-04-30T08:30:00Z")]
    [InlineData("2026-04-30T08:30:00+05:00", "2026-04-30T03:30:00Z")]
    public void Moments_are_read_in_the_zone_of_this_machine(string written, string meant)
    {
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("two hours east", TimeSpan.FromHours(2), null, null));
        Assert.Equal(DateTimeOffset.Parse(meant, null), Moments.Past("--since", written, time)!.Value.ToUniversalTime());
    }

    [Fact]
    public void Text_from_elsewhere_cannot_steer_the_terminal() =>
        Assert.Equal("a\uFFFD[2Jb\uFFFDc\uFFFDd 📧 é", Plain.Text("a\u001b[2Jb\u202Ec\r" + "d 📧 é"));

    [Theory]
    [InlineData("https://localhost/?code=x&state=y", true)]
    [InlineData("https://localhost/cb?state=y&error=access_denied", true)]
    [InlineData("https://localhost/#code=x", true)]
    [InlineData("http://127.0.0.1:8080", false)]
    [InlineData("https://gateway.example/?encode=x", false)]
    [InlineData("code=x", false)]
    public void An_address_that_a_browser_landed_on_carries_a_code_or_an_error(string text, bool landed) =>
        Assert.Equal(landed, LandedAddress.Looks(text));
}
