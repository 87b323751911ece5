using System.Text;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Hostile;

/// <summary>What some servers take for the end of a message and others do not (SMTP smuggling, CVE-2023-51764 to 51766):
/// the second message behind it must never become one.</summary>
[Collection(OpenDoors.Name)]
public sealed class SmugglingTests(OpenDoors doors)
{
    private const string Second = "MAIL FROM:<evil@contoso.example>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nFrom: evil@contoso.example\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n";

    private static readonly bool[] Either = [false, true];

    [Theory]
    [InlineData("\n.\n")]
    [InlineData("\n.\r\n")]
    [InlineData("\n.\r")]
    [InlineData("\r.\r")]
    [InlineData("\r.\r\n")]
    [InlineData("\r.\n")]
    [InlineData("\r\n.\r")]
    [InlineData("\r\n.\n")]
    [InlineData("\r\n\0.\r\n")]
    [InlineData("\r\n.\0\r\n")]
    [InlineData("\r\r\n.\r\n")]
    [InlineData("\r\n.\r\r\n")]
    [InlineData("\r\n\r.\r\n")]
    [InlineData("\n\r.\r\n")]
    [InlineData("\n\n.\n\n")]
    [InlineData("\r\n.\r\0\n")]
    public async Task What_only_looks_like_the_end_makes_no_second_message(string end) => await doors.UnchangedByAsync(async () =>
    {
        foreach (var inHeader in Either)
        {
            await using var smtp = await doors.GreetedAsync();
            await smtp.SendAsync("MAIL FROM:<noreply@contoso.example>\r\nRCPT TO:<someone@example.org>\r\nDATA\r\n");
            for (var i = 0; i < 3; i++)
                await smtp.ReplyAsync();
            await smtp.SendAsync($"From: noreply@contoso.example\r\nSubject: x{(inHeader ? "" : "\r\n\r\nbody")}{end}{Second}QUIT\r\n");
            var replies = await smtp.RestAsync();
            Assert.Equal(end.Contains('\0', StringComparison.Ordinal) && !HasStrayLineEnd(end)
                ? "550 5.6.0 The message holds a NUL octet (RFC 5322 section 2.3): encode the attachment"
                : "550 5.6.11 Lines end in CR LF, and neither stands alone (RFC 5321 section 2.3.8): the sending program must be mended", replies[0]);
            Assert.Equal(["221 2.0.0 Goodbye"], replies.Skip(1));
        }
    });

    [Fact]
    public async Task A_real_end_and_a_second_message_are_two_messages_and_leave_with_clean_line_ends()
    {
        var store = doors.Installation.Simulator.State.Messages;
        await using var smtp = await doors.GreetedAsync();
        // Spelt so that a careless relay would make ends of them.
        const string body = "..\r\n...\r\n.\t\r\n. \r\n.MAIL FROM:<x@example.org>\r\nlast";
        OpenDoors.StoredId(await smtp.HandInAsync("From: noreply@contoso.example\r\nSubject: dots\r\n\r\n" + Stuffed(body), "noreply@contoso.example"));
        OpenDoors.StoredId(await smtp.HandInAsync("From: noreply@contoso.example\r\nSubject: second\r\n\r\nx", "noreply@contoso.example"));
        // Notices about other tests' messages arrive there too.
        string[] subjects = ["dots", "second"];
        var arrived = await GatewayProcess.EventuallyAsync(() => Task.FromResult(
            store.Read().Where(message => subjects.Contains(message.Subject)).ToList() is { Count: >= 2 } both ? both : null), "both messages arrived");
        Assert.Equal(2, arrived.Count);
        Assert.All(arrived, message => Assert.False(message.BareLineEnds));
        var raw = Encoding.Latin1.GetString(store.Raw(arrived.Single(message => message.Subject == "dots").Id)!);
        Assert.EndsWith($"\r\n\r\n{body}\r\n", raw, StringComparison.Ordinal);
        await doors.SoundAsync();
    }

    private static string Stuffed(string body) => string.Join("\r\n", body.Split("\r\n").Select(line => line.StartsWith('.') ? "." + line : line));

    private static bool HasStrayLineEnd(string text) => text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');
}
