using System.Text;
using Postrider.Client;

namespace Postrider.EndToEnd.Hostile;

/// <summary>AUTH at the SMTP door (RFC 4954). Each test that fails on purpose comes from an address of its own, which only itself slows.</summary>
[Collection(OpenDoors.Name)]
public sealed class SignInTests(OpenDoors doors)
{
    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private string Plain(string authzid = "") => Base64($"{authzid}\0{doors.User}\0{doors.Password}");

    [Fact]
    public async Task PLAIN_and_LOGIN_sign_in_with_and_without_an_initial_response()
    {
        foreach (var (command, answers) in new (string, string[])[]
        {
            ($"AUTH PLAIN {Plain()}", []),
            ($"auth plain {Plain(doors.User)}", []),
            ("AUTH PLAIN", [Plain()]),
            ("AUTH LOGIN", [Base64(doors.User), Base64(doors.Password)]),
            ($"AUTH LOGIN {Base64(doors.User)}", [Base64(doors.Password)]),
        })
        {
            await using var smtp = await doors.GreetedAsync("127.0.0.21");
            var reply = await smtp.SayAsync(command);
            foreach (var answer in answers)
            {
                Assert.StartsWith("334 ", reply, StringComparison.Ordinal);
                reply = await smtp.SayAsync(answer);
            }
            Assert.Equal("235 2.7.0 Welcome", reply);
            Assert.Equal("503 5.5.1 You have signed in already", await smtp.SayAsync($"AUTH PLAIN {Plain()}"));
            Assert.Equal("250 2.1.0 Sender taken", await smtp.SayAsync("MAIL FROM:<alerts@contoso.example>"));
        }
    }

    [Fact]
    public async Task LOGIN_asks_in_the_words_that_devices_expect()
    {
        await using var smtp = await doors.GreetedAsync("127.0.0.21");
        Assert.Equal($"334 {Base64("Username:")}", await smtp.SayAsync("AUTH LOGIN"));
        Assert.Equal($"334 {Base64("Password:")}", await smtp.SayAsync(Base64(doors.User)));
        Assert.Equal("501 5.0.0 Cancelled", await smtp.SayAsync("*"));
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    }

    [Fact]
    public async Task What_is_no_response_is_refused_with_the_reason_and_signs_nobody_in() => await doors.UnchangedByAsync(async () =>
    {
        await using var smtp = await doors.GreetedAsync("127.0.0.22");
        const string plain = "501 5.5.2 That is not a PLAIN response: base64 of NUL, user name, NUL, password (RFC 4616), with no other identity before the first NUL";
        Assert.Equal(plain, await smtp.SayAsync("AUTH PLAIN !!!!"));
        Assert.Equal(plain, await smtp.SayAsync("AUTH PLAIN ="));
        Assert.Equal(plain, await smtp.SayAsync($"AUTH PLAIN {Base64(doors.User)}"));
        Assert.Equal(plain, await smtp.SayAsync($"AUTH PLAIN {Plain("admin")}"));
        Assert.Equal(plain, await smtp.SayAsync($"AUTH PLAIN {Base64($"{doors.User}\0{doors.User}\0{doors.Password}\0")}"));
        Assert.StartsWith("334 ", await smtp.SayAsync("AUTH LOGIN"), StringComparison.Ordinal);
        Assert.Equal("501 5.5.2 That is not base64 text", await smtp.SayAsync("%%%"));
        Assert.StartsWith("334 ", await smtp.SayAsync("AUTH PLAIN"), StringComparison.Ordinal);
        Assert.Equal("500 5.5.6 The line is too long or does not end in CR LF", await smtp.SayAsync(new string('A', 20_000)));
        Assert.Equal("501 5.5.4 Write AUTH and a mechanism, such as AUTH PLAIN", await smtp.SayAsync("AUTH"));
        Assert.Equal("501 5.5.4 Write AUTH and a mechanism, such as AUTH PLAIN", await smtp.SayAsync("AUTH PLAIN a b"));
    });

    [Fact]
    public async Task Ten_wrong_passwords_make_an_address_wait_and_no_other()
    {
        await using (var smtp = await doors.GreetedAsync("127.0.0.23"))
        {
            for (var i = 0; i < 10; i++)
                Assert.Equal("535 5.7.8 User name or password is wrong", await smtp.SayAsync($"AUTH PLAIN {Base64($"\0{(i % 2 == 0 ? doors.User : "nobody")}\0guess{i}")}"));
            Assert.Equal("421 4.7.0 Too many wrong passwords from your address, wait ten minutes", await smtp.SayAsync($"AUTH PLAIN {Plain()}"));
            Assert.Equal("", await smtp.ReplyAsync());
        }
        await using (var again = await doors.GreetedAsync("127.0.0.23"))
            Assert.StartsWith("421 4.7.0 Too many wrong passwords", await again.SayAsync($"AUTH PLAIN {Plain()}"), StringComparison.Ordinal);
        await using var elsewhere = await doors.GreetedAsync("127.0.0.24");
        Assert.Equal("235 2.7.0 Welcome", await elsewhere.SayAsync($"AUTH PLAIN {Plain()}"));
        Assert.DoesNotContain(doors.Password, doors.Gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("guess0", doors.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_passwords_at_the_door_leave_the_providers_grant_alone()
    {
        var before = doors.Installation.Simulator.State.Counters.Read().TokenRequests;
        await using (var smtp = await doors.GreetedAsync("127.0.0.26"))
            for (var i = 0; i < 3; i++)
                Assert.Equal("535 5.7.8 User name or password is wrong", await smtp.SayAsync($"AUTH PLAIN {Base64($"\0{doors.User}\0wrong{i}")}"));
        await using var again = await doors.GreetedAsync("127.0.0.26");
        Assert.Equal("235 2.7.0 Welcome", await again.SayAsync($"AUTH PLAIN {Plain()}"));
        var provider = await doors.Installation.ProviderAsync();
        Assert.Equal(("ready", "true"), ((string)provider["state"]!, provider["refreshTokenSet"]!.ToJsonString()));
        Assert.Equal(before, doors.Installation.Simulator.State.Counters.Read().TokenRequests);
    }

    [Fact]
    public async Task A_client_that_is_removed_is_turned_away_in_the_middle_of_its_session() => await doors.UnchangedByAsync(async () =>
    {
        var made = await doors.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "leaver" }, TestContext.Current.CancellationToken);
        await using var smtp = await doors.GreetedAsync("127.0.0.25");
        Assert.Equal("235 2.7.0 Welcome", await smtp.SayAsync($"AUTH PLAIN {Base64($"\0leaver\0{made.Password}")}"));
        await doors.Gateway.Api.Clients.RemoveAsync("leaver", TestContext.Current.CancellationToken);
        Assert.Equal("421 4.7.0 Your access was withdrawn", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
        Assert.Equal("", await smtp.ReplyAsync());
    });
}
