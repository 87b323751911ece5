using System.Net;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>The console over HTTP, as a browser without script meets it.</summary>
public sealed partial class ConsoleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_first_link_to_a_connected_provider_and_a_message_that_is_seen_as_sent()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        Assert.Contains("Connect it", await browser.SeeAsync("/"), StringComparison.Ordinal);

        var id = await installation.SendAsync();
        var authorize = (await browser.PostAsync("/providers/contoso", "Connect")).Headers.Location!;
        using (var identity = new HttpClient())
            (await identity.GetAsync(installation.Simulator.Consent(authorize.AbsoluteUri, Installation.Mailbox), Cancellation)).EnsureSuccessStatusCode();
        await installation.Gateway.MessageIsAsync(id, "sent");

        Assert.Contains("Ready", await browser.SeeAsync("/providers/contoso"), StringComparison.Ordinal);
        var tested = (await browser.PostAsync("/providers/contoso", "Test")).Headers.Location!.ToString().Split('#')[0];
        await GatewayProcess.EventuallyAsync(async () => await browser.SeeAsync(tested) is var page && page.Contains("Every step works", StringComparison.Ordinal) ? page : null, "every step works");
        Assert.Contains($"/messages/{id}", await browser.SeeAsync("/messages?state=sent"), StringComparison.Ordinal);
        Assert.Contains("250 2.0.0 OK", await browser.SeeAsync($"/messages/{id}"), StringComparison.Ordinal);
        Assert.Contains("Nothing waits", await browser.SeeAsync("/queue"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_held_released_and_found_by_a_filter()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var id = await installation.SendAsync();
        await browser.PostAsync($"/messages/{id}", "Hold");
        Assert.Equal("held", (await installation.Gateway.Api.Messages.GetAsync(id, Cancellation)).State);
        Assert.Contains($"/messages/{id}", await browser.SeeAsync("/messages?state=held&q=Hello"), StringComparison.Ordinal);
        Assert.Contains("No such message", await browser.SeeAsync("/messages?q=nothing-like-it"), StringComparison.Ordinal);
        await browser.PostAsync($"/messages/{id}", "Release");
        Assert.Equal("queued", (await installation.Gateway.Api.Messages.GetAsync(id, Cancellation)).State);
    }

    [Fact]
    public async Task Sending_that_is_held_is_told_on_every_page_and_released_in_the_queue()
    {
        await using var installation = await Installation.StartAsync();
        using var browser = await Browser.OwnerAsync(installation);
        await browser.FormAsync("/queue?handler=Hold", []);
        var id = await installation.SendAsync();
        foreach (var path in new[] { "/", "/messages", "/providers", "/alerts", "/doctor" })
            Assert.Contains("mail is taken and nothing goes out", await browser.SeeAsync(path), StringComparison.Ordinal);
        await GatewayProcess.EventuallyAsync(async () => await browser.SeeAsync("/") is var overview && overview.Contains("Sending is held: nothing goes out until it is released.", StringComparison.Ordinal)
            && overview.Contains("1 message waits; nothing is lost.", StringComparison.Ordinal) ? overview : null, "the overview says so");
        Assert.Contains("1 message goes out now", await browser.SeeAsync("/queue?handler=Release"), StringComparison.Ordinal);
        Assert.Equal("queued", (await installation.Gateway.Api.Messages.GetAsync(id, Cancellation)).State);
        await browser.FormAsync("/queue?handler=Release", []);
        await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.DoesNotContain("nothing goes out", await browser.SeeAsync("/"), StringComparison.Ordinal);
        using var viewer = await browser.InviteAsync("vera", "viewer");
        Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync("/queue?handler=Hold"));
    }

    [Fact]
    public async Task The_overview_counts_what_waits_for_the_provider_that_it_speaks_of()
    {
        await using var installation = await Installation.StartAsync();
        // What cannot be had takes no other figure with it, and no page.
        Crashes.DatabaseFile.Query(installation.Gateway.DataDirectory, "alter table incidents rename to incidents_elsewhere");
        await installation.AddProviderAsync("third", Postrider.Simulator.Seed.Alerts, with: new() { ["displayName"] = "Third" }, connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var halved = await browser.SeeAsync("/");
        Assert.Matches("<h2>Soon</h2>\\s*<p[^>]*>It could not be looked up", halved);
        Assert.Contains("<dt>Waiting</dt><dd>0<", halved, StringComparison.Ordinal);
        Crashes.DatabaseFile.Query(installation.Gateway.DataDirectory, "alter table incidents_elsewhere rename to incidents");
        await browser.PostAsync("/providers/contoso", "Pause");
        await installation.SendManyAsync(2);
        await GatewayProcess.EventuallyAsync(async () => await browser.SeeAsync("/") is var page && page.Contains("Third is not connected yet.", StringComparison.Ordinal) && page.Contains("No mail waits.", StringComparison.Ordinal) && page.Contains("<dt>Waiting</dt><dd>2</dd>", StringComparison.Ordinal) ? page : null,
            "two wait for the first provider, and none for the one that is not connected");
        await installation.Gateway.Api.Providers.RemoveAsync("third", Cancellation);
        await GatewayProcess.EventuallyAsync(async () => await browser.SeeAsync("/") is var page && page.Contains("Contoso is paused.", StringComparison.Ordinal) && page.Contains("2 messages wait", StringComparison.Ordinal) ? page : null, "the one that is paused is told with what waits for it");
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_is_a_page_for_browsers_and_a_problem_for_programs()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var http = new HttpClient { BaseAddress = installation.Gateway.HttpUrl };
        foreach (var (path, accept, type) in new[] { ("/nothing", "text/html,*/*;q=0.8", "text/html"), ("/nothing", "application/json", "application/problem+json"), ("/api/v1/nothing", "application/json", "application/problem+json"), ("/api/v1/nothing", "text/html", "text/plain") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Accept", accept);
            using var answer = await http.SendAsync(request, Cancellation);
            Assert.Equal((HttpStatusCode.NotFound, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            if (type == "text/html")
                Assert.Contains("There is no such page", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Failures_that_differ_in_the_address_only_are_one_cause()
    {
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.SmtpFaults.Add(new Postrider.Simulator.SmtpFault(Postrider.Simulator.SmtpStage.Rcpt, "550 5.1.1 User unknown"));
        var id = "";
        foreach (var to in new[] { "a@example.org", "b@example.org", "c@example.org" })
            await installation.Gateway.MessageIsAsync(id = await installation.SendAsync(to), "failed");
        using var browser = await Browser.OwnerAsync(installation);
        await GatewayProcess.EventuallyAsync(async () => await browser.SeeAsync("/") is var page && page.Contains("The address or its", StringComparison.Ordinal) && !page.Contains("a@example.org", StringComparison.Ordinal) ? page : null, "one cause on the overview");
        var provider = await browser.SeeAsync("/providers/contoso");
        Assert.DoesNotContain("b@example.org", provider, StringComparison.Ordinal);
        Assert.Contains(" ×</strong> The address or its domain does not exist", provider, StringComparison.Ordinal);

        // What was said is told, and the message goes to somebody else as a new one.
        var failed = await browser.SeeAsync($"/messages/{id}");
        Assert.Contains("signed in with XOAUTH2", failed, StringComparison.Ordinal);
        Assert.Contains("C: RCPT TO:<c@example.org> ORCPT=rfc822;c@example.org\nS: 550 5.1.1 User unknown", failed, StringComparison.Ordinal);
        installation.Simulator.State.SmtpFaults.Clear();
        using var wrong = await browser.FormAsync($"/messages/{id}/resend", new() { ["to"] = "nobody" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var resent = await browser.FormAsync($"/messages/{id}/resend", new() { ["to"] = "d@example.org" });
        var copy = resent.Headers.Location!.ToString()["/messages/".Length..];
        await installation.Gateway.MessageIsAsync(copy, "sent");
        var again = (await installation.Gateway.Api.Messages.ResendAsync(copy, cancellation: Cancellation)).Id;
        await installation.Gateway.MessageIsAsync(again, "sent");
        var story = await Task.WhenAll(new[] { id, copy, again }.Select(one => installation.Gateway.Api.Messages.GetAsync(one, Cancellation)));
        Assert.Equal(3, story.Select(message => message.MessageId).Distinct().Count());
        Assert.Equal(["d@example.org", "d@example.org"], story.Skip(1).Select(message => message.To.Single()));
        Assert.Contains(story[0].Events, told => told.Kind == "resent" && told.Detail.Contains(copy, StringComparison.Ordinal));
        Assert.All(story.Skip(1), message => Assert.Null(message.Attempts.Single().Transcript));
    }

    [Fact]
    public async Task What_others_wrote_is_shown_as_text_and_pages_carry_their_policy()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new() { ["displayName"] = "<img src=x onerror=alert(1)>" }, connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        var sent = await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "<script>alert(1)</script>", Text = "x" }, cancellation: Cancellation);
        foreach (var path in new[] { "/", "/providers", "/providers/contoso", "/messages", $"/messages/{sent.Id}", "/queue" })
        {
            using var answer = await browser.Http.GetAsync(path, Cancellation);
            var page = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"<(script(?! src=)|style)|<[^>]*\s(style|on[a-z]+)=", page);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nobody_sees_or_does_anything_without_signing_in_or_without_the_forms_own_token()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        using var stranger = new Browser(installation.Gateway.HttpUrl);
        foreach (var path in new[] { "/", "/providers", "/providers/contoso", "/messages", "/queue" })
        {
            using var answer = await stranger.Http.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith("/sign-in", answer.Headers.Location!.ToString().Replace(installation.Gateway.HttpUrl.GetLeftPart(UriPartial.Authority), "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        using var forged = await browser.Http.PostAsync("/providers/contoso?handler=Pause", new FormUrlEncodedContent([]), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal("needsConsent", (await installation.ProviderAsync()).Text("state"));
        // The interface takes keys and no cookies.
        using var api = await browser.Http.GetAsync("/api/v1/providers", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);

        using var away = await stranger.FormAsync("/sign-in?next=https://evil.example/", new() { ["name"] = "anna", ["password"] = Browser.Password });
        Assert.Equal("/", away.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_a_name_and_a_link_works_once()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var link = (await installation.Gateway.Api.Console.LinkAsync(null, Cancellation)).Url;
        using var browser = new Browser(installation.Gateway.HttpUrl);
        await browser.SetUpAsync(link);
        Assert.Contains("it was used, a newer one has taken its place", await browser.SeeAsync(new Uri(link).AbsolutePath), StringComparison.Ordinal);
        Assert.Contains("First steps", await browser.SeeAsync("/welcome"), StringComparison.Ordinal);
        Assert.Contains("leads here", await browser.SeeAsync("/welcome"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<PostriderException>(() => installation.Gateway.Api.Console.LinkAsync(null, Cancellation));

        using var other = new Browser(installation.Gateway.HttpUrl);
        for (var tries = 0; tries < 5; tries++)
        {
            using var wrong = await other.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = "wrong" });
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
        using var locked = await other.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = Browser.Password });
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.StatusCode);

        // An owner who is still in lets the person try again.
        var anna = PersonOf().Match(await browser.SeeAsync("/settings/people")).Groups[1].Value;
        await browser.PostAsync($"/settings/people/{anna}", "Unlock");
        using var unlocked = await other.FormAsync("/sign-in", new() { ["name"] = "anna", ["password"] = Browser.Password });
        Assert.Equal(HttpStatusCode.Redirect, unlocked.StatusCode);
        Assert.Equal("anna", Assert.Single((await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Action = "person unlocked" }, cancellation: Cancellation)).Items).Target);

        // Whoever has the data directory makes a link, and with a new password the old sessions end.
        var (exitCode, output, error) = await installation.Gateway.CliAsync("console-link", "anna");
        Assert.True(exitCode == 0, error);
        using var again = new Browser(installation.Gateway.HttpUrl);
        await again.SetUpAsync(LinkIn().Match(output).Value, "another sentence, quite as good");
        using var ended = await browser.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, ended.StatusCode);
    }

    [Fact]
    public async Task Ten_wrong_links_or_answers_and_twenty_tries_to_sign_in_a_minute_are_all_that_an_address_has()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var link = new Uri((await installation.Gateway.Api.Console.LinkAsync(null, Cancellation)).Url).AbsolutePath;
        using var guesser = new Browser(installation.Gateway.HttpUrl);
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.OK, await guesser.StatusAsync($"/setup/wrong-{guess}"));
            Assert.Equal(HttpStatusCode.BadRequest, await guesser.StatusAsync($"/oauth/callback?code=x&state=wrong-{guess}"));
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, await guesser.StatusAsync("/oauth/callback?code=x&state=wrong"));
        // The right one, too, has to wait, and is not used up.
        using var refused = await guesser.Http.GetAsync(link, Cancellation);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("Wait a minute, and open yours again", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var token = await guesser.TokenAsync("/sign-in");
        for (var tries = 1; tries <= 21; tries++)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["name"] = $"name{tries}", ["password"] = "" });
            using var answer = await guesser.Http.PostAsync("/sign-in", form, Cancellation);
            Assert.Equal(tries <= 20 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, answer.StatusCode);
        }
    }

    [GeneratedRegex("/settings/people/([0-9a-f]{32})")]
    private static partial Regex PersonOf();

    [GeneratedRegex(@"http://\S+/setup/\S+")]
    private static partial Regex LinkIn();
}
