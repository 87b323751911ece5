using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Postrider.EndToEnd.Running;
using Postrider.Server;
using Postrider.Server.Console.People;

namespace Postrider.EndToEnd;

/// <summary>Ways into the console, and ways that are none.</summary>
public sealed partial class SignInTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_codes_switched_on_a_password_alone_opens_nothing_and_each_code_works_once()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await browser.PostAsync("/settings/you/code", "Begin");
        var page = await browser.SeeAsync("/settings/you/code");
        Assert.Contains("<svg class=\"qr\"", page, StringComparison.Ordinal);
        var secret = Secret().Match(page).Value.Replace(" ", "", StringComparison.Ordinal);
        using var mistyped = await browser.FormAsync("/settings/you/code", new() { ["code"] = "000000" }, "/settings/you/code?handler=Confirm");
        Assert.Equal(HttpStatusCode.BadRequest, mistyped.StatusCode);
        var first = Code(secret, -1);
        using var confirmed = await browser.FormAsync("/settings/you/code", new() { ["code"] = first }, "/settings/you/code?handler=Confirm");
        var recovery = Recovery().Matches(await browser.SeeAsync("/settings/you/code")).Select(match => match.Value).ToList();
        Assert.Equal(10, recovery.Count);
        Assert.Empty(Recovery().Matches(await browser.SeeAsync("/settings/you/code")));

        using var other = new Browser(installation.Gateway.HttpUrl);
        Assert.Equal("/sign-in", await other.LandsOnAsync("/sign-in/code"));
        Assert.Equal("/sign-in/code", await SignInAsync(other, "/sign-in?next=/queue"));
        Assert.StartsWith("/sign-in", await other.LandsOnAsync("/"), StringComparison.Ordinal);
        using var used = await other.FormAsync("/sign-in/code", new() { ["code"] = first });
        Assert.Equal(HttpStatusCode.Unauthorized, used.StatusCode);
        using var right = await other.FormAsync("/sign-in/code", new() { ["code"] = Code(secret, 0) });
        Assert.Equal("/queue", right.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, await other.StatusAsync("/"));

        using var again = new Browser(installation.Gateway.HttpUrl);
        await SignInAsync(again);
        using var replayed = await again.FormAsync("/sign-in/code", new() { ["code"] = Code(secret, 0) });
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
        using var recovered = await again.FormAsync("/sign-in/code", new() { ["code"] = recovery[3].ToUpperInvariant() });
        Assert.Equal(HttpStatusCode.Redirect, recovered.StatusCode);
        Assert.Contains("9 are left", await again.SeeAsync("/"), StringComparison.Ordinal);

        // The secret is sealed, and moves with the keys.
        Assert.Equal(0, (await installation.Gateway.CliAsync("secrets", "rotate")).ExitCode);
        await again.PostAsync("/settings/you/code", "Off");
        using var alone = new Browser(installation.Gateway.HttpUrl);
        Assert.Equal("/", await SignInAsync(alone));
    }

    [Fact]
    public async Task Wrong_codes_lock_like_wrong_passwords_a_link_does_not_go_around_them_and_whoever_has_the_server_takes_them_away()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await browser.PostAsync("/settings/you/code", "Begin");
        var secret = Secret().Match(await browser.SeeAsync("/settings/you/code")).Value.Replace(" ", "", StringComparison.Ordinal);
        using var on = await browser.FormAsync("/settings/you/code", new() { ["code"] = Code(secret, 0) }, "/settings/you/code?handler=Confirm");

        // A right password in between does not begin the count anew.
        using var guesser = new Browser(installation.Gateway.HttpUrl);
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal("/sign-in/code", await SignInAsync(guesser));
            using var wrong = await guesser.FormAsync("/sign-in/code", new() { ["code"] = "12345" + guess });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
        using var locked = await guesser.FormAsync("/sign-in/code", new() { ["code"] = Code(secret, 1) });
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);

        var (_, made, _) = await installation.Gateway.CliAsync("console-link", "anna");
        using var linked = new Browser(installation.Gateway.HttpUrl);
        using var set = await linked.FormAsync(new Uri(Link().Match(made).Value).AbsolutePath, new() { ["password"] = Browser.Password, ["repeat"] = Browser.Password });
        Assert.Equal("/sign-in", set.Headers.Location!.ToString());
        Assert.StartsWith("/sign-in", await linked.LandsOnAsync("/"), StringComparison.Ordinal);

        var (exitCode, output, error) = await installation.Gateway.CliAsync("console-link", "anna", "--reset-codes");
        Assert.True(exitCode == 0, error);
        using var reset = new Browser(installation.Gateway.HttpUrl);
        await reset.SetUpAsync(Link().Match(output).Value);
        Assert.Equal(HttpStatusCode.OK, await reset.StatusAsync("/"));
    }

    [Fact]
    public async Task No_session_is_taken_over_from_the_browser_and_no_answer_leads_out_of_the_console()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using (await Browser.OwnerAsync(installation))
        using (var victim = new Browser(installation.Gateway.HttpUrl))
        {
            var planted = new Cookie("postrider-session", "planted-by-somebody-else", "/", victim.Http.BaseAddress!.Host);
            victim.Cookies.Add(planted);
            Assert.Equal("/", await SignInAsync(victim));
            var mine = victim.Cookies.GetCookies(victim.Http.BaseAddress)["postrider-session"]!;
            Assert.NotEqual(planted.Value, mine.Value);
            Assert.True(mine.HttpOnly);
            using var thief = new Browser(installation.Gateway.HttpUrl);
            thief.Cookies.Add(new Cookie("postrider-session", "planted-by-somebody-else", "/", victim.Http.BaseAddress.Host));
            Assert.StartsWith("/sign-in", await thief.LandsOnAsync("/"), StringComparison.Ordinal);

            // A second sign-in ends the first session of this browser: its old token is worth nothing.
            var old = mine.Value;
            Assert.Equal("/", await SignInAsync(victim));
            thief.Cookies.Add(new Cookie("postrider-session", old, "/", victim.Http.BaseAddress.Host));
            Assert.StartsWith("/sign-in", await thief.LandsOnAsync("/"), StringComparison.Ordinal);
            // And so does signing out.
            var last = victim.Cookies.GetCookies(victim.Http.BaseAddress)["postrider-session"]!.Value;
            using var signedOut = await victim.FormAsync("/", [], "/sign-in?handler=Out");
            thief.Cookies.Add(new Cookie("postrider-session", last, "/", victim.Http.BaseAddress.Host));
            Assert.StartsWith("/sign-in", await thief.LandsOnAsync("/"), StringComparison.Ordinal);

            foreach (var away in new[] { "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\t/evil.example", " https://evil.example", "http:evil.example" })
            {
                Assert.Equal("/", await SignInAsync(victim, $"/sign-in?next={Uri.EscapeDataString(away)}"));
                using var proved = await victim.FormAsync($"/prove?next={Uri.EscapeDataString(away)}", new() { ["password"] = Browser.Password });
                Assert.Equal("/", proved.Headers.Location!.ToString());
            }
        }
    }

    [Fact]
    public async Task No_act_is_done_without_the_forms_own_token()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.Gateway.Api.Clients.AddAsync(new() { Name = "erp" }, Cancellation);
        using var browser = await Browser.OwnerAsync(installation);
        foreach (var act in new[]
        {
            "/sign-in", "/sign-in?handler=Out", "/sign-in/code", "/prove", "/apps/clients/add", "/apps/clients/erp?handler=Rotate", "/apps/clients/erp?handler=Remove", "/apps/keys/add", "/messages/act?act=cancel&state=queued",
            "/doctor", "/alerts?handler=Mail", "/alerts/webhooks/add", "/settings/people/invite", "/apps/clients/erp/edit", "/settings/you?handler=Password", "/settings/you?handler=EndOthers", "/settings/you/code?handler=Begin", "/settings/you/code?handler=Off", "/settings/installation?handler=Rotate",
        })
        {
            using var forged = await browser.Http.PostAsync(act, new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "x" }), Cancellation);
            Assert.True(forged.StatusCode == HttpStatusCode.BadRequest, $"{act}: {forged.StatusCode}");
            // A token that another session was given is none.
            using var stranger = new Browser(installation.Gateway.HttpUrl);
            using var foreign = await browser.Http.PostAsync(act, new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = await stranger.TokenAsync("/sign-in") }), Cancellation);
            Assert.True(foreign.StatusCode == HttpStatusCode.BadRequest, $"{act}: {foreign.StatusCode}");
        }
        Assert.Single((await installation.Gateway.Api.Clients.ListAsync(Cancellation)).Items);
    }

    [Fact]
    public async Task What_is_dangerous_asks_again_after_ten_minutes_and_an_idle_session_ends_though_its_page_refreshes_itself()
    {
        var data = Directory.CreateTempSubdirectory("postrider-signin-").FullName;
        var clock = new ShiftedTime();
        await using (var gateway = await GatewayApp.CreateAsync(new GatewayArguments { Data = data, Http = "127.0.0.1:0", Smtp = "127.0.0.1:0" }, services => services.AddSingleton<TimeProvider>(clock), Cancellation))
        {
            await gateway.StartAsync(Cancellation);
            using var browser = new Browser(gateway.HttpUrl);
            await browser.SetUpAsync((await gateway.Services.GetRequiredService<OneTimeLinks>().MakeAsync(null, Cancellation)).Url.AbsoluteUri);
            Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync("/apps/keys/add"));
            var token = await browser.TokenAsync("/apps/keys/add");

            clock.Shift = TimeSpan.FromMinutes(11);
            Assert.Equal("/prove?next=%2Fapps%2Fkeys%2Fadd", await browser.LandsOnAsync("/apps/keys/add"));
            // What was opened in time and typed since is taken; not what was left lying about for longer, and no act of a page that asked for nothing.
            using var typed = await browser.Http.PostAsync("/settings/people/invite", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["name"] = "berta", ["role"] = "viewer" }), Cancellation);
            Assert.StartsWith("/settings/people/", typed.Headers.Location!.ToString(), StringComparison.Ordinal);
            using var act = await browser.Http.PostAsync("/settings/installation?handler=Rotate", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token }), Cancellation);
            Assert.StartsWith("/prove", act.Headers.Location!.ToString(), StringComparison.Ordinal);
            clock.Shift = TimeSpan.FromMinutes(38);
            Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync("/apps"));
            clock.Shift = TimeSpan.FromMinutes(41);
            using var late = await browser.Http.PostAsync("/apps/keys/add", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["name"] = "late", ["scopes"] = "admin" }), Cancellation);
            Assert.StartsWith("/prove", late.Headers.Location!.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("late", await browser.SeeAsync("/apps"), StringComparison.Ordinal);
            using var wrong = await browser.FormAsync("/prove?next=/apps/keys/add", new() { ["password"] = "wrong" });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            using var proved = await browser.FormAsync("/prove?next=/apps/keys/add", new() { ["password"] = Browser.Password });
            Assert.Equal("/apps/keys/add", proved.Headers.Location!.ToString());
            Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync("/apps/keys/add"));

            for (var minutes = 42; minutes < 75; minutes += 2)
            {
                clock.Shift = TimeSpan.FromMinutes(minutes);
                using var refresh = new HttpRequestMessage(HttpMethod.Get, "/");
                refresh.Headers.Add("HX-Request", "true");
                using var answer = await browser.Http.SendAsync(refresh, Cancellation);
                Assert.Equal(minutes < 72 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
            }
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Where_a_request_came_from_is_taken_from_proxies_that_are_known_and_from_nobody_else()
    {
        foreach (var (known, address, secure) in new[] { ("", "127.0.0.1", false), ("10.1.2.3", "127.0.0.1", false), ("127.0.0.1", "203.0.113.9", true) })
        {
            await using var installation = await Installation.StartAsync(connect: false, settings: new Dictionary<string, string> { ["POSTRIDER__KnownProxies"] = known });
            using var browser = await Browser.OwnerAsync(installation);
            using var other = new Browser(installation.Gateway.HttpUrl);
            other.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
            other.Http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
            using var answer = await other.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = Browser.Password });
            Assert.Equal(secure, answer.Headers.Contains("Strict-Transport-Security"));
            // Either way the cookie is for https alone.
            Assert.Contains(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-postrider-session=", StringComparison.Ordinal) && cookie.Contains("secure", StringComparison.Ordinal));
            var entry = (await installation.Gateway.Api.Console.AuditAsync(new() { Action = "signed in" }, cancellation: Cancellation)).Items[0];
            Assert.Equal(address, entry.Address);
        }
        var data = Directory.CreateTempSubdirectory("postrider-signin-").FullName;
        await Assert.ThrowsAsync<InvalidOperationException>(() => GatewayProcess.StartAsync(data, new Dictionary<string, string> { ["POSTRIDER__KnownProxies"] = "0.0.0.0/0" }));
        Directory.Delete(data, recursive: true);
    }

    private static async Task<string> SignInAsync(Browser browser, string path = "/sign-in")
    {
        using var answer = await browser.FormAsync(path, new() { ["name"] = "anna", ["password"] = Browser.Password });
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"{answer.StatusCode}");
        return answer.Headers.Location!.ToString();
    }

    /// <summary>RFC 6238, as an app computes it.</summary>
    private static string Code(string secret, int steps)
    {
        var bits = string.Concat(secret.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(at => Convert.ToByte(bits.Substring(at * 8, 8), 2)).ToArray();
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30 + steps);
#pragma warning disable CA5350 // The standard is SHA-1.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue) % 1_000_000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }

    [GeneratedRegex("(?<=>)([A-Z2-7]{4} ){7}[A-Z2-7]{4}(?=<)")]
    private static partial Regex Secret();

    [GeneratedRegex("[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}")]
    private static partial Regex Recovery();

    [GeneratedRegex(@"http://\S+/setup/\S+")]
    private static partial Regex Link();
}
