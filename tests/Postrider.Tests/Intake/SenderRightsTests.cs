using Sender = Postrider.Mail.Intake.Client;

namespace Postrider.Tests.Intake;

public sealed class SenderRightsTests
{
    private static Sender WithSenders(params string[] senders) => new() { Id = "1", Name = "app", UserName = "app", Senders = senders, CreatedAt = DateTimeOffset.UnixEpoch };

    [Fact]
    public void A_client_without_senders_may_send_as_anyone() => Assert.True(WithSenders().MaySendAs("boss@example.org"));

    [Theory]
    [InlineData("a@example.org", "a@example.org", true)]
    [InlineData("a@example.org", "A@Example.ORG", true)]
    [InlineData("a@example.org", "b@example.org", false)]
    [InlineData("a@example.org", "aa@example.org", false)]
    [InlineData("boss@example.org", "bo\u017f\u017f@example.org", false)]
    [InlineData("k@example.org", "\u212a@example.org", false)]
    [InlineData("@example.org", "anyone@EXAMPLE.org", true)]
    [InlineData("@example.org", "a@sub.example.org", false)]
    [InlineData("@example.org", "a@notexample.org", false)]
    [InlineData("@example.org", "a@example.org.evil.example", false)]
    [InlineData("@example.org", "\"x@example.org\"@evil.example", false)]
    [InlineData("@example.org", "\"x@y\"@example.org", true)]
    [InlineData("@example.org", "a@b@example.org", false)]
    [InlineData("@example.org", "@example.org", false)]
    [InlineData("@example.org", "", false)]
    [InlineData("@example.org", "a@\u0435xample.org", false)]
    [InlineData("@b\u00fccher.example", "a@xn--bcher-kva.example", true)]
    [InlineData("a@xn--bcher-kva.example", "a@b\u00fccher.example", true)]
    public void Senders_are_compared_as_addresses(string allowed, string address, bool may) => Assert.Equal(may, WithSenders(allowed).MaySendAs(address));
}
