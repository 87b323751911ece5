using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Addresses of the envelope, from odd to impossible.</summary>
[Collection(OpenDoors.Name)]
public sealed class AddressTests(OpenDoors doors)
{
    private const string Content = "From: app@example.org\r\nSubject: x\r\n\r\nHello";

    [Theory]
    [InlineData("a@b@example.org", "The address contains more than one @")]
    [InlineData("", "The address is empty")]
    [InlineData("nobody", "The address has no @ and domain")]
    [InlineData("@example.org", "The address has nothing before the @")]
    [InlineData("a@", "The address has nothing after the @")]
    [InlineData("a b@example.org", "The address contains a space")]
    [InlineData("a@exa mple.org", "The domain contains a character that has no place in a domain name")]
    [InlineData("a@-example.org", "The domain has an empty or too long part between its dots, or a part that begins or ends with a hyphen")]
    [InlineData("a@example..org", "The domain has an empty or too long part between its dots, or a part that begins or ends with a hyphen")]
    [InlineData("a@[300.1.2.3]", "The address literal after the @ is neither [192.0.2.1] nor [IPv6:2001:db8::1]")]
    [InlineData("\"a\"b@example.org", "A quoted local part must be followed by @")]
    [InlineData("a,b@example.org", "The address contains ',', which must stand within quotes")]
    [InlineData("a@ex\u202emple.org", "The address contains a control character")]
    [InlineData("a@\uff45xample.org", "The domain contains a character that has no place in a domain name")]
    public async Task An_impossible_recipient_is_refused_with_the_reason(string address, string why) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SayAsync("MAIL FROM:<app@example.org> SMTPUTF8");
        Assert.Equal($"501 5.1.3 The recipient's address is not valid. {why}", await smtp.SayAsync($"RCPT TO:<{address}>"));
    });

    [Theory]
    [InlineData("MAIL FROM:<a@example.org", "501 5.1.3 The address opens a bracket or quote and does not close it")]
    [InlineData("MAIL FROM:<\"a@example.org>", "501 5.1.3 The address opens a bracket or quote and does not close it")]
    [InlineData("MAIL FROM:<a@example.org>SIZE=1", "501 5.5.4 A space must stand between the address and its parameters")]
    [InlineData("MAIL FROM:<a@example.org> X=1", "555 5.5.4 The parameter X is not known")]
    [InlineData("MAIL FROM:<a@example.org> SIZE=1 SIZE=2", "501 5.5.4 The parameter SIZE stands twice")]
    [InlineData("MAIL FROM:<a@example.org> BODY=9BIT", "501 5.5.4 The value of BODY is not valid")]
    [InlineData("MAIL FROM:<a@example.org> RET=FULL", "555 5.5.4 DSN is not offered")]
    [InlineData("MAIL FROM:<jürgen@example.org>", "553 5.6.7 The sender's address needs SMTPUTF8, which MAIL did not ask for")]
    [InlineData("MAIL <a@example.org>", "501 5.5.4 Write MAIL FROM:<sender@example.org>")]
    [InlineData("MAIL FROM:", "501 5.5.4 The address is missing: write MAIL FROM:<sender@example.org>")]
    public async Task A_MAIL_command_that_cannot_be_read_is_refused_with_the_reason(string command, string expected) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.Equal(expected, await smtp.SayAsync(command));
        Assert.Equal("503 5.5.1 Send MAIL first", await smtp.SayAsync("RCPT TO:<b@example.org>"));
    });

    [Theory]
    [InlineData("\"john smith\"@example.org", "", "\"john smith\"@example.org")]
    [InlineData("\"a@b\"@example.org", "", "\"a@b\"@example.org")]
    [InlineData("\"a\\\"b>\"@example.org", "", "\"a\\\"b>\"@example.org")]
    [InlineData("someone@bücher.example", " SMTPUTF8", "someone@xn--bcher-kva.example")]
    [InlineData("jürgen@bücher.example", " SMTPUTF8", "jürgen@bücher.example")]
    [InlineData("@relay.example,@two.example:someone@example.org", "", "someone@example.org")]
    [InlineData("a..b@[192.0.2.1]", "", "a..b@[192.0.2.1]")]
    public async Task An_odd_but_lawful_recipient_is_kept(string address, string parameters, string expected)
    {
        await using var smtp = await doors.GreetedAsync();
        var id = OpenDoors.StoredId(await smtp.HandInAsync(Content, to: address, parameters: parameters));
        var message = await doors.Gateway.Api.Messages.GetAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal(expected, Assert.Single(message.Recipients).Address);
    }

    [Fact]
    public async Task A_recipient_beyond_ASCII_needs_the_parameter() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync();
        await smtp.SayAsync("MAIL FROM:<app@example.org>");
        Assert.Equal("553 5.6.7 An address beyond ASCII needs the parameter SMTPUTF8 at MAIL", await smtp.SayAsync("RCPT TO:<jürgen@example.org>"));
    });

    // What the client calls itself stands in Received; without SMTPUTF8 no header holds anything beyond ASCII.
    [Fact]
    public async Task A_host_name_beyond_ASCII_does_not_make_the_header_so()
    {
        await using var smtp = await doors.GreetedAsync();
        Assert.StartsWith("250-", await smtp.SayAsync("EHLO bücher.example"), StringComparison.Ordinal);
        var id = OpenDoors.StoredId(await smtp.HandInAsync(Content));
        var stored = await doors.ContentAsync(id);
        Assert.True(Ascii.IsValid(stored), Encoding.UTF8.GetString(stored));
        Assert.StartsWith("Received: from b?cher.example ([127.0.0.1])", Encoding.ASCII.GetString(stored), StringComparison.Ordinal);
    }
}
