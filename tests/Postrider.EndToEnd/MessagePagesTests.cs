using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>The list of messages and what one of them says, in the console. What is shown was written by strangers.</summary>
public sealed partial class MessagePagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private const string Hostile = """
        From: "<script>alert('from')</script>" <noreply@contoso.example>
        To: someone@example.org
        Subject: =?utf-8?Q?=3Cscript=3Ealert=281=29=3C=2Fscript=3E_=E2=80=AEgpj?=
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=outer

        --outer
        Content-Type: multipart/related; boundary=inner

        --inner
        Content-Type: text/html; charset=utf-8

        <html><head><style>@import url(https://evil.example/a.css); p { background: url(https://evil.example/b.png); color: red }</style>
        <script>alert(2)</script><meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/"></head>
        <body onload="alert(3)"><p style="color:blue;background-image:url('https://evil.example/c.png')">Kept text</p>
        <img src="https://evil.example/track.gif" onerror="alert(4)"><img src="cid:logo@contoso"><img src="data:image/svg+xml;base64,PHN2Zz4=">
        <a href="javascript:alert(5)">one</a> <a href="https://evil.example/phish">two</a>
        <form action="https://evil.example/"><input name="password"><button>Sign in</button></form>
        <iframe src="https://evil.example/"></iframe><object data="https://evil.example/x.swf"></object><svg><script>alert(6)</script></svg></body></html>
        --inner
        Content-Type: image/png; name=logo.png
        Content-ID: <logo@contoso>
        Content-Transfer-Encoding: base64

        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
        --inner--
        --outer
        Content-Type: text/html; name="page.html"
        Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fa%22%0D%0AX-Injected%3A%20yes%E2%80%AEfdp.html

        <script>alert(7)</script>
        --outer--
        """;

    [Fact]
    public async Task A_hostile_message_is_looked_at_without_running_fetching_or_injecting_anything_and_every_look_is_written_down()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var id = await HandInAsync(installation, Hostile);

        foreach (var path in new[] { "/messages", $"/messages/{id}", $"/messages/{id}/content" })
        {
            using var answer = await browser.Http.GetAsync(path, Cancellation);
            var page = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.IsSuccessStatusCode, page);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202E", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
            Assert.DoesNotMatch(@"<(script(?! src=)|style)|<[^>]*\s(style|on[a-z]+)=", page);
        }
        var content = await browser.SeeAsync($"/messages/{id}/content");
        Assert.Contains("sandbox=\"\"", content, StringComparison.Ordinal);

        using var frame = await browser.Http.GetAsync($"/messages/{id}/content?handler=Html", Cancellation);
        var html = await frame.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Kept text", html, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,iVBORw0", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script|<form|<input|<button|<iframe|<object|<svg|<meta http-equiv|href=|javascript:|onload|onerror|url\\(|@import|src=\"https?:|svg\\+xml", html);
        var policy = Assert.Single(frame.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.EndsWith("sandbox", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.Equal("SAMEORIGIN", Assert.Single(frame.Headers.GetValues("X-Frame-Options")));

        using var file = await browser.Http.GetAsync($"/messages/{id}/content?handler=File&number=2", Cancellation);
        Assert.Equal("application/octet-stream", file.Content.Headers.ContentType!.MediaType);
        Assert.False(file.Headers.Contains("X-Injected"));
        var disposition = file.Content.Headers.ContentDisposition!;
        Assert.Equal("attachment", disposition.DispositionType);
        Assert.DoesNotMatch("[/\\\\\"\r\n\u202E:]", disposition.FileNameStar!);
        Assert.EndsWith(".html", disposition.FileNameStar, StringComparison.Ordinal);
        Assert.Contains("alert(7)", await file.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var source = await browser.Http.GetAsync($"/messages/{id}/content?handler=Source", Cancellation);
        Assert.Equal("message/rfc822", source.Content.Headers.ContentType!.MediaType);
        Assert.Contains("boundary=outer", await source.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await browser.StatusAsync($"/messages/{id}/content?handler=File&number=9"));

        var rows = await AuditAsync(installation);
        foreach (var look in new[] { "message content looked at", "message HTML looked at", "message file downloaded", "message source downloaded" })
            Assert.Contains(look, rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_goes_back_and_forth_with_its_filter_and_an_act_says_how_many_it_reaches_before_it_is_done()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await installation.SendManyAsync(120);
        await installation.SendAsync("other@example.org");

        var first = await browser.SeeAsync("/messages?to=someone%40example.org");
        var second = await browser.SeeAsync(Link("Older", first)!);
        var third = await browser.SeeAsync(Link("Older", second)!);
        Assert.Equal((50, 50, 20), (Ids(first).Count, Ids(second).Count, Ids(third).Count));
        Assert.Equal(120, Ids(first).Concat(Ids(second)).Concat(Ids(third)).Distinct().Count());
        Assert.Null(Link("Older", third));
        Assert.Equal(Ids(second), Ids(await browser.SeeAsync(Link("Newer", third)!)));
        Assert.Equal(Ids(first), Ids(await browser.SeeAsync(Link("Newer", second)!)));
        Assert.Contains("There is no provider", await browser.SeeAsync("/messages?provider=nothing"), StringComparison.Ordinal);

        // With no filter it would reach everything: refused, as by the interface.
        using var all = await browser.Http.GetAsync("/messages/act?act=cancel", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, all.StatusCode);
        using var picked = await browser.FormAsync($"/messages/act?act=hold&id={Ids(first)[0]}&id={Ids(first)[1]}", []);
        Assert.Contains("2 messages held", await browser.SeeAsync("/messages"), StringComparison.Ordinal);

        var confirm = await browser.SeeAsync("/messages/act?act=cancel&to=someone%40example.org");
        Assert.Contains("Cancel 120 messages", confirm, StringComparison.Ordinal);
        Assert.Contains("to \"someone@example.org\"", confirm, StringComparison.Ordinal);
        var late = await installation.SendAsync();
        var act = Action().Match(confirm).Groups[1].Value;
        using var done = await browser.FormAsync("/messages/act?act=cancel&to=someone%40example.org", [], act);
        Assert.Equal("/messages?to=someone@example.org", done.Headers.Location!.ToString());
        Assert.Contains("120 messages cancelled", await browser.SeeAsync("/messages"), StringComparison.Ordinal);
        // What came after the count is not touched.
        Assert.Equal("queued", (await installation.Gateway.Api.Messages.GetAsync(late, Cancellation)).State);

        // Taken back for those, and once.
        var undo = Undo().Match(await browser.SeeAsync("/messages")).Value;
        using var restored = await browser.FormAsync("/messages", [], undo);
        Assert.Contains("120 messages restored", await browser.SeeAsync("/messages"), StringComparison.Ordinal);
        Assert.Contains("2 more match and stay as they are", await browser.SeeAsync("/messages/act?act=hold&to=someone%40example.org"), StringComparison.Ordinal);
        using var twice = await browser.FormAsync("/messages", [], undo);
        Assert.Contains("It is too late", await browser.SeeAsync("/messages"), StringComparison.Ordinal);

        // One that takes long shows how far it is, to whoever began it.
        Crashes.DatabaseFile.Query(installation.Gateway.DataDirectory, $"insert into recent_acts (id, actor, act, at, ids, held, total, done, reached, query, moved_at) values ('long', 'anna', 'cancel', {Millis}, '', '', 100000, 12300, 12299, '?state=queued', {Millis})");
        Assert.Contains("Cancelling 100,000 messages: 12,300 done", await browser.SeeAsync("/messages"), StringComparison.Ordinal);
        var far = await browser.SeeAsync("/messages/acts/long");
        Assert.Contains("12,300 of 100,000 done", far, StringComparison.Ordinal);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\"", far, StringComparison.Ordinal);
        Crashes.DatabaseFile.Query(installation.Gateway.DataDirectory, $"update recent_acts set done = 100000, reached = 99990, ended_at = {Millis + 9000} where id = 'long'");
        var over = await browser.SeeAsync("/messages/acts/long");
        Assert.Contains("99,990 messages cancelled. 10 stayed as they were: being sent at this moment, or finished.", over, StringComparison.Ordinal);
        Assert.Contains("Restore them", over, StringComparison.Ordinal);

        // A filter is kept under a name, and is this person's own.
        using var kept = await browser.FormAsync("/messages?state=held", new() { ["name"] = "Held <b>" }, "/messages?state=held&handler=Keep");
        var named = await browser.SeeAsync("/messages?state=held");
        Assert.Contains("href=\"/messages?state=held\" aria-current=\"page\">Held <b></a>", named, StringComparison.Ordinal);
        using var berta = await browser.InviteAsync("berta", "viewer");
        Assert.DoesNotContain("Your views", await berta.SeeAsync("/messages"), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, await berta.StatusAsync("/messages/acts/long"));
        using var gone = await browser.FormAsync("/messages?state=held", new() { ["name"] = "Held <b>" }, "/messages?state=held&handler=Forget");
        Assert.DoesNotContain("Your views", await browser.SeeAsync("/messages"), StringComparison.Ordinal);
        using var forged = await browser.Http.PostAsync("/messages/act?act=cancel&state=queued", new FormUrlEncodedContent([]), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
    }

    [Fact]
    public async Task Messages_are_given_up_once_that_is_confirmed_one_or_all_that_match_and_it_cannot_be_taken_back()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var (one, held, other) = (await installation.SendAsync(), await installation.SendAsync(), await installation.SendAsync());
        await installation.Gateway.Api.Messages.HoldAsync(held, Cancellation);
        foreach (var id in new[] { one, held })
            Assert.Contains($"/messages/act?act=expire&id={id}", await browser.SeeAsync("/messages/" + id), StringComparison.Ordinal);

        var confirm = await browser.SeeAsync($"/messages/act?act=expire&id={one}");
        Assert.Contains("Give up 1 message", confirm, StringComparison.Ordinal);
        Assert.Contains("their senders are told by mail", confirm, StringComparison.Ordinal);
        Assert.Contains("danger", confirm, StringComparison.Ordinal);
        using var done = await browser.FormAsync($"/messages/act?act=expire&id={one}", [], Action().Match(confirm).Groups[1].Value);
        Assert.Contains("1 message given up.", await browser.SeeAsync("/messages"), StringComparison.Ordinal);
        await installation.Gateway.MessageIsAsync(one, "failed");
        Assert.DoesNotContain("act=expire", await browser.SeeAsync("/messages/" + one), StringComparison.Ordinal);

        Assert.Contains("/messages/act?act=expire&to=someone@example.org", await browser.SeeAsync("/messages?to=someone%40example.org"), StringComparison.Ordinal);
        confirm = await browser.SeeAsync("/messages/act?act=expire&to=someone%40example.org");
        Assert.Contains("Give up 2 messages", confirm, StringComparison.Ordinal);
        Assert.Contains("1 more matches and stays as it is: being sent at this moment, or finished.", confirm, StringComparison.Ordinal);
        using var both = await browser.FormAsync("/messages/act?act=expire&to=someone%40example.org", [], Action().Match(confirm).Groups[1].Value);
        var list = await browser.SeeAsync("/messages");
        Assert.Contains("2 messages given up.", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Restore them", list, StringComparison.Ordinal);
        foreach (var id in new[] { held, other })
            await installation.Gateway.MessageIsAsync(id, "failed");
    }

    [Fact]
    public async Task The_export_holds_all_that_the_filter_reaches_and_no_formula()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "=HYPERLINK(\"https://evil.example\")", Text = "x" }, cancellation: Cancellation);
        await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = " @SUM(1), \"quoted\"", Text = "x" }, cancellation: Cancellation);
        await installation.SendManyAsync(600);
        using var answer = await browser.Http.GetAsync("/messages?handler=Export&to=someone%40example.org", Cancellation);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(Cancellation)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(603, lines.Length);
        Assert.Contains(lines, line => line.Contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("\"'@SUM(1), \"\"quoted\"\"\"", StringComparison.Ordinal) || line.Contains("\"' @SUM(1), \"\"quoted\"\"\"", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => Formula().IsMatch(line));
    }

    private static long Millis => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static async Task<string> HandInAsync(Installation installation, string source)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(source.ReplaceLineEndings("\r\n")));
        body.Headers.ContentType = new("message/rfc822");
        using var answer = await installation.Gateway.Http.PostAsync($"/api/v1/messages?from={Installation.Mailbox}&to=someone@example.org", body, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, text);
        return System.Text.Json.Nodes.JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    private static async Task<string> AuditAsync(Installation installation)
    {
        var file = Path.Combine(installation.Gateway.DataDirectory, "postrider.db");
        return await File.ReadAllTextAsync(file, Encoding.Latin1, Cancellation) + await File.ReadAllTextAsync(file + "-wal", Encoding.Latin1, Cancellation);
    }

    private static List<string> Ids(string page) => [.. Row().Matches(page).Select(match => match.Groups[1].Value)];

    private static string? Link(string text, string page) => Regex.Match(page, $"<a href=\"([^\"]+)\" rel=\"[a-z]+\">{text}</a>") is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex("id=\"to-([0-9a-f]{32})\"")]
    private static partial Regex Row();

    [GeneratedRegex("/messages/act\\?handler=Undo&of=[0-9a-f]{32}")]
    private static partial Regex Undo();

    [GeneratedRegex("action=\"(/messages/act[^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex(",\"\\s*[=+@|-]|^\"\\s*[=+@|-]")]
    private static partial Regex Formula();
}
