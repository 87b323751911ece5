using System.Text.Json;
using Postrider.Client;

namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class MessageCommandTests
{
    [Fact]
    public async Task Filters_become_the_query()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/messages", """{"items":[]}""");

        Assert.Equal(0, await shell.RunAsync(
            "message", "list", "--state", "failed", "--provider", "m", "--client", "erp", "--from", "me@contoso.com", "--to", "a@example.org",
            "--since", "2026-05-01T08:30:00Z", "--until", "2026-05-02T00:00:00+02:00", "--query", "invoice 42", "--limit", "5"));
        Assert.Equal(
            "?state=failed&provider=m&client=erp&from=me%40contoso.com&to=a%40example.org&since=2026-05-01T08%3A30%3A00Z"
            + "&until=2026-05-01T22%3A00%3A00Z&q=invoice%2042&limit=5",
            shell.Gateway.Only.Query);
    }

    [Fact]
    public async Task The_list_is_read_on_until_the_limit_and_says_that_there_is_more()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/messages", Samples.Page("c1", "id1", "id2")).Answers("GET /api/v1/messages", Samples.Page("c2", "id3"));

        Assert.Equal(0, await shell.RunAsync("message", "list", "--limit", "3"));
        Assert.Equal(["?limit=3", "?limit=1&cursor=c1"], shell.Gateway.Requests.Select(asked => asked.Query));
        Assert.Contains("id3", shell.Out, StringComparison.Ordinal);
        Assert.Contains("--cursor c2", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piped_list_is_neither_cut_nor_wrapped()
    {
        await using var shell = await Shell.StartAsync();
        var id = new string('i', 300);
        shell.Gateway.Answers("GET /api/v1/messages", Samples.Page(null, id));

        await shell.RunAsync("message", "list");
        var lines = shell.Out.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(id, lines[1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public async Task The_story_tells_attempts_with_cause_and_remedy_and_recipients_where_they_differ()
    {
        await using var shell = await Shell.StartAsync();
        var message = Samples.Detail("failed", ("a@example.org", "sent"), ("b@example.org", "failed"));
        message = message with
        {
            FinishedAt = Samples.Noon.AddMinutes(1),
            Events =
            [
                new() { At = Samples.Noon, Kind = "accepted", Actor = "erp", Detail = "" },
                new() { At = Samples.Noon.AddSeconds(30), Kind = "retried", Actor = "admin", Detail = "" },
            ],
            Attempts =
            [
                new() { Number = 1, Provider = "m", StartedAt = Samples.Noon, FinishedAt = Samples.Noon, Outcome = "deferred", Stage = "auth", Reply = "451 4.7.500 busy", Cause = "Too many at once.", Remedy = "Nothing to do." },
                new() { Number = 2, Provider = "m", StartedAt = Samples.Noon.AddMinutes(1), FinishedAt = Samples.Noon.AddMinutes(1), Outcome = "partly", Reply = "250 OK\u001b[2J" },
            ],
            Recipients = [message.Recipients[0], message.Recipients[1] with { Reply = "550 5.1.1 no such user" }],
        };
        shell.Gateway.Answers("GET /api/v1/messages/01J8", JsonSerializer.Serialize(message, PostriderJson.Default.MessageDetail));

        Assert.Equal(0, await shell.RunAsync("message", "show", "01J8"));
        Assert.StartsWith("✕ failed  Invoice 42", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Handed in by erp over SMTP, 4.2 KiB; on disk.", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Attempt 1 through m: deferred at auth.", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Cause   Too many at once.", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Reply   451 4.7.500 busy", shell.Out, StringComparison.Ordinal);
        Assert.Contains("✕ failed  b@example.org", shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shell.Out);
        Assert.True(shell.Out.IndexOf("Attempt 1", StringComparison.Ordinal) < shell.Out.IndexOf("retried by admin", StringComparison.Ordinal));
        Assert.True(shell.Out.IndexOf("retried by admin", StringComparison.Ordinal) < shell.Out.IndexOf("Attempt 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ids_are_changed_one_by_one_and_a_refusal_does_not_stop_the_others()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages/a/cancel", """{"count":1}""").Answers("POST /api/v1/messages/c/cancel", """{"count":1}""");

        Assert.Equal(1, await shell.RunAsync("message", "cancel", "a", "b", "c"));
        Assert.Equal("Cancelled 2 messages.", shell.Out.Trim());
        Assert.Contains("b:", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_needs_consent_when_nobody_can_be_asked()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunAsync("message", "retry", "--state", "failed"));
        Assert.Contains("--yes", shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Gateway.Requests);
    }

    [Fact]
    public async Task With_yes_a_filter_is_changed_at_once()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages/retry", """{"count":42}""");

        Assert.Equal(0, await shell.RunAsync("message", "retry", "--state", "failed", "--provider", "m", "--yes", "--json"));
        Assert.Equal("POST /api/v1/messages/retry?state=failed&provider=m", shell.Gateway.Only.Line);
        Assert.Equal("""{"count":42}""", shell.Out.Trim());
    }

    [Theory]
    [InlineData("y\n", 0, 3)]
    [InlineData("\n", 1, 2)]
    public async Task A_person_is_asked_with_the_count(string answer, int code, int requests)
    {
        await using var shell = await Shell.StartAsync(someoneTypes: true);
        shell.Gateway
            .Answers("GET /api/v1/messages/cancel", """{"count":20000,"nextCursor":"c"}""").Answers("GET /api/v1/messages/cancel", """{"count":3}""")
            .Answers("POST /api/v1/messages/cancel", """{"count":20003}""");

        Assert.Equal(code, await shell.RunWithInputAsync(answer, "message", "cancel", "--state", "queued"));
        Assert.Contains("Cancel 20,003 messages? [y/N]", shell.Out, StringComparison.Ordinal);
        Assert.Equal(requests, shell.Gateway.Requests.Count);
    }

    [Fact]
    public async Task A_person_is_not_asked_about_nothing()
    {
        await using var shell = await Shell.StartAsync(someoneTypes: true);
        shell.Gateway.Answers("GET /api/v1/messages/expire", """{"count":0}""");

        Assert.Equal(1, await shell.RunAsync("message", "expire", "--state", "queued"));
        Assert.Equal("There is nothing to give up.", shell.Out.Trim());
    }

    [Fact]
    public async Task An_act_goes_on_where_the_answer_ended_until_all_is_done()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("POST /api/v1/messages/hold", """{"count":20000,"nextCursor":"c1"}""").Answers("POST /api/v1/messages/hold", """{"count":0,"nextCursor":"c2"}""")
            .Answers("POST /api/v1/messages/hold", """{"count":7}""");

        Assert.Equal(0, await shell.RunAsync("message", "hold", "--client", "newsletter", "--yes"));
        Assert.Equal(["?client=newsletter", "?client=newsletter&cursor=c1", "?client=newsletter&cursor=c2"], shell.Gateway.Requests.Select(asked => asked.Query));
        Assert.Equal("Holding 20,007 messages.", shell.Out.Trim());
    }

    [Fact]
    public async Task What_was_reached_before_a_failure_is_told()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("POST /api/v1/messages/cancel", """{"count":20000,"nextCursor":"c1"}""")
            .Answers("POST /api/v1/messages/cancel", """{"title":"The database does not answer."}""", 503);

        Assert.Equal(1, await shell.RunAsync("message", "cancel", "--state", "queued", "--yes"));
        Assert.Contains("Cancelled 20,000 messages before it ended.", shell.Error, StringComparison.Ordinal);
        Assert.Contains("The database does not answer.", shell.Error, StringComparison.Ordinal);
        Assert.Equal("", shell.Out);
    }
}
