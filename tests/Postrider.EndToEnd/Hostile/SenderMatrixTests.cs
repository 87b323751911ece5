using System.Text;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Who may send as whom. The client of these tests may send as alerts@contoso.example and as anyone at branch.example and bücher.example;
/// it is known by its address, and once by its password.</summary>
[Collection(OpenDoors.Name)]
public sealed class SenderMatrixTests(OpenDoors doors)
{
    private const string Alerts = "alerts@contoso.example";
    private const string NotAllowed = "may not send as";
    private static readonly bool[] Either = [false, true];

    public static TheoryData<string, string> Allowed => new()
    {
        { Alerts, $"From: {Alerts}" },
        { "ALERTS@Contoso.EXAMPLE", $"From: Alerts <ALERTS@CONTOSO.example>" },
        { "anyone@branch.example", "From: other@branch.example" },
        { "", $"From: {Alerts}" },
        { Alerts, $"From: {Alerts}, b@branch.example\r\nSender: {Alerts}" },
        { Alerts, $"From: \"boss@contoso.example\" <{Alerts}>" },
        { Alerts, $"From: =?utf-8?q?boss=40contoso=2Eexample?= <{Alerts}>" },
        { Alerts, $"From: {Alerts} (boss@contoso.example)" },
        { Alerts, $"From:\r\n {Alerts}" },
        { Alerts, $"From: Team: {Alerts}, a@branch.example;\r\nSender: {Alerts}" },
        { "a@xn--bcher-kva.example", "From: a@xn--bcher-kva.example" },
        { Alerts, $"From: {Alerts}\r\nReply-To: boss@contoso.example" },
        { Alerts, $"From: {Alerts}\r\nResent-From: {Alerts}" },
    };

    public static TheoryData<string, string, string> Refused => new()
    {
        { "boss@contoso.example", $"From: {Alerts}", NotAllowed },
        { Alerts, "From: boss@contoso.example", NotAllowed },
        { "", "From: boss@contoso.example", NotAllowed },
        { Alerts, $"From: {Alerts}\r\nSender: boss@contoso.example", NotAllowed },
        { Alerts, $"From: {Alerts}, boss@contoso.example\r\nSender: {Alerts}", NotAllowed },
        { Alerts, $"From: Team: {Alerts}, boss@contoso.example;\r\nSender: {Alerts}", NotAllowed },
        { Alerts, $"From: {Alerts}\r\nResent-From: boss@contoso.example", NotAllowed },
        { Alerts, $"From: {Alerts}\r\nResent-Sender: boss@contoso.example", NotAllowed },
        { Alerts, $"From: {Alerts}, boss@contoso.example", "several authors" },
        { Alerts, $"From: {Alerts}\r\nFrom: boss@contoso.example", "more than one From" },
        { Alerts, $"From: boss@contoso.example\r\n\r\nFrom: {Alerts}", NotAllowed },
        { Alerts, $"FROM : boss@contoso.example", NotAllowed },
        { Alerts, "From: Team:;", "not an address" },
        { Alerts, $"From: {Alerts}@evil.example", "not an address" },
        { Alerts, $"From: <{Alerts}@evil.example>", "not an address" },
        { Alerts, $"From: \"{Alerts}\" <boss@contoso.example>", NotAllowed },
        { Alerts, $"From: \"{Alerts}\"@evil.example", NotAllowed },
        { Alerts, $"From: <@contoso.example:boss@contoso.example>", NotAllowed },
        { Alerts, $"From: =?utf-8?q?{Alerts.Replace("@", "=40", StringComparison.Ordinal)}?= <boss@contoso.example>", NotAllowed },
        { Alerts, $"From: =?utf-8?q?alerts?=@contoso.example.evil.example", NotAllowed },
        { Alerts, "From: a@sub.branch.example", NotAllowed },
        { Alerts, "From: a@notbranch.example", NotAllowed },
        { Alerts, "From: \"x@branch.example\"@evil.example", NotAllowed },
        { Alerts, "From: evil@evil.example(@branch.example)", NotAllowed },
        { Alerts, "From: a@branch.example.evil.example", NotAllowed },
        { Alerts, "From: alertſ@contoso.example", NotAllowed },
        { Alerts, "From: alerts@contoѕo.example", NotAllowed },
        { Alerts, "Subject: x", "no From field" },
        { "a@branch.example.evil.example", $"From: {Alerts}", NotAllowed },
        { "\"x@branch.example\"@evil.example", $"From: {Alerts}", NotAllowed },
        { "@branch.example:a@evil.example", $"From: {Alerts}", NotAllowed },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task What_the_client_may_send_as_is_taken(string envelope, string header)
    {
        await using var smtp = await doors.GreetedAsync(OpenDoors.PrinterAddress);
        OpenDoors.StoredId(await smtp.HandInAsync(header + "\r\n\r\nHello", envelope));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_the_client_may_not_send_as_is_refused_with_the_reason(string envelope, string header, string why) => await doors.UnchangedByAsync(async () =>
    {
        foreach (var signIn in Either)
        {
            await using var smtp = await doors.GreetedAsync(signIn ? "127.0.0.26" : OpenDoors.PrinterAddress);
            if (signIn)
                Assert.StartsWith("235 ", await smtp.SayAsync($"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{doors.User}\0{doors.Password}"))}"), StringComparison.Ordinal);
            var reply = await smtp.HandInAsync(header + "\r\n\r\nHello", envelope);
            Assert.StartsWith(why == NotAllowed ? "550 5.7.1 " : "550 5.6.0 ", reply, StringComparison.Ordinal);
            Assert.Contains(why, reply, StringComparison.Ordinal);
        }
    });

    [Theory]
    [InlineData("MAIL FROM:<alerts@contoso.example>\rRCPT TO:<x@example.org>")]
    [InlineData("MAIL FROM:<alerts@contoso.example>\n.boss@contoso.example>")]
    [InlineData("MAIL FROM:<\"alerts\r\nDATA\"@contoso.example>")]
    public async Task A_line_end_within_an_address_makes_no_command(string line) => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync(OpenDoors.PrinterAddress);
        await smtp.SendAsync(line + "\r\nQUIT\r\n");
        var replies = await smtp.RestAsync();
        Assert.All(replies.SkipLast(1), reply => Assert.StartsWith("50", reply, StringComparison.Ordinal));
        Assert.Equal("221 2.0.0 Goodbye", replies[^1]);
    });
}
